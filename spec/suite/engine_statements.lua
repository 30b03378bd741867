--- Statements of the SQL language and the rows that they give, which SQLAlchemy gets from MariaDB
--- for the same statements: `spec/fixtures/statements`.

local assert = require("luassert")
local busted = require("busted")
local int = require("lunasa.int")
local json = require("lunasa.json")
local sa = require("lunasa.sa")
local tables = require("spec.fixtures.statements.tables")
local task = require("spec.support.task")

local FOLDER = "spec/fixtures/statements/"

local function read(name)
  local file = assert(io.open(FOLDER .. name))
  local text = file:read("*a")
  file:close()
  return text
end

--- The statements by what their names begin with, such as "select".
local function groups()
  local found, names = {}, {}
  for line in read("rows.json"):gmatch("[^\n]+") do
    local case = json.decode(line)
    local group = case.id:match("^[%w_]+")
    if not found[group] then
      found[group] = {}
      names[#names + 1] = group
    end
    table.insert(found[group], case)
  end
  return names, found
end

--- What a statement may name: the language, and the tables.
local names_of_statements = setmetatable(tables(sa), { __index = sa })

--- Makes the statement of an expression, or of a chunk that returns it.
local function statement_of(case)
  local chunk = loadstring("return " .. case.lua) or assert(loadstring(case.lua, case.id))
  return setfenv(chunk, names_of_statements)()
end

--- Those that order by what several rows have alike: which of these comes first is the server's
--- affair, and depends on how it goes about it today.
local HAS_TIES = {
  ["alias_label.order_by_anon_func"] = true, -- three departments of one user
  ["subquery.scalar_order_by"] = true, -- the users 3 and 5 have no orders
  ["window.order_by_over"] = true, -- two users of one age
}

--- Where a server gives something else than the fixture has: by kind of server and statement, rows
--- or the class of the error.
local EXPECTED = {
  mariadb = {
    -- The next number of a table that has five rows, wherever it stood when the rows were noted.
    ["returning.maria_insert_autoinc"] = { { 6 } },
  },
  mysql = {
    -- MySQL has no RETURNING, which is said when the statement is compiled.
    ["returning.maria_insert_autoinc"] = "CompileError",
    ["returning.maria_delete"] = "CompileError",
  },
}

--- Values whose text changes from day to day.
local IS_NOW = { ["func.now"] = true, ["func.sysdate"] = true, ["func.select_method"] = true }

--- A plain value as text. A DECIMAL may have been made a number on either side.
local function canonical(value)
  local kind = type(value)
  if value == nil or value == sa.NULL then
    return "NULL"
  elseif kind == "number" then
    return ("%.10g"):format(value)
  end
  return kind == "cdata" and int.tostring(value) or tostring(value)
end

--- Bytes as digits.
local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

--- How values are compared that JSON has no type for, by the tag that they have in the fixture.
local COMPARE = {
  ["$dec"] = function(text, value)
    return tonumber(value) == tonumber(text)
  end,
  ["$bytes"] = function(text, value)
    return hex(value) == text
  end,
}

local function same_tagged(tag, text, value)
  local compare = COMPARE[tag]
  if compare then
    return compare(text, value)
  end
  return text:gsub("%.000000$", "") == canonical(value)
end

local function same_plain(expected, value)
  return canonical(expected) == canonical(value)
    or type(expected) == "number" and tonumber(value) == expected
end

--- Tells whether a value is the one that was expected. Expected are the values as a server gives
--- them: 1 for true, and JSON as text. Of the present time only the type is compared.
local function same(expected, value, is_now)
  if is_now then
    return type(value) == "table" and getmetatable(value).__lunasa == "datetime"
  elseif type(value) == "boolean" then
    return type(expected) == "number" and (expected ~= 0) == value
  elseif type(value) == "table" and type(expected) == "string" then
    return json.encode(json.decode(expected)) == json.encode(value)
  elseif type(expected) == "table" then
    local tag, text = next(expected)
    return same_tagged(tag, text, value)
  end
  return same_plain(expected, value)
end

local function same_rows(expected, row, is_now)
  for i = 1, #expected do
    if not same(expected[i], row[i], is_now) then
      return false
    end
  end
  return #sa.row.keys(row) == #expected
end

--- Takes a row like the expected one out of a list; the first one where the order counts.
local function take(rows, expected, case)
  local is_first = case.ordered and not HAS_TIES[case.id]
  for i = 1, is_first and math.min(1, #rows) or #rows do
    if same_rows(expected, rows[i], IS_NOW[case.id]) then
      table.remove(rows, i)
      return true
    end
  end
  return false
end

local function describe_rows(rows)
  local texts = {}
  for i, row in ipairs(rows) do
    texts[i] = tostring(row)
  end
  return table.concat(texts, " ")
end

---@param db spec.Database
return function(db)
  --- Says how what a statement gives differs from what is expected; nil when it does not.
  local function difference(conn, case, expected)
    local ok, res = pcall(function()
      return conn:execute(statement_of(case), case.params):fetchall()
    end)
    if not ok then
      return res.class ~= expected and ("%s: %s"):format(case.id, tostring(res)) or nil
    end
    local given = describe_rows(res)
    for _, row in ipairs(expected) do
      if not take(res, row, case) then
        local wanted = json.encode(row)
        return ("%s: no row %s in %s"):format(case.id, wanted, given)
      end
    end
    return res[1] and ("%s: %d rows more than expected in %s"):format(case.id, #res, given)
  end

  describe("statements", function()
    local schema, engine = db.schema .. "_s", nil

    busted.setup(task(function()
      db:administrate("CREATE DATABASE " .. schema .. " CHARACTER SET utf8mb4")
      engine = sa.create_engine(db:options({ database = schema }))
      engine:with(function(conn)
        for statement in read("seed.sql"):gmatch("(.-);\n") do
          conn:execute(statement)
        end
        conn.connection:commit()
      end)
    end))
    busted.teardown(task(function()
      engine:terminate()
      db:administrate("DROP DATABASE " .. schema)
    end))

    local names, cases_of = groups()
    for _, group in ipairs(names) do
      busted.it(
        ("give the rows that they should: %s"):format(group),
        task(function()
          local differences = {}
          engine:with(function(conn)
            for _, case in ipairs(cases_of[group]) do
              local expected = EXPECTED[db.kind][case.id] or case.rows
              differences[#differences + 1] = difference(conn, case, expected)
              conn.connection:rollback()
            end
          end)
          assert.same({}, differences)
        end)
      )
    end
  end)
end
