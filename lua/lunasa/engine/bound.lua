--- What DDL and reflection do their work on: an engine, or a connection of one.
local Dialect = require("lunasa.sa.compiler.dialect")
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")

local bound = {}

--- As arrays: names of columns differ between servers.
local PLAIN = { rows = "array", null = "null", paramstyle = "qmark", protocol = "text" }

local function is_connection(bind)
  return type(bind) == "table" and rawget(bind, "engine") ~= nil
end

--- What was given instead of an engine or a connection of one.
---@param value any
---@return string
function bound.called(value)
  local metatable = type(value) == "table" and getmetatable(value)
  return metatable and metatable.__tostring and tostring(value) or type(value)
end

--- Calls a function with a connection: the one given, or one that the engine lends for it.
---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param what string who asks, for the error
---@param work fun(conn: lunasa.SAConnection): any
---@return any ...
function bound.with(bind, what, work)
  if is_connection(bind) then
    if not bind.connection then
      mistake.raise("ResourceClosedError", "This Connection is closed")
    end
    return work(bind)
  elseif type(bind) == "table" and rawget(bind, "pool") and bind.with then
    return bind:with(work)
  end
  local message = "%s needs an engine, or a connection of one, got %s"
  mistake.raise("ArgumentError", message:format(what, bound.called(bind)))
end

--- How reflection asks the server.
---@async
---@param conn lunasa.SAConnection
---@return lunasa.sa.Run
function bound.run(conn)
  return function(sql, parameters)
    local res = conn.connection:query(sql, parameters, PLAIN)
    local rows = res:all()
    res:close()
    return rows
  end
end

--- Strings that no placeholder can stand for, as the session reads them now.
local function string_of(self, value)
  return self.session:literal(value)
end

local function quote(self, name, is_quoted)
  local text = type(name) == "table" and name.text or name
  if text:find("[\128-\255]") then
    self.session:quote_identifier(text) -- raises where a byte of it could take a quote along
  end
  return Dialect.quote(self, name, is_quoted)
end

--- Gives the dialect of a connection for DDL, in which values are text: escaped for the SQL mode
--- and the character set that the session has at the moment.
---@param conn lunasa.SAConnection
---@return lunasa.sa.Dialect
function bound.dialect(conn)
  local own = { session = conn.connection, string = string_of, quote = quote, quoted = {} }
  own.quoted_count = 0
  return setmetatable(own, { __index = conn.dialect })
end

--- What a dialect asks of its database; raises for one that has not learned that.
---@param conn lunasa.SAConnection
---@return table
function bound.reflection(conn)
  local dialect = conn.dialect
  local path = ("lunasa.dialects.%s.reflection"):format(dialect.family)
  local ok, found = pcall(require, path)
  if ok then
    return found
  elseif not tostring(found):find(("module '%s' not found"):format(path), 1, true) then
    error(found, 0)
  end
  local message = "tables of %s cannot be reflected"
  errors.raise("NotSupportedError", message:format(dialect.title), nil, 2)
end

return bound
