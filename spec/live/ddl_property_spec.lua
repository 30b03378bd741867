--- Random tables: declared, created, reflected; created elsewhere from that, and reflected again.
--- What comes back is what was declared, and the second time it is equal.
---
--- LUNASA_SEED is which random tables, LUNASA_TABLES how many per server.

local described = require("spec.support.described")
local sa = require("lunasa.sa")
local server = require("spec.support.server")
local task = require("spec.support.task")

local SEED = tonumber(os.getenv("LUNASA_SEED")) or os.time() % 2 ^ 31
local COUNT = tonumber(os.getenv("LUNASA_TABLES")) or 12
local AT_ONCE = 6 -- tables that refer to each other
local mysql = sa.mysql

local function any(list)
  return list[math.random(#list)]
end

local function maybe(value)
  return math.random(2) == 1 and value or nil
end

local SIGNS = {
  "a",
  "B",
  "_",
  "0",
  " ",
  "`",
  '"',
  "'",
  "\\",
  ".",
  ",",
  "(",
  ")",
  "%s",
  "?",
  ":x",
  "--",
  "é",
  "日",
}
local WORDS = { "select", "KEY", "order", "id", "Unique", "CONSTRAINT", "comment" }

--- A name that no other has, however letters and accents are compared: the number says which.
local function make_name(number, is_simple)
  if math.random(3) == 1 or is_simple then
    return any({ "t", "c", "Col", "_" }) .. number
  elseif math.random(6) == 1 then
    return any(WORDS) .. number
  end
  local parts = {}
  for i = 1, math.random(1, 6) do
    parts[i] = any(SIGNS)
  end
  return table.concat(parts) .. number
end

--- Text of the first signs: those of ASCII are in front.
local function make_text(most, count)
  local parts = {}
  for i = 1, math.random(0, most) do
    parts[i] = SIGNS[math.random(count or #SIGNS)]
  end
  return table.concat(parts)
end

local function members()
  local list = {}
  for i = 1, math.random(1, 5) do
    list[i] = (make_text(3):gsub(",", ";"):gsub(" +$", "")) .. i
  end
  return list
end

local function signs()
  return { unsigned = maybe(true), zerofill = maybe(maybe(true)) }
end

local function collated()
  return any({
    {},
    { charset = "latin1", collation = "latin1_bin" },
    { charset = "utf8mb4", collation = "utf8mb4_bin" },
    { charset = "ascii", collation = "ascii_general_ci" },
  })
end

--- Each makes a type, tells whether it can be a key, and may give a default.
local TYPES = {
  function()
    local class =
      any({ mysql.TINYINT, mysql.SMALLINT, mysql.MEDIUMINT, mysql.INTEGER, mysql.BIGINT })
    return class(nil, nil, signs()), true, maybe("5")
  end,
  function()
    return mysql.DECIMAL(math.random(5, 20), math.random(0, 5), { unsigned = maybe(true) }), true
  end,
  function()
    return any({ mysql.DOUBLE, mysql.FLOAT })(nil, nil, signs()), false
  end,
  function()
    return mysql.BIT(math.random(64)), true
  end,
  function()
    return mysql.VARCHAR(math.random(10, 60), collated()), true, maybe(make_text(3, 17))
  end,
  function()
    return mysql.CHAR(math.random(10, 60), collated()), true, maybe("x")
  end,
  function()
    return any({ mysql.TINYTEXT, mysql.TEXT, mysql.MEDIUMTEXT, mysql.LONGTEXT })(nil, collated()),
      false
  end,
  function()
    return any({ mysql.TINYBLOB, mysql.BLOB, mysql.MEDIUMBLOB, mysql.LONGBLOB })(), false
  end,
  function()
    return any({ mysql.BINARY, mysql.VARBINARY })(math.random(60)), true
  end,
  function()
    return any({ mysql.DATETIME, mysql.TIME })(maybe(math.random(6))), true
  end,
  function()
    return mysql.TIMESTAMP(maybe(math.random(6))), true
  end,
  function()
    return any({ sa.DATE(), mysql.YEAR() }), true
  end,
  function()
    return any({ mysql.ENUM, mysql.SET })(members()), true
  end,
  function()
    return mysql.JSON(), false
  end,
  function()
    return any({ mysql.POINT, mysql.GEOMETRY, mysql.POLYGON, mysql.LINESTRING })(), false
  end,
}

--- Columns besides the key, and what can be in an index.
local function make_columns(count)
  local columns, keyed = {}, {}
  for i = 1, count do
    local type_, is_key, default = any(TYPES)()
    local is_nullable = math.random(3) > 1 or type_.word == "TIMESTAMP"
    columns[i] = sa.Column({
      make_name(i),
      type_,
      nullable = is_nullable,
      server_default = default,
      comment = maybe(make_text(8)),
      mysql_invisible = (is_nullable or default ~= nil) and math.random(8) == 1 or nil,
    })
    if is_key then
      keyed[#keyed + 1] = columns[i]
    end
  end
  return columns, keyed
end

local function make_index(number, keyed)
  local parts, seen = {}, {}
  for _ = 1, math.random(3) do
    local column = any(keyed)
    if not seen[column] then
      seen[column] = true
      parts[#parts + 1] = math.random(4) == 1 and column:desc() or column
    end
  end
  parts[#parts + 1] = { unique = math.random(3) == 1, mysql_comment = maybe("ix " .. make_text(4)) }
  return sa.Index(make_name(number, true), unpack(parts))
end

--- A table; `others` are those that it may refer to, later ones too.
local function make_table(meta, number, names)
  local columns, keyed = make_columns(math.random(1, 9))
  local parts = { names[number], meta, sa.Column({ "id", mysql.INTEGER(), primary_key = true }) }
  for _, column in ipairs(columns) do
    parts[#parts + 1] = column
  end
  for i = 1, #keyed > 0 and math.random(0, 3) or 0 do
    parts[#parts + 1] = make_index(100 + i, keyed)
  end
  for i = 1, math.random(0, 2) do
    local key = sa.ForeignKey({
      any(names) .. ".id",
      name = maybe(make_name(number * 10 + i, true) .. "fk"),
      ondelete = any({ "CASCADE", "SET NULL", "RESTRICT", "NO ACTION" }),
      onupdate = maybe("CASCADE"),
    })
    parts[#parts + 1] = sa.Column({ "ref" .. i, mysql.INTEGER(), key })
  end
  if math.random(2) == 1 then
    parts[#parts + 1] = sa.Column({ "size", mysql.INTEGER() })
    parts[#parts + 1] = sa.CheckConstraint({ "size > " .. number, name = ("ck%d"):format(number) })
  end
  parts.comment = maybe(make_text(9))
  parts.mysql_row_format = maybe("DYNAMIC")
  return sa.Table(parts)
end

local function make_tables()
  local meta, names = sa.MetaData(), {}
  for i = 1, AT_ONCE do
    names[i] = make_name(i):gsub("%.", "") -- the text of a ForeignKey has a dot of its own
  end
  for i = 1, AT_ONCE do
    make_table(meta, i, names)
  end
  return meta, names
end

--- Without how wide an integer is shown, and with what ZEROFILL means besides.
local function plain(type_)
  local text = type_:compile():gsub("INT%(%d+%)", "INT"):gsub("INTEGER%(%d+%)", "INTEGER")
  return (text:gsub("YEAR%(4%)", "YEAR"):gsub(" UNSIGNED ZEROFILL", " ZEROFILL"))
end

--- Compares what was declared with what is told.
local function compare(one, inspector)
  local columns = inspector:get_columns(tostring(one.name))
  assert.equal(#one.c, #columns)
  for i, column in ipairs(one.c) do
    local told = columns[i]
    assert.equal(column.name, told.name)
    assert.equal(plain(column.type), plain(told.type), column.name)
    assert.equal(column.nullable, told.nullable)
    assert.equal(column.comment or "", told.comment or "")
    assert.equal(column.options.mysql_invisible, told.dialect_options.mysql_invisible)
    assert.equal(column.server_default ~= nil, told.default ~= nil)
  end
  assert.is_true(columns[1].autoincrement)
  assert.equal(one.comment or "", inspector:get_table_comment(one.name).text or "")
  for _, index in ipairs(one.indexes) do
    assert.is_true(inspector:has_index(one.name, index.name), index.name)
  end
  for _, told in ipairs(inspector:get_foreign_keys(one.name)) do
    local key = one.c[told.constrained_columns[1]].foreign_keys[1]
    assert.equal(key:column().table.name, told.referred_table)
    local is_said = told.options.ondelete ~= nil
      or key.ondelete:find("^NO")
      or key.ondelete == "RESTRICT"
    assert.is_truthy(is_said)
  end
end

--- The statements that would make the tables again.
local function texts_of(meta, dialect)
  local texts = {}
  for i, statement in ipairs(meta:create_statements({ dialect = dialect })) do
    texts[i] = statement:compile({ dialect = dialect }).string
  end
  return texts
end

local function reflect(conn, names)
  local meta, told, inspector = sa.MetaData(), {}, sa.inspect(conn)
  meta:reflect({ bind = conn })
  for i, name in ipairs(names) do
    told[i] = described(inspector, name)
  end
  return meta, told
end

local function check(conn, here, there)
  for _, schema in ipairs({ here, there }) do
    conn.connection:query("DROP DATABASE IF EXISTS " .. schema)
    conn.connection:query("CREATE DATABASE " .. schema .. " CHARACTER SET utf8mb4")
  end
  conn.connection:query("USE " .. here)
  local meta, names = make_tables()
  meta:create_all(conn)
  local inspector = sa.inspect(conn)
  for _, name in ipairs(names) do
    compare(meta.tables[name], inspector)
  end
  local first, first_told = reflect(conn, names)

  conn.connection:query("USE " .. there)
  first:create_all(conn)
  local second, second_told = reflect(conn, names)
  for i in ipairs(names) do
    assert.same(first_told[i], second_told[i])
  end
  assert.same(texts_of(first, conn.dialect), texts_of(second, conn.dialect))
  second:drop_all(conn)
  assert.same({}, sa.inspect(conn):get_table_names())
end

describe("random tables #live", function()
  server.each(function(db)
    it(
      ("are reflected as they were declared: %s, seed %d"):format(db.name, SEED),
      task(function()
        math.randomseed(SEED)
        local here = ("lunasa_random_%d"):format(math.random(2 ^ 30))
        local there = here .. "_to"
        local engine = sa.create_engine(db.url, { ssl = false })
        engine:with(function(conn)
          for _ = 1, COUNT / AT_ONCE do
            check(conn, here, there)
          end
          conn.connection:query("DROP DATABASE " .. there)
          conn.connection:query("DROP DATABASE " .. here)
        end)
        engine:close()
        engine:wait_closed()
      end)
    )
  end)
end)
