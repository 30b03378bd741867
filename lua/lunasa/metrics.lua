--- Counters of what connections and pools do, for Prometheus: `lunasa.metrics()` makes a registry,
--- the option `metrics` gives it to connections and pools, `text()` is what is scraped.
local errors = require("lunasa.error")
local exposition = require("lunasa.exposition")

local metrics = {}

--- Upper bounds of the histogram, in seconds.
local BUCKETS = { 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 }

--- Labels that the registry sets itself.
local OWN_LABELS = { pool = true, kind = true, outcome = true, reason = true, le = true }

--- What is counted of all commands of one kind.
---@class lunasa.CommandCounts
---@field outcomes table<string, integer> commands by outcome: "ok", or the class of the error
---@field buckets integer[] commands by duration; the last is for those above all bounds
---@field seconds number

--- What is counted of one pool, or of the connections that have none.
---@class lunasa.PoolCounts
---@field kinds table<string, lunasa.CommandCounts>
---@field counts table<string, integer>
---@field channels table<lunasa.Channel, true> that were opened; weak

---@class lunasa.Metrics
---@field private labels table<string, string> of every line
---@field private pools table<lunasa.Pool, true> weak
---@field private groups table<string, lunasa.PoolCounts> by name of the pool; "" for none
local Metrics = {}
Metrics.__index = Metrics
Metrics.__name = "lunasa.Metrics"

local function check_labels(labels, level)
  if labels ~= nil and type(labels) ~= "table" then
    errors.raise("ArgumentError", "labels must be a table, got " .. type(labels), nil, level + 1)
  end
  local checked = {}
  for name, value in pairs(labels or {}) do
    local is_name = type(name) == "string" and name:find("^[%a_][%w_]*$") and name:sub(1, 2) ~= "__"
    if not is_name then
      local message = ("'%s' is no name for a label: write letters, digits and '_'"):format(
        tostring(name)
      )
      errors.raise("ArgumentError", message, nil, level + 1)
    elseif OWN_LABELS[name] then
      local message = ("the label '%s' is lunasa's own: choose another name"):format(name)
      errors.raise("ArgumentError", message, nil, level + 1)
    end
    checked[name] = tostring(value)
  end
  return checked
end

--- Makes a registry.
---@param options? { labels?: table<string, any> } labels of every line
---@return lunasa.Metrics
function metrics.new(options)
  if options ~= nil and type(options) ~= "table" then
    errors.raise("ArgumentError", "options must be a table, got " .. type(options), nil, 3)
  end
  for name in pairs(options or {}) do
    if name ~= "labels" then
      local message = ("unknown option '%s': metrics has the option 'labels'"):format(
        tostring(name)
      )
      errors.raise("ArgumentError", message, nil, 3)
    end
  end
  return setmetatable({
    labels = check_labels(options and options.labels, 3),
    pools = setmetatable({}, { __mode = "k" }),
    groups = {},
  }, Metrics)
end

local function group_of(self, pool)
  local group = self.groups[pool]
  if not group then
    group = { kinds = {}, counts = {}, channels = setmetatable({}, { __mode = "k" }) }
    self.groups[pool] = group
  end
  return group
end

local function command_of(group, kind)
  local command = group.kinds[kind]
  if not command then
    command = { outcomes = {}, buckets = {}, seconds = 0 }
    for i = 1, #BUCKETS + 1 do
      command.buckets[i] = 0
    end
    group.kinds[kind] = command
  end
  return command
end

local function add(group, name, count)
  group.counts[name] = (group.counts[name] or 0) + count
end

--- Counts a command that is over.
---@param event lunasa.QueryEvent
function Metrics:record(event)
  local group, err = group_of(self, event.pool or ""), event.error
  local command = command_of(group, event.kind)
  local outcome = err == nil and "ok" or errors.is_error(err) and err.class or "other"
  command.outcomes[outcome] = (command.outcomes[outcome] or 0) + 1
  command.seconds = command.seconds + event.duration
  local bucket = 1
  while BUCKETS[bucket] and event.duration > BUCKETS[bucket] do
    bucket = bucket + 1
  end
  command.buckets[bucket] = command.buckets[bucket] + 1
  add(group, "rows", event.rows or 0)
  add(group, "affected_rows", event.affected_rows or 0)
  add(group, "warnings", event.warning_count or 0)
end

--- Counts something that happened to a command.
---@param pool? string
---@param name "slow_queries"|"hook_failures"
function Metrics:count(pool, name)
  add(group_of(self, pool or ""), name, 1)
end

--- Notes a connection, to know when it is closed.
---@param pool? string
---@param channel lunasa.Channel
function Metrics:opened(pool, channel)
  group_of(self, pool or "").channels[channel] = true
end

--- Notes a pool, whose own counters are shown for as long as it lives.
---@param pool lunasa.Pool
function Metrics:watch(pool)
  self.pools[pool] = true
end

