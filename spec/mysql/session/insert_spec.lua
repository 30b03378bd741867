local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it

local SQL = "INSERT INTO t (a) VALUES (?);"

--- Sends rows as statements of at most `limit` bytes, and gives their texts.
local function statements(talk, sql, rows, limit, is_pyformat)
  local session = talk.session
  local insert = assert(session:insert(sql, rows[1], is_pyformat))
  local texts, at = {}, 1
  while at <= #rows do
    local next_at, _, size = session:insert_rows(insert, rows, at, limit)
    local token = assert(session:insert_send(insert))
    local sent = talk:output()
    assert.equal(size + 5, #sent)
    talk:server(wire.frame(1, wire.ok()))
    assert.is_table(talk:take(token))
    table.insert(texts, sent:sub(6))
    assert.equal(texts[#texts], session:insert_text(insert))
    at = next_at
  end
  return texts
end

describe("an INSERT of many rows", function()
  it_talks("E1: is the text of the statement with a list for each", function(talk)
    talk:log_in()
    local pairs_of = { { 0, "it's" }, { 1, "ä" } }
    local CASES = {
      { "INSERT t VALUES (?,?);", "INSERT t VALUES (0,'it\\'s'),(1,'ä')" },
      { "replace\n  t values\n (? ,\t?)  ", "replace\n  t values\n (0 ,\t'it\\'s'),(1 ,\t'ä')" },
      {
        "INSERT t VALUES(1,?,f(?)) AS n ON DUPLICATE KEY UPDATE a=n.a -- x",
        "INSERT t VALUES(1,0,f('it\\'s')),(1,1,f('ä')) AS n ON DUPLICATE KEY UPDATE a=n.a -- x",
      },
      {
        "/* ? */ INSERT t VALUES (?,'?',?)",
        "/* ? */ INSERT t VALUES (0,'?','it\\'s'),(1,'?','ä')",
      },
    }
    for _, case in ipairs(CASES) do
      assert.same({ case[2] }, statements(talk, case[1], pairs_of, 1000))
    end
  end)

  it_talks("E1: takes maps", function(talk)
    talk:log_in()
    local rows = { { a = 1, b = "x" }, { b = "y", a = 2 } }

    assert.same(
      { "INSERT t VALUES (1,'x',1),(2,'y',2)" },
      statements(talk, "INSERT t VALUES (:a,:b,:a)", rows, 1000)
    )
    assert.same(
      { "INSERT t VALUES (1,'x'),(2,'y')" },
      statements(talk, "INSERT t VALUES (%(a)s,%(b)s)", rows, 1000, true)
    )
  end)

  it_talks("E3: has one percent sign for two, before the list, in it and behind it", function(talk)
    talk:log_in()
    local sql = "INSERT t (`%%a`) VALUES (%s, '5%%') ON DUPLICATE KEY UPDATE `%%a` = 7 %% 4"

    assert.same(
      { "INSERT t (`%a`) VALUES ('%s', '5%'),('%%', '5%') ON DUPLICATE KEY UPDATE `%a` = 7 % 4" },
      statements(talk, sql, { { "%s" }, { "%%" } }, 1000, true)
    )
    assert.same(
      { "INSERT t VALUES ('%%', 1)" },
      statements(talk, "INSERT t VALUES ('%%', ?)", { { 1 } }, 1000)
    )
  end)

  it_talks("E4: is split when the next row would make it too long", function(talk)
    talk:log_in()
    local rows = {}
    for i = 1, 5 do
      rows[i] = { ("x"):rep(20) }
    end

    local sizes = {}
    for i, text in ipairs(statements(talk, SQL, rows, 80)) do
      sizes[i] = #text
    end
    assert.same({ 74, 74, 49 }, sizes)
    assert.equal(3, #statements(talk, SQL, rows, 74))
    assert.equal(5, #statements(talk, SQL, rows, 73))
    assert.equal(5, #statements(talk, SQL, rows, 1))
    assert.equal(1, #statements(talk, SQL, rows, 149))
    assert.equal(2, #statements(talk, SQL, rows, 148))
  end)

  it_talks("E4: counts what stands behind the list", function(talk)
    talk:log_in()
    local sql = "INSERT INTO t (a) VALUES (?) RETURNING a;"

    assert.equal(1, #statements(talk, sql, { { 1 }, { 2 } }, 25 + 7 + 12))
    assert.equal(2, #statements(talk, sql, { { 1 }, { 2 } }, 25 + 7 + 12 - 1))
  end)

  it_talks("is not made of what has a value outside of the list", function(talk)
    talk:log_in()
    for _, sql in ipairs({
      "INSERT INTO t SELECT ?",
      "INSERT INTO t (a) VALUES (?) ON DUPLICATE KEY UPDATE a = ?",
      "INSERT INTO t PARTITION (?) VALUES (?)",
    }) do
      assert.is_nil(talk.session:insert(sql, { 1, 2 }, false))
    end
    assert.is_nil(talk.session:insert("INSERT t(a) VALUES (%s) RETURNING %s", { 1, 2 }, true))
    assert.is_nil(talk.session:insert("INSERT t(a) VALUES (%s) RETURNING 1 % 2", { 1 }, true))
    assert.is_nil(talk.session:insert("INSERT t VALUES (:a) RETURNING :a", { a = 1 }, false))
    assert.is_userdata(talk.session:insert("INSERT t VALUES (?) RETURNING ':a'", { 1 }, false))
  end)

  it_talks("E7: says which row cannot be said", function(talk)
    talk:log_in()
    local CASES = {
      { { { 1 }, { 2 }, { 3, 4 } }, "1 placeholders, and 2 parameters are given", 3 },
      { { { 1 }, {} }, "more placeholders than parameters", 2 },
      { { { 1 }, { a = 1 } }, "the first row is a list of parameters, and this one a map", 2 },
      { { { 1 }, 2 }, "parameters are a table, not a number", 2 },
      { { { print } }, "parameter 1: function cannot be a parameter", 1 },
      { { { 1 }, { 0 / 0 } }, "NaN cannot be a parameter", 2 },
    }
    for _, case in ipairs(CASES) do
      local insert = talk.session:insert(SQL, case[1][1], false)
      local next_at, err, at = talk.session:insert_rows(insert, case[1], 1, 1000)
      assert.is_nil(next_at)
      assert.matches(case[2], err.message, 1, true)
      assert.equal(case[3], at)
    end
    local insert = talk.session:insert("INSERT t VALUES (:a)", { a = 1 }, false)
    local _, err = talk.session:insert_rows(insert, { { a = 1 }, { 1 } }, 1, 1000)
    assert.matches("the first row is a map of parameters, and this one a list", err.message)
    talk:wants("nothing")
  end)
end)
