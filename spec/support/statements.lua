--- Statements, and the SQL that each dialect writes for them, from a text such as
---
---     select(people.c.id):limit(5)
---     > SELECT people.id FROM people LIMIT ?
---     sqlite> SELECT people.id FROM people LIMIT ? OFFSET ?
---     # 5
---     sqlite# 5, 0
---
--- A blank line ends a case. Lines of one kind are one text. `mysql` is MariaDB too, unless
--- `mariadb` says otherwise; `!` is what the error says that is raised instead; `?` stands for
--- PostgreSQL's numbered placeholders. A statement that begins with `literal` has its values in
--- the text.
local assert = require("luassert")
local sa = require("lunasa.sa")
local tables = require("spec.support.sql_tables")

local DIALECTS = { "mysql", "mariadb", "sqlite", "postgresql" }
local KINDS = { [">"] = "sql", ["#"] = "params", ["!"] = "failure" }

local function add(map, key, text)
  map[key] = map[key] and map[key] .. " " .. text or text
end

local function parse(text)
  local cases, case = {}, nil
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local dialect, kind, rest = line:match("^(%l*)([>#!]) (.*)$")
    if line == "" then
      case = nil
    elseif kind then
      add(case, (dialect == "" and "all" or dialect) .. KINDS[kind], rest)
    elseif case then
      case.code = case.code .. "\n" .. line
    else
      case = { code = line }
      table.insert(cases, case)
    end
  end
  return cases
end

--- What a case expects of a dialect; nil for nothing.
local function expected(case, dialect, kind)
  return case[dialect .. kind] or dialect == "mariadb" and case["mysql" .. kind]
end

local function build(code, env)
  local chunk = loadstring("return " .. code, "=spec") or assert(loadstring(code, "=spec"))
  return setfenv(chunk, env)()
end

local function shown(value)
  return type(value) == "string" and ("'%s'"):format(value)
    or value == sa.NULL and "NULL"
    or tostring(value)
end

--- With `?` for `$1`, which count up.
local function without_numbers(text)
  local last = 0
  return (
    text:gsub("%$(%d+)", function(number)
      last = last + 1
      assert.equal(last, tonumber(number), text)
      return "?"
    end)
  )
end

local function compile(statement, dialect, is_literal)
  local compiled = statement:compile({ dialect = dialect, literal_binds = is_literal })
  local params, shown_params = compiled.params, {}
  for i = 1, params.n do
    shown_params[i] = shown(params[i])
  end
  local text = compiled.string:gsub("%s+", " ")
  if dialect == "postgresql" then
    text = without_numbers(text)
  end
  return text, table.concat(shown_params, ", ")
end

local function check(case, dialect, env, code, is_literal)
  local failure = not case[dialect .. "sql"] and expected(case, dialect, "failure")
  if failure or not (expected(case, dialect, "sql") or case.allsql) then
    local ok, err = pcall(function()
      compile(build(code, env), dialect, is_literal)
    end)
    assert.is_false(ok, dialect)
    local message = tostring(err)
    assert.equal(failure or case.allfailure, message:match("%u%a+Error: .*") or message, dialect)
    return
  end
  local text, params = compile(build(code, env), dialect, is_literal)
  assert.equal(expected(case, dialect, "sql") or case.allsql, text, dialect)
  assert.equal(expected(case, dialect, "params") or case.allparams or "", params, dialect)
end

--- Gives what to tell of each case, and what proves it.
---@param text string
---@param env? table what the statements name
---@return fun(): string?, function?
return function(text, env)
  env = env or tables
  local cases, i = parse(text), 0
  return function()
    i = i + 1
    local case = cases[i]
    if not case then
      return nil
    end
    local is_literal = case.code:find("^literal ") ~= nil
    local code = case.code:gsub("^literal ", "")
    return "write " .. case.code:gsub("%s+", " "),
      function()
        for _, dialect in ipairs(DIALECTS) do
          check(case, dialect, env, code, is_literal)
        end
      end
  end
end
