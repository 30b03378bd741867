--- The option `ssl`: a boolean, a mode or a table, and the options ssl_… for URLs.
local ssl_option = {}

local MODES = { "disabled", "preferred", "required", "verify-ca", "verify-identity" }

--- Its fields with the type of each; a list is one string or several.
local FIELDS = {
  { "mode", "string" },
  { "ca", "string" },
  { "ca_pem", "string" },
  { "ca_path", "string" },
  { "crl", "string" },
  { "crl_path", "string" },
  { "cert", "string" },
  { "cert_pem", "string" },
  { "key", "string" },
  { "key_pem", "string" },
  { "key_password", "string" },
  { "fingerprint", "list" },
  { "public_key_pin", "list" },
  { "server_name", "string" },
  { "ciphers", "string" },
  { "ciphersuites", "string" },
  { "min_version", "string" },
  { "max_version", "string" },
  { "resume", "boolean" },
}

--- The fields that may be said as ssl_… in a URL: no texts of several lines, and no passwords.
ssl_option.PARTS = {
  "mode",
  "ca",
  "ca_path",
  "crl",
  "crl_path",
  "cert",
  "key",
  "fingerprint",
  "public_key_pin",
  "server_name",
  "ciphers",
  "ciphersuites",
  "min_version",
  "max_version",
  "resume",
}

local TYPES, NAMES = {}, {} ---@type table<string, string>, string[]
for _, field in ipairs(FIELDS) do
  TYPES[field[1]] = field[2]
  table.insert(NAMES, field[2] ~= "boolean" and field[1] or nil)
end

local function is_text(value)
  return type(value) == "string" and not value:find("%z")
end

--- Gives the kind of option that ssl_… is for a field.
---@param part string one of `PARTS`
---@return string
function ssl_option.kind(part)
  return TYPES[part] == "boolean" and "boolean" or "string"
end

--- Gives a field as it is kept, nil when it is not of its type.
local function kept_field(name, value)
  local kind = TYPES[name]
  if kind == "list" and type(value) == "table" and #value > 0 then
    for _, text in ipairs(value) do
      if not is_text(text) then
        return nil
      end
    end
    return table.concat(value, ",")
  elseif kind == "boolean" then
    if type(value) == "boolean" then
      return value
    end
  elseif kind and is_text(value) then
    return value
  end
end

--- The mode of a table without one: whoever pins a certificate and names no authority wants just
--- that one.
local function default_mode(ssl)
  local has_pin = ssl.fingerprint or ssl.public_key_pin
  local has_authority = ssl.ca or ssl.ca_pem or ssl.ca_path
  return has_pin and not has_authority and "required" or "verify-identity"
end

--- What is allowed where the fields do not go together.
local function contradiction(ssl)
  if (ssl.fingerprint or ssl.public_key_pin) and ssl.mode == "preferred" then
    return "of mode 'required' or stricter where a certificate is pinned"
  end
end

local function listed_mode(mode)
  mode = mode:lower():gsub("_", "-")
  for _, known in ipairs(MODES) do
    if mode == known then
      return mode
    end
  end
end

--- Checks a value, as `option_specs.check` asks its kinds to.
---@param value any
---@return string? allowed when the value is not
---@return table? ssl with a mode
function ssl_option.check(value)
  local ssl = {}
  if type(value) == "string" or value == false then
    ssl.mode = value or "disabled"
  elseif type(value) == "table" then
    for name, field in pairs(value) do
      ssl[name] = kept_field(name, field)
      if ssl[name] == nil then
        return ("a table of strings by name: %s; and resume, a boolean"):format(
          table.concat(NAMES, ", ")
        )
      end
    end
  elseif value ~= true then
    return "a boolean, a mode or a table"
  end
  ssl.mode = listed_mode(ssl.mode or default_mode(ssl))
  if not ssl.mode then
    return "one of " .. table.concat(MODES, ", "), ssl
  end
  return contradiction(ssl), ssl
end

return ssl_option
