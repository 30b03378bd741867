--- What the command line may hold, and what the runner says about itself.
local login = require("lunasa.login")
local suggest = require("lunasa.suggest")

local usage = {}

local HELP = [=[
usage: lunasa [options] [script [arguments]]

Runs a Lua script as a task: what waits for the database lets other tasks run.

  -e chunk      run this text
  -l module     require this module
  --url URL     database of lunasa.connect() when it names none
  --server      start a private MariaDB, empty and gone at the end, and make it that database
  -E            ignore LUA_INIT, LUA_PATH and LUA_CPATH
  -v            print versions
  -h            print this
  --            end of options
  -             run standard input

-e and -l may be repeated and run in the order given, before the script.
Without --url and --server the database is the one named by LUNASA_URL.
]=]

local OPTIONS = { "--url", "--server", "--version", "--help" }

--- Prints the help.
---@param stream file*
function usage.print_help(stream)
  stream:write(HELP)
end

--- Prints what this executable is made of.
---@param versions { luajit: string, libuv: string, openssl: string }
function usage.print_versions(versions)
  io.stdout:write("lunasa ", login.VERSION, "\n", versions.luajit, "\n")
  io.stdout:write("libuv ", versions.libuv, "\nOpenSSL ", versions.openssl, "\n")
end

--- Says what is wrong with the command line.
---@param plan lunasa.runner.Plan
---@return boolean is_wrong
function usage.complain(plan)
  local problem
  if plan.unknown then
    local near = #plan.unknown > 2 and suggest.phrase(plan.unknown, OPTIONS) or ""
    problem = ("unknown option '%s'%s"):format(plan.unknown, near)
  elseif plan.lacking then
    problem = ("option '%s' needs a value"):format(plan.lacking)
  else
    return false
  end
  io.stderr:write("lunasa: ", problem, "\n", "lunasa -h lists the options\n")
  return true
end

return usage
