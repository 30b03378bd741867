--- The server that is measured against: the one that the environment names, or one of our own.

local lunasa = require("lunasa")
local shell = require("bench.runner.shell")

local server = {}

---@class bench.Server
---@field environment table<string, string|integer> BENCH_* variables, for peers
---@field options table for lunasa.connect
---@field is_own boolean
---@field private folder? string

local LAUNCHER = shell.quoted(shell.root .. "/scripts/servers/mariadb")

--- What the specs' servers do without: room for all tables, and for many connections.
local FLAGS = "--innodb-buffer-pool-size=1G --loose-innodb-buffer-pool-size-max=1G"
  .. " --innodb-log-file-size=256M --max-connections=6000 --back-log=2000"

local ACCOUNT = [[
CREATE DATABASE bench CHARACTER SET utf8mb4;
CREATE USER bench@'%' IDENTIFIED BY 'bench';
GRANT ALL ON bench.* TO bench@'%']]

---@param environment table
---@return table
local function options_for(environment)
  return {
    host = environment.BENCH_HOST,
    port = tonumber(environment.BENCH_PORT),
    user = environment.BENCH_USER,
    password = environment.BENCH_PASSWORD,
    database = environment.BENCH_DATABASE,
    ssl = false,
  }
end

--- The server that somebody else started.
---@return bench.Server
local function given()
  local environment = {
    BENCH_HOST = os.getenv("BENCH_HOST") or "127.0.0.1",
    BENCH_PORT = os.getenv("BENCH_PORT"),
    BENCH_SOCKET = os.getenv("BENCH_SOCKET") or "/run/mysqld/mysqld.sock",
    BENCH_USER = os.getenv("BENCH_USER") or "bench",
    BENCH_PASSWORD = os.getenv("BENCH_PASSWORD") or "bench",
    BENCH_DATABASE = os.getenv("BENCH_DATABASE") or "bench",
  }
  return { environment = environment, options = options_for(environment), is_own = false }
end

---@param cpu? integer
---@return bench.Server
local function started(cpu)
  local folder = (os.getenv("LUNASA_TEST_SERVERS") or shell.root .. "/.servers") .. "/bench"
  local pin = cpu and ("taskset -c %d "):format(cpu) or ""
  shell.must(("%s down %s"):format(LAUNCHER, shell.quoted(folder)))
  local up = ("%s up %s %s 9>&-"):format(LAUNCHER, shell.quoted(folder), FLAGS)
  local variables =
    shell.must(("%s%s >/dev/null && cat %s/env"):format(pin, up, shell.quoted(folder)))
  local environment = {
    BENCH_HOST = "127.0.0.1",
    BENCH_PORT = variables:match("LUNASA_TEST_MARIADB_PORT=(%d+)"),
    BENCH_SOCKET = folder .. "/s.sock",
    BENCH_USER = "bench",
    BENCH_PASSWORD = "bench",
    BENCH_DATABASE = "bench",
  }
  local admin = lunasa.connect({ socket = environment.BENCH_SOCKET, user = "root" })
  for statement in ACCOUNT:gmatch("[^;]+") do
    admin:execute(statement)
  end
  admin:close()
  local options = options_for(environment)
  return { environment = environment, options = options, is_own = true, folder = folder }
end

--- Gives a server, started unless BENCH_PORT names one.
---@param cpu? integer that a server of our own stays on
---@return bench.Server
function server.open(cpu)
  if os.getenv("BENCH_PORT") then
    return given()
  end
  return started(cpu)
end

--- Ends a server of our own, and its data.
---@param self bench.Server
function server.close(self)
  if self.is_own then
    shell.must(("%s down %s"):format(LAUNCHER, shell.quoted(self.folder)))
  end
end

return server
