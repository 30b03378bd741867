--- `require` and `dofile` written in Lua, so that the body of a module or file may query: nothing
--- can be suspended inside the built-in ones.
local runtime = require("lunasa.runtime")

local loaders = {}

local built_in_require = require
local loaded = package.loaded

---@class lunasa.runner.Loading
---@field task? lunasa.Task that runs the module's body
---@field waiters lunasa.Waiter[] of other tasks that require it meanwhile

---@type table<string, lunasa.runner.Loading>
local loading = {}

--- The latest failure of a module, with the traceback of where it happened.
---@type { err: any, traceback: string? }
local latest_failure = {}

--- What the built-in `require` keeps in package.loaded while a module loads, and after it failed.
--- Both must use the same, for C modules may call the built-in one.
local function find_sentinel()
  local name = "lunasa.runner.sentinel"
  package.preload[name] = error
  pcall(built_in_require, name)
  local sentinel = loaded[name]
  package.preload[name], loaded[name] = nil, nil
  return sentinel
end

local sentinel = find_sentinel()

--- Asks the functions of package.loaders for the one that makes the module.
local function find(name)
  if type(package.loaders) ~= "table" then
    error("'package.loaders' must be a table", 3)
  end
  local tried = {}
  for _, searcher in ipairs(package.loaders) do
    local found = searcher(name)
    if type(found) == "function" then
      return found
    elseif type(found) == "string" then
      table.insert(tried, found)
    end
  end
  error(("module '%s' not found:%s"):format(name, table.concat(tried)), 3)
end

local function remember_failure(err)
  if not rawequal(latest_failure.err, err) then
    latest_failure = { err = err, traceback = debug.traceback("", 2):sub(2) }
  end
  return err
end

--- Gives the traceback of an error that came out of a module's body, nil when it did not.
---@param err any
---@return string?
function loaders.traceback_of(err)
  return rawequal(latest_failure.err, err) and latest_failure.traceback or nil
end

local function run(name, body)
  local entry = { task = runtime.current(), waiters = {} }
  loading[name], loaded[name] = entry, sentinel
  local ok, value = xpcall(body, remember_failure, name)
  loading[name] = nil
  if ok and value ~= nil then
    loaded[name] = value
  elseif ok and loaded[name] == sentinel then
    loaded[name] = true
  end
  for _, waiter in ipairs(entry.waiters) do
    waiter:wake()
  end
  if not ok then
    error(value, 0)
  end
  return loaded[name]
end

--- Waits while another task loads the module.
local function wait_for_others(name)
  local entry = loading[name]
  while entry and entry.task ~= runtime.current() do
    local waiter = runtime.waiter()
    table.insert(entry.waiters, waiter)
    local ok, err = waiter:wait()
    if not ok then
      error(err, 0)
    end
    entry = loading[name]
  end
end

--- Like the built-in one; may suspend.
---@async
---@param name string
---@return any
function loaders.require(name)
  if type(name) == "number" then
    name = tostring(name)
  elseif type(name) ~= "string" then
    local message = "bad argument #1 to 'require' (string expected, got %s)"
    error(message:format(name == nil and "no value" or type(name)), 2)
  end
  if loaded[name] == sentinel then
    wait_for_others(name)
  end
  local value = loaded[name]
  if value == sentinel then
    error(("loop or previous error loading module '%s'"):format(name), 2)
  elseif value then
    return value
  end
  return (run(name, find(name)))
end

--- Like the built-in one; may suspend.
---@async
---@param path? string standard input when nil
---@return any ...
function loaders.dofile(path)
  local chunk, problem = loadfile(path)
  if not chunk then
    error(problem, 0)
  end
  return chunk()
end

--- Replaces the global functions.
function loaders.install()
  _G.require, _G.dofile = loaders.require, loaders.dofile
end

return loaders
