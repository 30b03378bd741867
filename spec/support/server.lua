--- The real servers that specs talk to: those of scripts/test, and private ones to be mistreated.
---
--- LUNASA_TEST_MARIADB_*, LUNASA_TEST_MARIADB_NEXT_* and LUNASA_TEST_MYSQL_* name the first;
--- scripts/servers writes them.

local busted = require("busted")

---@class spec.Server
---@field name string mariadb, mariadb_next or mysql
---@field kind string mariadb or mysql
---@field url string root on database `test`, over TCP
---@field host string
---@field port integer
---@field socket string path of the unix socket
---@field pid integer
---@field log string path of its error log
---@field ca string path of the authority that signed its certificate
---@field other_ca string path of one that did not
---@field certs string folder of certificates, see scripts/servers/make-certificates
---@field public_key? string path of the RSA key that MySQL takes passwords under
---@field folder? string where a private server lives
local Server = {}
Server.__index = Server

local server = {}

---@param name string
---@param get fun(variable: string): string?
---@return spec.Server?
local function from_variables(name, get)
  local prefix = "LUNASA_TEST_" .. name:upper() .. "_"
  if not get(prefix .. "URL") then
    return nil
  end
  return setmetatable({
    name = name,
    kind = name:match("^%l+"),
    url = get(prefix .. "URL"),
    host = get(prefix .. "HOST") or "127.0.0.1",
    port = tonumber(get(prefix .. "PORT")),
    socket = get(prefix .. "SOCKET"),
    pid = tonumber(get(prefix .. "PID")),
    log = get(prefix .. "LOG"),
    public_key = get(prefix .. "PUBLIC_KEY"),
    ca = get("LUNASA_TEST_CA"),
    other_ca = get("LUNASA_TEST_OTHER_CA"),
    certs = get("LUNASA_TEST_CERTS"),
  }, Server)
end

server.mariadb = from_variables("mariadb", os.getenv)
server.mariadb_next = from_variables("mariadb_next", os.getenv)
server.mysql = from_variables("mysql", os.getenv)

--- Calls `define`, which describes something, with the server. Without the server something is
--- pending, or an error where LUNASA_TEST_REQUIRE=1.
---@param name string
---@param define fun(db: spec.Server)
function server.on(name, define)
  if server[name] then
    return define(server[name])
  end
  local missing = ("no %s: LUNASA_TEST_%s_URL is not set"):format(name, name:upper())
  if os.getenv("LUNASA_TEST_REQUIRE") == "1" then
    error(missing, 0)
  end
  busted.pending(missing)
end

--- The same once for each server.
---@param define fun(db: spec.Server)
function server.each(define)
  server.on("mariadb", define)
  server.on("mariadb_next", define)
  server.on("mysql", define)
end

---@param text string
---@return string
local function percent_encoded(text)
  local encoded = text:gsub("[^%w._~-]", function(character)
    return ("%%%02X"):format(character:byte())
  end)
  return encoded
end

--- URL of another user.
---@param user string
---@param password? string
---@param database? string none unless given
---@return string
function Server:url_of(user, password, database)
  local secret = password and ":" .. percent_encoded(password) or ""
  local path = database and "/" .. percent_encoded(database) or ""
  return ("mysql://%s%s@%s:%d%s"):format(percent_encoded(user), secret, self.host, self.port, path)
end

---@param name string
---@return string path
local function script_of(name)
  return "scripts/servers/" .. name:gsub("_", "-")
end

---@param text string
---@return string
local function shell_quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

---@param ... string
---@return string first line of what the command prints
local function run(...)
  local words = {}
  for _, word in ipairs({ ... }) do
    table.insert(words, shell_quoted(word))
  end
  local pipe = assert(io.popen("env " .. table.concat(words, " ")))
  local line = pipe:read("*l")
  pipe:close()
  return line
end

--- Waits until all threads of a process have stopped, which is some time after the signal.
local STOPPED = [=[
while grep -qs "^State:[[:space:]]*[^T[:space:]]" /proc/%d/task/*/status; do
  sleep 0.01
done
]=]

--- Sends a signal, such as "KILL", "STOP" or "CONT". For private servers only.
---@param signal string
function Server:signal(signal)
  assert(self.folder, "this server is everybody's")
  run("kill", "-" .. signal, tostring(self.pid))
  if signal == "STOP" then
    run("sh", "-c", STOPPED:format(self.pid))
  end
end

local count = 0

---@return string a folder for a server; scripts/test clears what is left in there
local function new_folder()
  count = count + 1
  local parent = os.getenv("LUNASA_TEST_SERVERS") or ".servers"
  return ("%s/private-%s-%d"):format(parent, run("sh", "-c", "echo $PPID"), count)
end

--- Starts the server in `folder`, or finds it running.
---@param name string
---@param folder string
---@param port? integer
---@param flags string[]
---@return spec.Server
local function up(name, folder, port, flags)
  local path =
    run("LUNASA_SERVER_PORT=" .. (port or ""), script_of(name), "up", folder, unpack(flags))
  local variables = {}
  assert(path, name .. " does not start")
  for line in io.lines(path) do
    local variable, value = line:match("^(.-)=(.*)$")
    variables[variable] = value:gsub("\\(.)", "%1")
  end
  local private = assert(from_variables(name, function(variable)
    return variables[variable]
  end))
  private.folder = folder
  return private
end

--- A private server, to be killed, stopped or misconfigured. Whoever starts it calls `down`.
---@param options? { name?: string, flags?: string[] } mariadb, with these flags besides
---@return spec.Server
function server.throwaway(options)
  options = options or {}
  return up(options.name or "mariadb", new_folder(), nil, options.flags or {})
end

--- Kills a private server, if it lives, and starts an empty one in its place, on its port.
---@param flags? string[]
---@return spec.Server
function Server:restart(flags)
  self:down()
  return up(self.name, self.folder, self.port, flags or {})
end

--- Kills a private server and removes its folder.
function Server:down()
  assert(self.folder, "this server is everybody's")
  run(script_of(self.name), "down", self.folder)
end

return server
