--- Calling stored procedures.
local procedure = require("lunasa.procedure")

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
    local texts = procedure.call(channel.session, name, args, 3)
    if texts.set then
      run(self, texts.set, args, SET_OPTIONS)
    end
    local answer = run(self, texts.call, nil, options) ---@type lunasa.Result?
    local sets, affected_rows = {}, 0
    while answer do
      affected_rows = answer.affected_rows
      if answer.names and not answer.is_out_parameters then
        table.insert(sets, answer)
      end
      answer = answer:nextset()
    end
    local out = texts.get and run(self, texts.get, nil, for_out(options))[1] or {}
    return { sets = sets, out = out, affected_rows = affected_rows }
  end
end

return connection_procedures
