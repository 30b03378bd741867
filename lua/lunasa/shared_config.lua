--- One configuration for connections that are opened one after the other with the same options, so
--- that they share what is made of it. A pool has one anyway.

local shared_config = {}

--- The one that was made last, while a connection has it.
local last = setmetatable({}, { __mode = "v" })

--- Its tables that are made anew each time. Others are the caller's, who may change them.
local OURS = { ssl = true, connect_attrs = true }

--- What those configurations were made of: options that say all by themselves.
---@type table<table, table>
local made_of = setmetatable({}, { __mode = "k" })

local IS_SCALAR = { string = true, number = true, boolean = true }

--- Where those options have how many they are: no name that a caller could give.
local COUNT = {}

--- Tells whether options mean the same whenever they are given: no files, no tables or functions of
--- the caller's, no default of the environment's, nothing that a metatable adds.
local function is_plain(given)
  if getmetatable(given) ~= nil then
    return false
  end
  for _, value in pairs(given) do
    if not IS_SCALAR[type(value)] then
      return false
    end
  end
  return given.user ~= nil and given.url == nil and given.read_default_file == nil
end

--- Gives the configuration made last when it was made of the same options, checked then.
---@param given? string|table
---@param extra? table
---@return table? config
function shared_config.recall(given, extra)
  local known = extra == nil and type(given) == "table" and last.config
  local source = known and not known.observer and made_of[known]
  if not source or getmetatable(given) ~= nil then
    return nil
  end
  local count = 0
  for name, value in pairs(given) do
    if source[name] ~= value then
      return nil
    end
    count = count + 1
  end
  return count == source[COUNT] and known or nil
end

--- Remembers what a configuration was made of.
local function remember(config, given, extra)
  if extra ~= nil or type(given) ~= "table" or not is_plain(given) then
    return
  end
  local source, count = {}, 0
  for name, value in pairs(given) do
    source[name], count = value, count + 1
  end
  source[COUNT] = count
  made_of[config] = source
end

local function has_same_fields(a, b)
  for name, value in pairs(a) do
    if type(value) == "table" or value ~= b[name] then
      return false
    end
  end
  for name in pairs(b) do
    if a[name] == nil then
      return false
    end
  end
  return true
end

--- Equal for good: a table of the caller's is not, even when it is the same one.
local function is_equal(name, value, other)
  if type(value) ~= "table" then
    return value == other
  end
  return OURS[name] and value ~= other and type(other) == "table" and has_same_fields(value, other)
end

--- `known` has `observer` from its first connection: false where nobody watches.
local function is_same(config, known)
  for name, value in pairs(config) do
    if not is_equal(name, value, known[name]) then
      return false
    end
  end
  for name, value in pairs(known) do
    if config[name] == nil and not (name == "observer" and value == false) then
      return false
    end
  end
  return true
end

--- Gives the configuration made last when it is the same, else `config`. One that names files has
--- what is made of them: they may have changed.
---@param config table
---@param given? string|table what it was made of
---@param extra? table
---@return table
function shared_config.of(config, given, extra)
  if config.ssl.mode ~= "disabled" or config.server_public_key then
    return config
  end
  local known = last.config
  if known and is_same(config, known) then
    return known
  end
  last.config = config
  remember(config, given, extra)
  return config
end

return shared_config
