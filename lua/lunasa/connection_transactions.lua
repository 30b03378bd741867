--- The methods of a connection that begin and end transactions.
local format = require("lunasa.format")
local transaction = require("lunasa.transaction")

local connection_transactions = {}

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param use fun(self: lunasa.Connection): lunasa.Channel the channel; raises without one
---@param run fun(self: lunasa.Connection, sql: string, args?: table, options?: table)
function connection_transactions.add(Connection, use, run)
  --- Runs a function in a transaction, see `lunasa.transaction`.
  ---@async
  ---@param options? lunasa.TransactionOptions
  ---@param work fun(conn: lunasa.Connection, transaction: lunasa.Transaction): any
  ---@return any ...
  ---@overload fun(self: lunasa.Connection, work: function): any
  function Connection:transaction(options, work)
    if work == nil then
      options, work = {}, options
    end
    use(self)
    return transaction.run(self, options or {}, work)
  end

  --- Begins a transaction that the caller ends with its `commit` or `rollback`.
  ---@async
  ---@param options? lunasa.TransactionOptions
  ---@return lunasa.Transaction
  function Connection:begin(options)
    use(self)
    return transaction.begin(self, options)
  end

  --- Ends whatever transaction is open by making its work permanent.
  ---@async
  function Connection:commit()
    run(self, "COMMIT", nil, format.TEXT_OPTIONS)
  end

  --- Ends whatever transaction is open by undoing its work.
  ---@async
  function Connection:rollback()
    run(self, "ROLLBACK", nil, format.TEXT_OPTIONS)
  end
end

return connection_transactions
