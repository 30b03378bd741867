--- Execution options of a connection: how its statements run until it is given back.
local compiled_cache = require("lunasa.engine.compiled_cache")
local how = require("lunasa.engine.how")
local log = require("lunasa.log")
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

local connection_options = {}

---@class lunasa.ExecutionOptions
---@field isolation_level? string "READ COMMITTED" and so on, or "AUTOCOMMIT"
---@field compiled_cache? table|integer|false as the engine's
---@field stream? boolean results come as `conn:stream` gives them
---@field timeout? number|false seconds for each statement; false for no limit
---@field prepared? boolean false: as text; true: text with parameters too

--- What an option takes.
local KINDS = {
  compiled_cache = { table = true, number = true, boolean = true },
  isolation_level = { string = true },
  stream = { boolean = true },
  timeout = { number = true, boolean = true },
  prepared = { boolean = true },
}
local NAMES = { "compiled_cache", "isolation_level", "prepared", "stream", "timeout" }

local LEVELS = {
  ["READ UNCOMMITTED"] = true,
  ["READ COMMITTED"] = true,
  ["REPEATABLE READ"] = true,
  ["SERIALIZABLE"] = true,
  ["AUTOCOMMIT"] = true,
}

local function check(options)
  if type(options) ~= "table" then
    local message = ("execution_options needs a table, got a %s"):format(type(options))
    mistake.raise("ArgumentError", message)
  end
  for name, value in pairs(options) do
    local kinds = KINDS[name]
    if not kinds then
      local message = "unknown execution option '%s'%s"
      mistake.raise("ArgumentError", message:format(tostring(name), suggest.phrase(name, NAMES)))
    elseif not kinds[type(value)] or value == true and name == "timeout" then
      local message = "execution option '%s' cannot be a %s"
      mistake.raise("ArgumentError", message:format(name, type(value)))
    elseif name == "timeout" and value and (value < 0 or value ~= value) then
      local message = "execution option 'timeout' is a number of seconds, got %s"
      mistake.raise("ArgumentError", message:format(tostring(value)))
    end
  end
end

--- The level in the words of SQL.
local function level_of(text)
  local level = text:upper():gsub("_", " ")
  if not LEVELS[level] then
    local names = {}
    for name in pairs(LEVELS) do
      names[#names + 1] = name
    end
    table.sort(names)
    local message = "there is no isolation level '%s': it is one of %s"
    mistake.raise("ArgumentError", message:format(text, table.concat(names, ", ")))
  end
  return level
end

--- Raises where work would be committed by turning autocommit on.
local function check_nothing_open(lent)
  if lent.in_transaction and select(2, lent.channel.session:in_transaction()) then
    local message = "AUTOCOMMIT would commit what was done before: commit it, roll it back, or set "
      .. "the level first"
    mistake.raise("InvalidRequestError", message)
  end
end

---@async
local function set_level(self, level)
  if self.in_transaction then
    local message = "the isolation level cannot be changed in a transaction: set it before begin"
    mistake.raise("InvalidRequestError", message)
  end
  local backend, kept = self.engine.backend, self.to_restore or {}
  self.to_restore = kept
  if kept.autocommit == nil then
    kept.autocommit = self.connection:get_autocommit()
  end
  if level == "AUTOCOMMIT" then
    check_nothing_open(self.connection)
    self.connection:autocommit(true)
    return
  end
  kept.level = kept.level or backend.isolation_level(self.connection)
  self.connection:autocommit(kept.autocommit)
  backend.set_isolation_level(self.connection, level)
end

--- Sets autocommit back. Turning it on would commit what SQL of the user's own has left open; and
--- what the pool is to set back it knows already.
---@async
local function restore_autocommit(lent, mode)
  if lent.in_transaction then
    if select(2, lent.channel.session:in_transaction()) then
      log.warn("work that was not committed is rolled back: SQL had turned autocommit off")
    end
    lent:rollback()
  end
  local channel = lent.channel
  local known = channel.other_autocommit
  lent:autocommit(mode)
  channel.other_autocommit = known
end

--- Undoes what execution options have changed on the server.
---@async
---@param self lunasa.SAConnection
function connection_options.restore(self)
  local kept, lent = self.to_restore, self.connection
  if not lent:is_usable() then
    return
  end
  if kept.level then
    self.engine.backend.set_isolation_level(lent, kept.level)
  end
  if lent:get_autocommit() ~= kept.autocommit then
    restore_autocommit(lent, kept.autocommit)
  end
end

--- Adds its methods to the class of connections.
---@param SAConnection lunasa.SAConnection the class
---@param check_open fun(conn: lunasa.SAConnection)
function connection_options.add(SAConnection, check_open)
  --- Sets options for the statements that follow, until the connection is given back.
  ---@async where the isolation level is among them
  ---@param options lunasa.ExecutionOptions
  ---@return lunasa.SAConnection self
  function SAConnection:execution_options(options)
    check_open(self)
    check(options)
    if options.isolation_level then
      set_level(self, level_of(options.isolation_level))
    end
    if options.compiled_cache ~= nil then
      self.kept = compiled_cache.new(options.compiled_cache)
    end
    if options.stream ~= nil then
      self.is_streaming = options.stream
    end
    if options.timeout ~= nil or options.prepared ~= nil then
      self.how = how.changed(self.how, self.connection, options)
    end
    return self
  end
end

return connection_options
