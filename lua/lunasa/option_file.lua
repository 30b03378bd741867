--- Option files: the my.cnf of MySQL and MariaDB programs, read when `read_default_file` asks.
local core = require("lunasa.core")

local option_file = {}

--- Groups of every client program, besides the one that is asked for.
local GROUPS = { "client", "client-server", "client-mariadb" }

--- How deep files may include others, as in MySQL.
local DEEPEST = 10

--- What a file may hold at most, in bytes: it is read at once.
local LARGEST = 1024 * 1024

local ESCAPES = {
  b = "\b",
  n = "\n",
  r = "\r",
  s = " ",
  t = "\t",
  ["\\"] = "\\",
  ['"'] = '"',
  ["'"] = "'",
}

---@class lunasa.FileOption
---@field name string ours
---@field value string|boolean
---@field place string file:line, for messages

--- Options of programs, with '-' for '_', and what they are called here.
local NAMES = {
  ["compress"] = "compress",
  ["connect-timeout"] = "connect_timeout",
  ["database"] = "database",
  ["default-auth"] = "auth_plugin",
  ["default-character-set"] = "charset",
  ["get-server-public-key"] = "get_server_public_key",
  ["host"] = "host",
  ["init-command"] = "init_command",
  ["local-infile"] = "local_infile",
  ["max-allowed-packet"] = "max_allowed_packet",
  ["password"] = "password",
  ["port"] = "port",
  ["server-public-key-path"] = "server_public_key",
  ["socket"] = "unix_socket",
  ["ssl-ca"] = "ssl_ca",
  ["ssl-capath"] = "ssl_ca_path",
  ["ssl-cert"] = "ssl_cert",
  ["ssl-cipher"] = "ssl_ciphers",
  ["ssl-crl"] = "ssl_crl",
  ["ssl-key"] = "ssl_key",
  ["ssl-mode"] = "ssl_mode",
  ["tls-version"] = "tls_version",
  ["user"] = "user",
}

local IS_TRUE = { ["1"] = true, on = true, ["true"] = true, yes = true }

--- Flags of MariaDB's programs say as two options what one mode says here.
local FLAGS = {
  ["ssl"] = { [true] = "required", [false] = "disabled" },
  ["ssl-verify-server-cert"] = { [true] = "verify-identity" },
}

local UNITS = { K = 1024, M = 1024 ^ 2, G = 1024 ^ 3 }

--- `16M` as bytes.
local function in_bytes(text)
  local digits, unit = text:match("^(%d+)([KkMmGg])$")
  return digits and ("%d"):format(tonumber(digits) * UNITS[unit:upper()]) or text
end

--- Cuts off a comment behind a value. A '#' inside quotes is none.
local function without_comment(line)
  local quote, i = nil, 1
  while i <= #line do
    local character = line:sub(i, i)
    if character == "\\" and quote then
      i = i + 1
    elseif character == quote then
      quote = nil
    elseif not quote and (character == '"' or character == "'") then
      quote = character
    elseif not quote and character == "#" then
      return line:sub(1, i - 1)
    end
    i = i + 1
  end
  return line
end

local function unescaped(text)
  return (text:gsub("\\(.)", function(character)
    return ESCAPES[character]
  end))
end

local function value_of(text)
  local quoted = text:match('^"(.*)"$') or text:match("^'(.*)'$")
  return unescaped(quoted or text)
end

--- Reads `key = value`, `key`, or says what is wrong.
---@return string? key
---@return string? value nil for a key alone
local function parse_option(line)
  local text = without_comment(line)
  local key, value = text:match("^([^=]-)%s*=%s*(.-)%s*$")
  key = key or text:match("^(.-)%s*$")
  if not key:find("^[%w_][%w_.-]*$") then
    return nil
  end
  return (key:lower():gsub("_", "-"):gsub("^loose%-", "")), value and value_of(value)
end

