--- One configuration for connections that are opened one after the other with the same options, so
--- that they share what is made of it. A pool has one anyway.

local shared_config = {}

--- The one that was made last, while a connection has it.
local last = setmetatable({}, { __mode = "v" })

--- Its tables that are made anew each time. Others are the caller's, who may change them.
local OURS = { ssl = true, connect_attrs = true }

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
---@return table
function shared_config.of(config)
  if config.ssl.mode ~= "disabled" or config.server_public_key then
    return config
  end
  local known = last.config
  if known and is_same(config, known) then
    return known
  end
  last.config = config
  return config
end

return shared_config
