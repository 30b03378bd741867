--- Several hosts for one connection: they are tried until one lets us in.
local errors = require("lunasa.error")

local hosts = {}

--- Errors of a server after which another one may let us in: too many connections, or one that
--- blocks us or is about to stop.
local NEXT = { [1040] = true, [1053] = true, [1129] = true, [1130] = true, [1203] = true }

---@type table<table, table[]> configurations of one host each, by that of all
local known = setmetatable({}, { __mode = "k" })

local function configs_of(config)
  local list = known[config]
  if not list then
    list = {}
    for i, entry in ipairs(config.hosts) do
      local single = {}
      for name, value in pairs(config) do
        single[name] = value
      end
      single.host, single.port, single.hosts = entry.host, entry.port or config.port, nil
      single.origin = config
      list[i] = single
    end
    known[config] = list
  end
  return list
end

--- The order in which they are tried.
local function ordered(config)
  local list = configs_of(config)
  if config.host_policy ~= "random" then
    return list
  end
  local shuffled = { unpack(list) }
  for i = #shuffled, 2, -1 do
    local j = math.random(i)
    shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
  end
  return shuffled
end

local function may_help(err)
  if not errors.is_error(err) or errors.is_interruption(err) then
    return false
  end
  return err.errno == 2003 or NEXT[err.errno] or err:is_disconnect() or err:is("TimeoutError")
end

local function failure(list, problems)
  if #problems == 1 then
    return problems[1]
  end
  local words, are_timeouts = {}, true
  for i, err in ipairs(problems) do
    local where = ("%s:%d"):format(list[i].host, list[i].port)
    local is_named = err.message:find(list[i].host, 1, true)
    words[i] = is_named and err.message or ("%s: %s"):format(where, err.message)
    are_timeouts = are_timeouts and err:is("TimeoutError")
  end
  local message = ("no host could be connected to: %s"):format(table.concat(words, "; "))
  local last = problems[#problems]
  return errors.new(are_timeouts and "TimeoutError" or "OperationalError", message, {
    errno = 2003,
    which = are_timeouts and "connect" or nil,
    cause = last,
  })
end

--- Connects to the first host that lets us in. Each has its share of the time that is left; an
--- error that another host would give too, such as a wrong password, ends the search.
---@async
---@param config table with `hosts`
---@param runtime lunasa.Runtime
---@param deadline? number absolute, in seconds
---@param open fun(config: table, deadline?: number): lunasa.Channel
---@return lunasa.Channel
function hosts.open(config, runtime, deadline, open)
  local list, problems = ordered(config), {}
  local limit = config.connect_timeout and runtime.now() + config.connect_timeout or math.huge
  local stop = math.min(limit, deadline or math.huge)
  for i, single in ipairs(list) do
    local now = runtime.now()
    local share = (stop - now) / (#list - i + 1)
    local ok, answer = pcall(open, single, stop < math.huge and now + share or nil)
    if ok then
      return answer
    elseif not may_help(answer) then
      error(answer, 0)
    end
    problems[i] = answer
  end
  errors.throw(failure(list, problems))
end

return hosts