--- Takes the prefixes off that switch an option on or off.
---@return string key
---@return string? value
local function switched(key, value)
  local word, rest = key:match("^(%l+)%-(.+)$")
  if word == "skip" or word == "disable" then
    return rest, "0"
  elseif word == "enable" then
    return rest, "1"
  end
  return key, value
end

local IS_FLAG = { compress = true, local_infile = true, get_server_public_key = true }

--- Gives the option as ours, nil when it is none of ours.
---@return string? name
---@return string|boolean|nil value
local function translated(key, value)
  key, value = switched(key, value)
  local is_on = value == nil or IS_TRUE[value:lower()] or false
  if FLAGS[key] then
    return FLAGS[key][is_on] and "ssl_mode", FLAGS[key][is_on]
  end
  local name = NAMES[key]
  if IS_FLAG[name] then
    return name, is_on
  elseif name == "charset" and value == "auto" then
    return nil -- that of the terminal, which is not ours
  elseif name == "max_allowed_packet" and value then
    return name, in_bytes(value)
  end
  return value and name, value
end

local function refuse(place, problem)
  error({ problem = ("option file %s: %s"):format(place, problem) }, 0)
end

local function read(path)
  local is_writable, problem = core.is_world_writable(path)
  if is_writable == nil then
    refuse(path, problem)
  elseif is_writable then
    refuse(path, "everybody may write to it, so nothing in it is believed")
  end
  local file = io.open(path, "rb")
  local text = file and file:read(LARGEST + 1)
  if file then
    file:close()
  end
  if not file then
    refuse(path, "it cannot be read")
  elseif text and #text > LARGEST then
    refuse(path, "it is larger than 1 MiB")
  end
  return text or ""
end

local parse_file

local function include(reader, line, place, depth)
  local directive, path = line:match("^!(%l+)%s+(.-)%s*$")
  if directive == "include" then
    parse_file(reader, path, depth + 1)
  elseif directive == "includedir" then
    local names, problem = core.list_folder(path)
    if not names then
      refuse(place, problem)
    end
    table.sort(names)
    for _, name in ipairs(names) do
      if name:find("%.cnf$") then
        parse_file(reader, path .. "/" .. name, depth + 1)
      end
    end
  else
    refuse(place, "'!' begins !include or !includedir, with a path")
  end
end

local function parse_line(reader, group, line, place)
  local key, value = parse_option(line)
  if not key then
    refuse(place, "the line is no option")
  elseif not group then
    refuse(place, "an option stands before the first group, such as [client]")
  end
  local name, kept
  if reader.groups[group] then
    name, kept = translated(key, value)
  end
  if name then
    table.insert(reader.found, { name = name, value = kept, place = place })
  end
end

function parse_file(reader, path, depth)
  if depth > DEEPEST then
    refuse(path, ("files include one another more than %d deep"):format(DEEPEST))
  end
  local group
  local number = 0
  for line in (read(path) .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    local place = ("%s:%d"):format(path, number)
    line = line:match("^%s*(.*)$")
    local first = line:sub(1, 1)
    if first == "!" then
      include(reader, line, place, depth)
    elseif first == "[" then
      group = line:match("^%[%s*(.-)%s*%]")
      if not group then
        refuse(place, "the name of a group has no ']'")
      end
    elseif first ~= "" and first ~= "#" and first ~= ";" then
      parse_line(reader, group, line, place)
    end
  end
end

--- Reads a file and what it includes. Later options win over earlier ones.
---@param path string `~/` is the home folder
---@param group? string besides those of every client
---@return lunasa.FileOption[]? found
---@return string? problem with its place, and without any value
function option_file.read(path, group)
  local reader = { found = {}, groups = {} }
  for _, name in ipairs(GROUPS) do
    reader.groups[name] = true
  end
  if group then
    reader.groups[group] = true
  end
  local home = os.getenv("HOME")
  if home then
    path = path:gsub("^~/", function()
      return home .. "/"
    end)
  end
  local ok, err = pcall(parse_file, reader, path, 1)
  if ok then
    return reader.found
  elseif type(err) == "table" then
    return nil, err.problem
  end
  error(err, 0)
end

return option_file
