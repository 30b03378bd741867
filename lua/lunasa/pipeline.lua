--- Several commands on one connection, sent without waiting for the answers between them: what
--- users write down, and how they are told the outcome.
---
--- The function of a pipeline does nothing but write down. When it has returned, the channel is
--- taken, and the commands go out.
local call = require("lunasa.call")
local errors = require("lunasa.error")
local pipeline_run = require("lunasa.pipeline_run")
local query_attributes = require("lunasa.query_attributes")
local statement_limit = require("lunasa.statement_limit")

local pipeline = {}

---@class lunasa.Pipeline
---@field private entries lunasa.PipelineEntry[]
---@field private is_over boolean
---@field private prepare fun(sql: string, args?: table, options?: table): lunasa.PipelineEntry
local Pipeline = {}
Pipeline.__index = Pipeline
Pipeline.__name = "lunasa.Pipeline"

local function add(self, entry)
  if self.is_over then
    errors.raise("InterfaceError", "the pipeline is over", nil, 3)
  end
  local position = #self.entries + 1
  self.entries[position] = entry
  return position
end

local function copy(args)
  if not args then
    return nil
  end
  local copied = setmetatable({}, getmetatable(args))
  for key, value in pairs(args) do
    copied[key] = value
  end
  return copied
end

--- Adds a statement. Its parameters are taken as they are now.
---@param sql string
---@param args? table
---@param options? table of a call, but for `timeout`
---@return integer position of its result
function Pipeline:query(sql, args, options)
  local entry = self.prepare(sql, args, options)
  entry.args = copy(args)
  return add(self, entry)
end

--- The same: the result has `affected_rows` and `insert_id`.
Pipeline.execute = Pipeline.query

--- Adds a ping.
---@return integer position
function Pipeline:ping()
  return add(self, { kind = "ping", text = "", format = 0 })
end

--- Adds a change of the default database.
---@param name string
---@return integer position
function Pipeline:select_db(name)
  if type(name) ~= "string" or name == "" then
    errors.raise("ArgumentError", "select_db needs the name of a database", nil, 2)
  end
  return add(self, { kind = "select_database", text = name, format = 0 })
end

local ON_ERROR = { raise = true, collect = true }

--- Splits the options of a pipeline from those of its commands.
---@return table own
---@return table others
local function split(options)
  if type(options) ~= "table" then
    errors.raise("ArgumentError", "options must be a table, got " .. type(options), nil, 4)
  end
  local own, others = {}, {}
  for name, value in pairs(options) do
    local target = (name == "on_error" or name == "stop_on_error") and own or others
    target[name] = value
  end
  if own.on_error ~= nil and not ON_ERROR[own.on_error] then
    errors.raise("ArgumentError", "option 'on_error' must be 'raise' or 'collect'", nil, 4)
  elseif own.stop_on_error ~= nil and type(own.stop_on_error) ~= "boolean" then
    errors.raise("ArgumentError", "option 'stop_on_error' must be a boolean", nil, 4)
  end
  return own, others
end

--- Options of one command over those of the pipeline.
local function combined(others, options)
  if options and options.timeout ~= nil then
    errors.raise("ArgumentError", "option 'timeout' belongs to the whole pipeline", nil, 4)
  end
  local all = {}
  for _, source in ipairs({ others, options }) do
    for name, value in pairs(source) do
      all[name] = value
    end
  end
  return all
end

--- Lets `work` write down commands.
---@param self lunasa.Connection
---@return lunasa.PipelineEntry[]
local function collect(self, others, work)
  local recorder = setmetatable({ entries = {}, is_over = false }, Pipeline)
  local format, _, is_pyformat = call.with_options(self, others, 4)
  function recorder.prepare(sql, args, options)
    call.check_statement(sql, args, 4)
    local how, is_python, all = format, is_pyformat, others
    if options then
      all = combined(others, options)
      how, _, is_python = call.with_options(self, all, 4)
    end
    if all.infile ~= nil then
      errors.raise("ArgumentError", "a pipeline sends no data: run the load by itself", nil, 4)
    end
    local text = statement_limit.of_call(sql, all, self.is_mariadb)
    return {
      kind = "query",
      text = text,
      sql = text,
      is_pyformat = is_python,
      format = how,
      attributes = query_attributes.list(all),
    }
  end
  local ok, err = pcall(work, recorder)
  recorder.is_over = true
  if not ok then
    error(err, 0)
  end
  return recorder.entries
end

--- Adds its method to the class of connections.
---@param Connection table
---@param use fun(self: lunasa.Connection): lunasa.Channel
function pipeline.add(Connection, use)
  --- Sends the commands that a function writes down, without waiting between them, and gives their
  --- results. The first error is raised when all are answered, with the others in `err.results`.
  ---@async
  ---@param options? table `on_error`, `stop_on_error`, and those of a call
  ---@param work fun(p: lunasa.Pipeline)
  ---@return (lunasa.Result|lunasa.Error)[] results in the order of the commands
  ---@overload fun(self: lunasa.Connection, work: fun(p: lunasa.Pipeline)): lunasa.Result[]
  function Connection:pipeline(options, work)
    if work == nil then
      options, work = {}, options
    end
    use(self)
    if type(work) ~= "function" then
      local problem = ("pipeline needs a function, got %s"):format(type(work))
      errors.raise("ArgumentError", problem, nil, 2)
    end
    local own, others = split(options)
    local _, timeout = call.with_options(self, others, 3)
    local entries = collect(self, others, work)
    local channel = use(self) -- the function may have waited, and the connection been released
    if self.echo then
      for _, entry in ipairs(entries) do
        call.echo(self, entry.sql or entry.kind)
      end
    end
    local runtime = self.runtime
    local deadline = timeout and runtime.now() + timeout
    local protected = channel.observer
        and channel.observer:calling(self, "pipeline", nil, nil, entries)
      or pcall
    local ok, results, err = protected(pipeline_run.run, channel, runtime, entries, own, deadline)
    if not ok or err then
      errors.throw(err or results, self.config.errors)
    end
    return results
  end
end

return pipeline
