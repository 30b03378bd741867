--- Runs the runner itself, as a shell would.
local lunasa = require("lunasa")

local program = {}

--- The executable under test: LUNASA, else the one that runs this spec, by a path that holds even
--- when a build replaces the file meanwhile.
---@return string
local function executable()
  local pipe = assert(io.popen("echo $PPID"))
  local pid = pipe:read("*n")
  pipe:close()
  return os.getenv("LUNASA") or ("/proc/%d/exe"):format(pid)
end

program.path = executable()

--- Paths of the files that a spec has left.
local left = {}

local function new_path()
  local path = os.tmpname()
  table.insert(left, path)
  return path
end

--- Removes the files that a spec has left: for after_each.
function program.clean()
  for _, path in ipairs(left) do
    os.remove(path)
  end
  left = {}
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

function program.read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

--- Writes a file that lives until `clean`.
---@param text string
---@param suffix? string
---@return string path
function program.file(text, suffix)
  local path = new_path()
  if suffix then
    path = path .. suffix
    table.insert(left, path)
  end
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- The command line of a shell, with output and errors in files.
local function command_of(arguments, out, err)
  local words = { "env", arguments.env or "LUA_INIT=", quoted(program.path) }
  for _, argument in ipairs(arguments) do
    table.insert(words, quoted(argument))
  end
  local input = arguments.input and program.file(arguments.input) or "/dev/null"
  return ("%s <%s >%s 2>%s"):format(table.concat(words, " "), input, out, err)
end

---@class spec.Outcome
---@field status integer
---@field out string
---@field err string

--- Runs it to its end. `arguments.input` is standard input, `arguments.env` sets variables.
---@param arguments table
---@return spec.Outcome
function program.run(arguments)
  local out, err = new_path(), new_path()
  local status = os.execute(command_of(arguments, out, err))
  return { status = status / 256, out = program.read(out), err = program.read(err) }
end

--- Waits until `find` returns something, which it returns.
---@async
function program.wait_for(find, what)
  local deadline = lunasa.now() + 20
  while lunasa.now() < deadline do
    local found = find()
    if found then
      return found
    end
    lunasa.sleep(0.005)
  end
  error("waited too long for " .. (what or "something"))
end

---@class spec.Running
---@field pid integer
---@field out string path of its output
---@field err string path of its errors
---@field status string path of its exit status, once it ended
local Running = {}
Running.__index = Running

--- Starts it in the background.
---@param arguments table
---@return spec.Running
function program.start(arguments)
  local out, err, pid, status = new_path(), new_path(), new_path(), new_path()
  os.remove(status)
  local script = "(%s & echo $! >%s; wait $!; echo $? >%s.new; mv %s.new %s) 2>/dev/null &"
  os.execute(script:format(command_of(arguments, out, err), pid, status, status, status))
  local started = program.wait_for(function()
    return tonumber(program.read(pid))
  end, "the program to start")
  return setmetatable({ pid = started, out = out, err = err, status = status }, Running)
end

--- Gives the first line of its output, once it is there.
---@async
function Running:first_line()
  return program.wait_for(function()
    return (program.read(self.out) or ""):match("^([^\n]*)\n")
  end, "output")
end

--- Sends a signal, such as "INT".
function Running:signal(name)
  assert(os.execute(("kill -%s %d"):format(name, self.pid)) == 0)
end

--- Waits for its end and gives its exit status.
---@async
---@return integer
function Running:wait()
  return program.wait_for(function()
    return tonumber(program.read(self.status))
  end, "the program to end")
end

--- Tells whether a process runs: a zombie does not.
---@param pid integer
---@return boolean
function program.is_alive(pid)
  local stat = program.read(("/proc/%d/stat"):format(pid))
  return stat ~= nil and not stat:find("^%d+ %b() Z")
end

return program
