--- The Lua half of the `lunasa` executable: from the command line to the exit status.
local coroutines = require("lunasa.coroutines")
local ending = require("lunasa.runner.ending")
local errors = require("lunasa.error")
local loaders = require("lunasa.runner.loaders")
local report = require("lunasa.runner.report")
local task = require("lunasa.task")

---@class lunasa.runner.Plan what src/runner/main.c found out
---@field executable string path of the running program
---@field steps { is_module: boolean, text: string }[] -l and -e, in the order given
---@field script? string path, or "-" for standard input
---@field url? string
---@field wants_server boolean
---@field wants_version boolean
---@field wants_help boolean
---@field ignores_environment boolean
---@field unknown? string option that does not exist
---@field lacking? string option without its value
---@field versions { luajit: string, libuv: string, openssl: string }
---@field is_terminal fun(): boolean whether standard input is one
---@field pause fun(seconds: number) blocks
---@field on_signal fun(handler: fun(name: "INT"|"TERM"))
---@field close_signals fun()

local FAILURE, USAGE = 1, 2

--- Adds the folders of an installation: <prefix>/bin/lunasa finds what is in <prefix>/share.
local function add_search_paths(executable)
  local prefix = executable:match("^(.*)/[^/]*/[^/]*$")
  if prefix then
    local share, lib = prefix .. "/share/lua/5.1/", prefix .. "/lib/lua/5.1/"
    package.path = ("%s;%s?.lua;%s?/init.lua"):format(package.path, share, share)
    package.cpath = ("%s;%s?.so"):format(package.cpath, lib)
  end
end

--- Sets the database of `lunasa.connect()`; starts it when asked to. A script that asks for none is
--- started without what knows of databases.
local function prepare_database(plan)
  local url = plan.url
  if not url and plan.wants_server then
    ending.server = require("lunasa.server").start()
    url = ending.server.url
  end
  if url then
    require("lunasa.options").set_default_url(url)
  end
end

local function run_init(plan)
  local init = not plan.ignores_environment and os.getenv("LUA_INIT")
  if not init then
    return
  end
  local path = init:match("^@(.*)$")
  if path then
    report.loaded(loadfile(path))()
  else
    report.loaded(loadstring(init, "=LUA_INIT"))()
  end
end

local function run_steps(plan)
  for _, step in ipairs(plan.steps) do
    local text = step.is_module and ("require(%q)"):format(step.text) or step.text
    report.loaded(loadstring(text, "=(command line)"))()
  end
end

local function run_script(plan)
  if plan.script then
    local path = plan.script ~= "-" and plan.script or nil
    report.loaded(loadfile(path))(unpack(arg))
  end
end

local function run_all(plan)
  prepare_database(plan)
  run_init(plan)
  run_steps(plan)
  run_script(plan)
end

--- The main task. Returns the exit status of what it did; tasks that it spawned may still run.
local function main_task(plan)
  local main = task.current()
  plan.on_signal(function(name)
    ending.signal(name, main)
  end)
  local ok, failure = xpcall(run_all, report.failure, plan)
  if ok then
    return 0
  elseif errors.is_error(failure.err, "Interrupted") then
    return ending.status_after(failure.err)
  end
  report.print(failure)
  return FAILURE
end

--- Runs what the command line asks for; gives the exit status.
---@param plan lunasa.runner.Plan
---@return integer status
local function run(plan)
  coroutines.install()
  loaders.install()
  ending.install(plan)
  add_search_paths(plan.executable)
  local status = FAILURE
  local ok, problem, words = task.main(function()
    status = main_task(plan)
  end)
  if not ok and problem then
    io.stdout:flush()
    io.stderr:write("lunasa: ", words or tostring(problem), "\n")
  end
  ending.clean_up()
  return ok and status or FAILURE
end

---@param plan lunasa.runner.Plan
---@return integer status of the process
return function(plan)
  local usage = "lunasa.runner.usage"
  if (plan.unknown or plan.lacking) and require(usage).complain(plan) then
    return USAGE
  elseif plan.wants_help then
    require(usage).print_help(io.stdout)
    return 0
  elseif plan.wants_version then
    require(usage).print_versions(plan.versions)
    if not plan.script and #plan.steps == 0 then
      return 0
    end
  end
  if not plan.script and #plan.steps == 0 then
    if plan.is_terminal() then
      require(usage).print_help(io.stderr)
      return USAGE
    end
    plan.script = "-"
  end
  return run(plan)
end
