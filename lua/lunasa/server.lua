--- Private MariaDB servers: empty, fast to start, reached over a unix socket, gone with whoever
--- started them.
local connection = require("lunasa.connection")
local errors = require("lunasa.error")
local guard = require("lunasa.server.guard")
local options = require("lunasa.options")
local runtime = require("lunasa.runtime")
local suggest = require("lunasa.suggest")
local url = require("lunasa.url")

local server = {}

---@class (exact) lunasa.ServerOptions
---@field database? string made and used by `url`; "test"
---@field flags? string[] more flags of mariadbd
---@field port? integer|false TCP port on 127.0.0.1; false, the default, for none

---@class lunasa.Server
---@field url string root without a password, on the socket
---@field socket string
---@field pid integer of mariadbd
---@field private folder string
---@field private guard userdata the process that takes all of it away
local Server = {}
Server.__index = Server
Server.__name = "lunasa.Server"

local OPTIONS = { "database", "flags", "port" }

--- The path of a unix socket has room for this many bytes.
local LONGEST_PATH = 107
local SOCKET = "/s.sock"

local POLL = 0.002 -- seconds between two looks
local START_LIMIT = 60
local STOP_LIMIT = 5
local LOG_LINES = 12

local function read_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- A folder that does not exist, in $TMPDIR if a socket's path fits there.
local function new_folder()
  local random = assert(io.open("/dev/urandom", "rb"))
  local name = "/lunasa-"
    .. random:read(6):gsub(".", function(byte)
      return ("%02x"):format(byte:byte())
    end)
  random:close()
  local parent = os.getenv("TMPDIR") or ""
  if parent:sub(1, 1) ~= "/" or #parent + #name + #SOCKET > LONGEST_PATH then
    parent = "/tmp"
  end
  return parent .. name
end

--- Where templates are kept: "" for nowhere.
local function cache_folder()
  local cache = os.getenv("XDG_CACHE_HOME") or ""
  local home = os.getenv("HOME") or ""
  if cache:sub(1, 1) == "/" then
    return cache .. "/lunasa"
  end
  return home:sub(1, 1) == "/" and home .. "/.cache/lunasa" or ""
end

local function check_options(given)
  for name in pairs(given) do
    local is_known = name == "database" or name == "flags" or name == "port"
    if not is_known then
      local phrase = suggest.phrase(name, OPTIONS)
      local message = ("unknown option '%s'%s"):format(tostring(name), phrase)
      errors.raise("ArgumentError", message, nil, 3)
    end
  end
  local port = given.port
  local is_port = type(port) == "number" and port % 1 == 0 and port > 0 and port < 65536
  if port and not is_port then
    errors.raise("ArgumentError", "option 'port' must be a port number or false", nil, 3)
  end
end

--- The command line of the guard.
local function command_of(folder, given)
  local command = { "/bin/sh", "-c", guard, "lunasa-guard", folder, cache_folder() }
  if given.port then
    table.insert(command, "--bind-address=127.0.0.1")
    table.insert(command, "--port=" .. given.port)
  else
    table.insert(command, "--skip-networking")
  end
  for _, flag in ipairs(given.flags or {}) do
    table.insert(command, flag)
  end
  return command
end

local function pause()
  local ok, err = runtime.sleep(POLL)
  if not ok then
    errors.throw(err)
  end
end

--- The last lines of what the server printed, without what it prints every time.
local function log_tail(folder)
  local lines = {}
  for line in (read_file(folder .. "/log") or ""):gmatch("[^\n]+") do
    if not line:find("[Note]", 1, true) then
      table.insert(lines, line)
    end
  end
  return table.concat(lines, "\n", math.max(1, #lines - LOG_LINES + 1))
end

--- Tells whether a process has ended, be it that nobody has asked how; nil where that is not known.
---@return boolean?
local function has_ended(pid)
  if not exists("/proc/self/stat") then
    return nil
  end
  local stat = read_file(("/proc/%d/stat"):format(pid))
  return not stat or stat:find("^%d+ %b() Z") ~= nil
end

--- Raises what keeps the server from running, if anything does.
function Server:check()
  local failure = read_file(self.folder .. "/failed")
  local message = failure and failure:gsub("%s+$", "")
  if not failure and self.pid and has_ended(self.pid) then
    message = "mariadbd ended while it started"
  elseif not failure and self.guard:status() then
    message = ("the folder %s cannot be made"):format(self.folder)
  end
  if message then
    local tail = log_tail(self.folder)
    errors.raise("OperationalError", tail ~= "" and message .. "\n" .. tail or message)
  end
end

--- Connects as soon as that is possible.
---@async
---@return lunasa.Connection
function Server:first_connection()
  local config = options.connect({ unix_socket = self.socket, user = "root" })
  local deadline = runtime.now() + START_LIMIT
  while runtime.now() < deadline do
    self.pid = self.pid or tonumber(read_file(self.folder .. "/pid"))
    self:check()
    if self.pid and exists(self.folder .. "/mariadbd.pid") then
      local ok, conn = pcall(connection.open, config, runtime)
      if ok then
        return conn
      elseif not errors.is_error(conn, "OperationalError") then
        error(conn, 0)
      end
    end
    pause()
  end
  errors.raise("TimeoutError", ("mariadbd is not ready after %d s"):format(START_LIMIT))
end

--- Waits until the server answers, and makes its database.
---@async
local function make_ready(self, database)
  local conn = self:first_connection()
  local name = conn:quote_identifier(database)
  conn:execute("CREATE DATABASE IF NOT EXISTS " .. name)
  conn:close()
end

--- Starts a server and waits until it answers. It ends with `stop`, with this process in whatever
--- way that ends, and when nobody refers to it any more.
---@async
---@param given? lunasa.ServerOptions
---@return lunasa.Server
function server.start(given)
  given = given or {}
  check_options(given)
  runtime.check()
  local folder = new_folder()
  local process, raw = require("lunasa.uv").spawn(command_of(folder, given))
  if not process then
    errors.throw(errors.from_core(raw))
  end
  local database = given.database or "test"
  local self = setmetatable({
    url = url.build({
      user = "root",
      host = "localhost",
      database = database,
      options = { unix_socket = folder .. SOCKET },
    }),
    socket = folder .. SOCKET,
    pid = nil,
    folder = folder,
    guard = process,
  }, Server)
  local ok, err = pcall(make_ready, self, database)
  if not ok then
    self:close()
    error(err, 0)
  end
  return self
end

--- Has the server taken away, without waiting for that.
function Server:close()
  self.guard:close()
end

--- Tells whether nothing is left of it: its guard ends last.
---@return boolean
function Server:is_gone()
  if self.guard:status() then
    return true
  end
  local guard_has_ended = has_ended(self.guard:pid())
  if guard_has_ended == nil then
    return not exists(self.folder)
  end
  return guard_has_ended
end

--- Takes the server and all its data away.
---@async
function Server:stop()
  self:close()
  local deadline = runtime.now() + STOP_LIMIT
  while not self:is_gone() and runtime.now() < deadline do
    pause()
  end
end

function Server:__tostring()
  return ("%s(%s, pid %s)"):format(Server.__name, self.socket, tostring(self.pid))
end

return server
