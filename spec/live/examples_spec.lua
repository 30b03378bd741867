--- Every program in examples/, in a process of its own on every server, prints what it should.
local lunasa = require("lunasa")
local program = require("spec.runner.program")
local server = require("spec.support.server")
local task = require("spec.support.task")

--- Those that have a spec elsewhere.
local ELSEWHERE = {
  ["nginx/counters.lua"] = "spec/nginx/nginx_spec.lua",
  ["nginx/notes.lua"] = "spec/nginx/nginx_spec.lua",
  ["observability.lua"] = "spec/runner/examples_spec.lua",
}

--- A column as the examples show one.
local SHOWN_42 = {
  mariadb = '["42",3,null,2,2,0,false]\n',
  mysql = '["42",8,null,3,3,0,false]\n',
}

local SHOWN_OBJECT = {
  mariadb = '["Host",254,null,1020,1020,0,false]\n["User",254,null,512,512,0,false]\n'
    .. '["obj",253,null,176,176,39,true]\n',
  mysql = '["Host",254,null,1020,1020,0,false]\n["User",254,null,128,128,0,false]\n'
    .. '["obj",245,null,4294967292,4294967292,31,true]\n',
}

--- The accounts of the server, as `form` writes each, in its own order.
local function accounts(conn, form)
  local lines = {}
  for host, user in conn:query("SELECT Host, User FROM mysql.user"):values() do
    lines[#lines + 1] = form:format(host, user)
  end
  return table.concat(lines)
end

--- What each prints: a text, one for each kind of server, or a function that asks the server.
local EXPECTED = {
  ["callproc.lua"] = "2\n",
  ["connect.lua"] = function(conn, db)
    local user = db.kind == "mysql" and 128 or 512
    return ('["Host",254,null,1020,1020,0,false]\n["User",254,null,%d,%d,0,false]\n'):format(
      user,
      user
    ) .. accounts(conn, "%s\t%s\n")
  end,
  ["cursor.lua"] = [=[
[[1,100,"abc'def"],[2,null,"dada"]]
[[3,42,"bar"]]
[]
[[1,100,"abc'def"],[2,null,"dada"],[3,42,"bar"]]
[2,null,"dada"]
nil	IndexError
[[3,42,"bar"]]
]=],
  ["custom_dict.lua"] = '{"DOB":"1990-02-06 23:04:56","age":20,"name":"bob"}\n20\nnil\n',
  ["demo.lua"] = "[[42]]\n",
  ["deserialization_cursor.lua"] = function(conn, db)
    return SHOWN_OBJECT[db.kind] .. accounts(conn, "%s\t%s\t1\tabc\n")
  end,
  ["dict_cursor.lua"] = '{"DOB":"1990-02-06 23:04:56","age":20,"name":"bob"}\n',
  ["executemany.lua"] = '[[1,"heavy metal"],[2,"death metal"],[3,"power metal"],'
    .. '[4,"gothic metal"],[5,"doom metal"],[6,"post metal"]]\n',
  ["insert.lua"] = "in a transaction:\ttrue\nin a transaction:\tfalse\n",
  ["insert_autocommit.lua"] = "in a transaction:\tfalse\n",
  ["pool.lua"] = SHOWN_42,
  ["pool_acquire.lua"] = "1\t0\n1\t1\ntrue\n",
  ["query.lua"] = function(conn)
    local version, user = conn:query("SELECT VERSION(), CURRENT_USER()"):values()()
    return ("server\t%s\nuser\t%s\n2 + 3 =\t5\n"):format(version, user)
  end,
  ["quickstart.lua"] = [[
moon     planet   radius/km    year/days
Luna     Earth         1737          365
Europa   Jupiter       1561         4333
Phobos   Mars            11          687
]],
  ["sa.lua"] = "1\tabc\n",
  ["sa_execute.lua"] = [[
mysql	1	10
1	v1	v1	v1
2	v2	v2	v2
2	false	true
id value	true
1	2	3	true
6	nil
]],
  ["sa_simple.lua"] = "1\tabc\n2\txyz\n2\n",
  ["sa_transactions.lua"] = [[
inner committed:	nothing
committed:	a
nested rolled back:	a b
nested block:	false
block:	a b d
prepared:	a b d
in two phases:	a b d f
all deleted:	nothing
]],
  ["ss_cursor.lua"] = [=[
rows to come:	-1
[0]
[[1],[2],[3]]
[100]
nil	NotSupportedError	Backwards scrolling not supported by this cursor: use one that has all rows
the others add up to	494450
rows:	1000
{"n":0}
]=],
  ["ssl.lua"] = "Ssl_version\tTLSv1.3\n",
  ["transaction.lua"] = ('[[4,"Geert"],[5,"Jan"],[6,"Michel"]]\n'):rep(2),
}

--- Tables and procedures that examples make and have to remove.
local REMOVED = [[
  SELECT table_name FROM information_schema.tables
   WHERE table_schema = DATABASE() AND table_name IN ('music_style', 'names', 'tbl')
   UNION
  SELECT routine_name FROM information_schema.routines
   WHERE routine_schema = DATABASE() AND routine_name = 'myinc']]

--- What an example has to print on this server, now.
local function expected_of(name, conn, db)
  local expected = EXPECTED[name]
  if type(expected) == "function" then
    return expected(conn, db)
  end
  return type(expected) == "table" and expected[db.kind] or expected
end

--- Runs an example, again when what it tells of changed meanwhile: other specs make accounts.
local function assert_prints(name, conn, db)
  local before, outcome
  local after = expected_of(name, conn, db)
  repeat
    before = after
    outcome =
      program.run({ "--url", db.url, "examples/" .. name, name == "ssl.lua" and db.ca or nil })
    after = expected_of(name, conn, db)
  until before == after
  assert.equal("", outcome.err)
  assert.equal(after, outcome.out)
  assert.equal(0, outcome.status)
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- The programs in the folder, by their path in it.
local function found()
  local names = {}
  local pipe = assert(io.popen("cd examples && find . -name '*.lua'"))
  for line in pipe:lines() do
    names[line:sub(3)] = true
  end
  pipe:close()
  return names
end

local function sorted(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

describe("the examples", function()
  it("are all known here", function()
    for name in pairs(found()) do
      assert(EXPECTED[name] or ELSEWHERE[name], name .. " has no expected output in this spec")
    end
    for name in pairs(EXPECTED) do
      assert(found()[name], name .. " is not there")
    end
  end)

  it("are all in examples/README.md", function()
    local list = read("examples/README.md")
    for name in pairs(found()) do
      assert.matches(("(%s)"):format(name), list, 1, true)
    end
  end)

  it("say how to run them", function()
    for name in pairs(EXPECTED) do
      local head = read("examples/" .. name):match("^(%-%-%- .-)\nlocal ")
      assert.matches("\n%-%-%-     lunasa [^\n]*examples/" .. name:gsub("%p", "%%%0"), head or "")
    end
  end)
end)

describe("the example #live", function()
  after_each(program.clean)

  server.each(function(db)
    describe("on " .. db.name, function()
      for _, name in ipairs(sorted(EXPECTED)) do
        it(
          name .. " prints what it should",
          task(function()
            local conn = lunasa.connect(db.url)
            assert_prints(name, conn, db)
            conn:close()
          end)
        )
      end

      it(
        "leaves nothing on the server",
        task(function()
          local conn = lunasa.connect(db.url)
          assert.same({}, conn:query(REMOVED, nil, { rows = "array" }):all())
          conn:close()
        end)
      )
    end)
  end)
end)
