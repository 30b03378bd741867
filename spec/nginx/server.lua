--- An nginx of our own with spec/nginx/app.lua in it. It listens on a unix socket, for which no
--- other program competes.
local busted = require("busted")
local lunasa = require("lunasa")

---@class spec.nginx.Server
---@field home string
---@field folder? string while it runs
local Server = {}
Server.__index = Server

local server = {}

--- Runs a command of the shell.
---@return string? printed without the newline at its end; nil when it failed
local function shell(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "; } 2>&1 && echo ok"))
  local printed = pipe:read("*a")
  pipe:close()
  return printed:match("^(.-)\n?ok\n$")
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- Calls `define` with a server that is not started yet. Without an nginx something is pending, or
--- an error where LUNASA_TEST_REQUIRE=1.
---@param define fun(nginx: spec.nginx.Server)
function server.on(define)
  local home = os.getenv("LUNASA_TEST_NGINX")
  if home and shell("test -x '%s/nginx'", home) then
    return define(setmetatable({ home = home, folder = nil }, Server))
  end
  local missing = "no nginx: LUNASA_TEST_NGINX is not the folder of scripts/servers/fetch-nginx"
  if os.getenv("LUNASA_TEST_REQUIRE") == "1" then
    error(missing, 0)
  end
  busted.pending(missing)
end

--- Variables of ours that nginx hands down to its workers.
local function environment()
  local lines = {}
  for name in io.popen("env"):read("*a"):gmatch("(LUNASA_TEST_[%w_]+)=") do
    table.insert(lines, ("env %s;"):format(name))
  end
  -- What the example connects to.
  table.insert(lines, ("env LUNASA_URL=%s;"):format(os.getenv("LUNASA_TEST_MARIADB_URL") or ""))
  return table.concat(lines, "\n")
end

--- What the placeholders of spec/nginx/nginx.conf stand for.
local function placeholders(home, folder)
  local root = assert(shell("pwd"))
  return {
    USER = shell("id -u") == "0" and "user root;" or "",
    ENVIRONMENT = environment(),
    FOLDER = folder,
    MODULES = os.getenv("LUNASA_TEST_MODULES") or root .. "/build/dev/lib",
    NGINX = home,
    ROOT = root,
  }
end

--- Starts it. It goes into the background when it listens.
function Server:start()
  local parent = os.getenv("LUNASA_TEST_SERVERS") or ".servers"
  shell("mkdir -p '%s'", parent)
  local folder = assert(shell("mktemp -d \"$(realpath '%s')/nginx.XXXXXX\"", parent))
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  local conf = read("spec/nginx/nginx.conf"):gsub("@(%u+)@", placeholders(self.home, folder))
  file:write(conf)
  file:close()
  self.folder = folder
  local command = "'%s/nginx' -p '%s' -c nginx.conf -e error.log >'%s/start.log'"
  if not shell(command, self.home, folder, folder) then
    error(read(folder .. "/start.log") .. self:log(), 0)
  end
end

--- Asks for several paths at once.
---@param paths string[]
---@return { status: integer, body: any }[] answers, in the order of the paths
function Server:get_all(paths)
  local words = { #paths > 1 and "--parallel --parallel-immediate" or "" }
  for i, path in ipairs(paths) do
    table.insert(words, ("-o '%s/answer.%d' 'http://nginx/%s'"):format(self.folder, i, path))
  end
  local command = "curl --silent --max-time 30 --unix-socket '%s/http.sock' "
    .. "--write-out '%%{filename_effective} %%{http_code}\\n' %s 2>'%s/curl.log'"
  local pipe = assert(io.popen(command:format(self.folder, table.concat(words, " "), self.folder)))
  local answers = {}
  for line in pipe:lines() do
    local file, number, status = line:match("^(.*answer%.(%d+)) (%d+)$")
    local body = status ~= "204" and read(file) or ""
    local is_json, value = pcall(lunasa.json.decode, body)
    answers[tonumber(number)] = { status = tonumber(status), body = is_json and value or body }
  end
  pipe:close()
  return answers
end

--- Asks for a path, and goes away after some seconds.
---@param path string
---@param seconds number
function Server:abandon(path, seconds)
  local command =
    "curl --silent --max-time %g --unix-socket '%s/http.sock' 'http://nginx/%s' >/dev/null"
  os.execute(command:format(seconds, self.folder, path))
end

--- Asks for a path.
---@param path string
---@return any body of the answer; raises when it is not 200
function Server:get(path)
  local answer = self:get_all({ path })[1]
  if not answer or answer.status ~= 200 then
    error(("%s: %s\n%s"):format(path, answer and answer.status or "no answer", self:log()), 0)
  end
  return answer.body
end

--- Sends a form.
---@param path string
---@param form string
---@return string body
function Server:post(path, form)
  local command = "curl --silent --max-time 30 --unix-socket '%s/http.sock' -d '%s' http://nginx/%s"
  return shell(command, self.folder, form, path)
end

--- Has nginx read a configuration as it stands, from a copy of its folder.
---@param folder string
---@return string printed
function Server:check(folder)
  local copy = self.folder .. "/copy"
  shell("cp -r '%s' '%s'", folder, copy)
  local modules = ("load_module %s/usr/lib/nginx/modules/ndk_http_module.so; "):format(self.home)
    .. ("load_module %s/usr/lib/nginx/modules/ngx_http_lua_module.so;"):format(self.home)
  local path = "LUA_PATH='%s/usr/share/lua/5.1/?.lua;lua/?.lua;lua/?/init.lua' LUA_CPATH='%s/?.so'"
  local command = path .. " '%s/nginx' -t -p '%s' -c nginx.conf -g '%s' >'%s/check.log' 2>&1"
  local values = placeholders(self.home, copy)
  shell(command, self.home, values.MODULES, self.home, copy, modules, self.folder)
  return read(self.folder .. "/check.log")
end

---@return string
function Server:log()
  return read(self.folder .. "/error.log")
end

--- Ends it, by its own pid file. Raises when a worker was ended by a signal: the requests may all
--- have been answered.
function Server:stop()
  if not self.folder then
    return
  end
  local pid = shell("cat '%s/nginx.pid'", self.folder)
  if pid and pid:find("^%d+$") then
    shell("kill -TERM %s && timeout 10 tail -s 0.02 --pid=%s -f /dev/null", pid, pid)
  end
  local crash = self:log():match("[^\n]*worker process %d+ exited on signal[^\n]*")
  shell("rm -rf '%s'", self.folder)
  self.folder = nil
  assert(not crash, crash)
end

return server
