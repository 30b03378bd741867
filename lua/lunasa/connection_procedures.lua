--- Calling stored procedures.
local options_of = require("lunasa.options")
local procedure = require("lunasa.procedure")
local turn = require("lunasa.turn")

local connection_procedures = {}

---@class (exact) lunasa.ProcedureAnswer
---@field sets lunasa.Result[] the results that have rows
---@field out any[] what the parameters are afterwards; IN parameters as they were given
---@field affected_rows integer of the procedure

local SET_OPTIONS = { protocol = "text", paramstyle = "qmark" }

--- Options of the call, for its last statement.
local function for_out(options)
  local own = {}
  for name, value in pairs(options or {}) do
    own[name] = value
  end
  own.rows, own.null, own.protocol, own.attributes = "array", "null", "text", nil
  return own
end

--- Runs the statements of a call.
---@async
local function perform(conn, run, texts, args, options)
  if texts.set then
    run(conn, texts.set, args, SET_OPTIONS)
  end
  local answer = run(conn, texts.call, nil, options) ---@type lunasa.Result?
  local sets, affected_rows = {}, 0
  while answer do
    affected_rows = answer.affected_rows
    if answer.names and not answer.is_out_parameters then
      table.insert(sets, answer)
    end
    answer = answer:nextset()
  end
  local out = texts.get and run(conn, texts.get, nil, for_out(options))[1] or {}
  return { sets = sets, out = out, affected_rows = affected_rows }
end

--- Adds `callproc`.
---@param Connection lunasa.Connection the class
---@param use fun(conn: lunasa.Connection): lunasa.Channel the channel; raises without one
---@param run fun(conn: lunasa.Connection, sql: string, args?: table, options?: table): any
function connection_procedures.add(Connection, use, run)
  --- Calls a procedure, and asks what its parameters have become.
  ---@async
  ---@param name string `p` or `db.p`; in backticks where a dot is part of a name
  ---@param args? any[] a list; `lunasa.null` where a parameter only gives out
  ---@param options? table of a call
  ---@return lunasa.ProcedureAnswer
  function Connection:callproc(name, args, options)
    local channel = use(self)
    if options then
      options_of.call(options, 2)
    end
    local texts = procedure.call(channel.session, name, args, 3)
    local timeout = options and options.timeout
    if timeout == nil then
      timeout = self.timeout
    end
    local deadline = timeout and self.runtime.now() + timeout
    -- The variables are the session's: another task's call would use the same ones.
    return turn.keep(channel, self.runtime, deadline, function()
      return perform(self, run, texts, args, options)
    end)
  end
end

return connection_procedures