--- The families of metrics: name behind "lunasa_", type, help.
local FAMILIES = {
  { "commands_total", "counter", "Commands by kind and outcome: ok, or the class of the error." },
  { "command_duration_seconds", "histogram", "How long commands took." },
  { "rows_total", "counter", "Rows that came." },
  { "affected_rows_total", "counter", "Rows that were changed." },
  { "warnings_total", "counter", "Warnings that the server counted." },
  { "slow_queries_total", "counter", "Statements that took slow_query_time or longer." },
  { "hook_failures_total", "counter", "Hooks that raised an error." },
  { "connections_opened_total", "counter", "Connections that were made." },
  { "connections_failed_total", "counter", "Connections that could not be made." },
  { "connections_closed_total", "counter", "Connections that were closed or lost." },
  { "pool_connections", "gauge", "Connections of the pool, open or being opened." },
  { "pool_connections_free", "gauge", "Connections of the pool that are ready to be acquired." },
  { "pool_connections_used", "gauge", "Connections of the pool that are in use." },
  { "pool_connections_min", "gauge", "Connections that the pool keeps open." },
  { "pool_connections_max", "gauge", "Connections that the pool opens at most." },
  { "pool_waiting", "gauge", "Tasks that wait for a connection of the pool." },
  { "pool_acquires_total", "counter", "Connections that the pool lent." },
  { "pool_waits_total", "counter", "Acquires that found no idle connection." },
  { "pool_wait_seconds_total", "counter", "What those waited, together." },
  { "pool_timeouts_total", "counter", "Acquires that waited for too long." },
}

--- Shows the commands of one kind.
local function show_command(text, labels, kind, command)
  for outcome, count in pairs(command.outcomes) do
    text:add("commands_total", labels, { kind = kind, outcome = outcome }, count)
  end
  local total, name = 0, "command_duration_seconds"
  for i, count in ipairs(command.buckets) do
    total = total + count
    local bound = exposition.number(BUCKETS[i] or math.huge)
    text:add(name, labels, { kind = kind, le = bound }, total, "_bucket")
  end
  text:add(name, labels, { kind = kind }, command.seconds, "_sum")
  text:add(name, labels, { kind = kind }, total, "_count")
end

--- Tells how many connections were opened and closed; what is not open any more was closed.
local function show_connections(text, labels, group)
  local opened, failed, open = 0, 0, 0
  local connect = group.kinds.connect
  for outcome, count in pairs(connect and connect.outcomes or {}) do
    opened = opened + (outcome == "ok" and count or 0)
    failed = failed + (outcome ~= "ok" and count or 0)
  end
  for channel in pairs(group.channels) do
    open = open + (channel.closed and 0 or 1)
  end
  text:add("connections_opened_total", labels, nil, opened)
  text:add("connections_failed_total", labels, nil, failed)
  text:add("connections_closed_total", labels, nil, opened - open)
end

local PLAIN = { "rows", "affected_rows", "warnings", "slow_queries", "hook_failures" }

--- Adds what pools of the same name say.
local function pool_values(self)
  local by_name = {}
  for pool in pairs(self.pools) do
    local name, stats = pool.name, pool.stats
    local values = by_name[name] or {}
    by_name[name] = values
    for family, value in pairs({
      pool_connections = pool.size,
      pool_connections_free = pool.freesize,
      pool_connections_used = pool.used,
      pool_connections_min = pool.closing and 0 or pool.minsize,
      pool_connections_max = pool.closing and 0 or pool.maxsize or math.huge,
      pool_waiting = pool.waiting,
      pool_acquires_total = stats.acquired,
      pool_waits_total = stats.waited,
      pool_wait_seconds_total = stats.wait_time,
      pool_timeouts_total = stats.timeouts,
    }) do
      values[family] = (values[family] or 0) + value
    end
  end
  return by_name
end

--- Gives all of it in the text form of Prometheus (text/plain; version=0.0.4).
---@param labels? table<string, any> more labels of every line
---@return string
function Metrics:text(labels)
  local all = check_labels(labels, 2)
  for name, value in pairs(self.labels) do
    all[name] = all[name] or value
  end
  local text = exposition.new("lunasa_", FAMILIES, all)
  for pool, group in pairs(self.groups) do
    local of_pool = { pool = pool }
    for kind, command in pairs(group.kinds) do
      show_command(text, of_pool, kind, command)
    end
    for _, name in ipairs(PLAIN) do
      text:add(name .. "_total", of_pool, nil, group.counts[name] or 0)
    end
    show_connections(text, of_pool, group)
  end
  for pool, values in pairs(pool_values(self)) do
    for family, value in pairs(values) do
      text:add(family, { pool = pool }, nil, value)
    end
  end
  return text:finish()
end

metrics.join = exposition.join

--- `lunasa.metrics(options)` makes a registry.
return setmetatable(metrics, {
  __call = function(_, options)
    local registry = metrics.new(options)
    return registry
  end,
})
