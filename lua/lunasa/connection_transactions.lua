--- The methods of a connection that begin and end transactions.
local errors = require("lunasa.error")
local format = require("lunasa.format")
local identifier = require("lunasa.identifier")
local transaction = require("lunasa.transaction")

local connection_transactions = {}

local function quoted(conn, name, method)
  if type(name) ~= "string" or name == "" or name:find("%z") then
    local message = ("%s needs the name of a savepoint"):format(method)
    errors.raise("ArgumentError", message, nil, 3)
  end
  local text = identifier.quote(conn.channel.session, name, 4)
  return text
end

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
    options = options or {}
    transaction.check(options)
    if type(work) ~= "function" then
      local message = ("transaction needs a function, got %s"):format(type(work))
      errors.raise("ArgumentError", message, nil, 2)
    end
    return transaction.run(self, options, work)
  end

  --- Begins a transaction that the caller ends with its `commit` or `rollback`.
  ---@async
  ---@param options? lunasa.TransactionOptions
  ---@return lunasa.Transaction
  function Connection:begin(options)
    use(self)
    options = options or {}
    transaction.check(options)
    return transaction.begin_by_hand(self, options)
  end

  --- Marks a point in the open transaction that `rollback_to` comes back to.
  ---@async
  ---@param name string
  function Connection:savepoint(name)
    use(self)
    run(self, "SAVEPOINT " .. quoted(self, name, "savepoint"), nil, format.TEXT_OPTIONS)
  end

  --- Forgets a savepoint, and those made after it; their work stays.
  ---@async
  ---@param name string
  function Connection:release_savepoint(name)
    use(self)
    local sql = "RELEASE SAVEPOINT " .. quoted(self, name, "release_savepoint")
    run(self, sql, nil, format.TEXT_OPTIONS)
  end

  --- Undoes what was done since a savepoint, which stays.
  ---@async
  ---@param name string
  function Connection:rollback_to(name)
    use(self)
    local sql = "ROLLBACK TO SAVEPOINT " .. quoted(self, name, "rollback_to")
    run(self, sql, nil, format.TEXT_OPTIONS)
  end

  --- Ends whatever transaction is open by making its work permanent.
  ---@async
  function Connection:commit()
    use(self)
    self.has_committed = true
    run(self, "COMMIT", nil, format.TEXT_OPTIONS)
    transaction.end_by_hand(self)
  end

  --- Ends whatever transaction is open by undoing its work.
  ---@async
  function Connection:rollback()
    run(self, "ROLLBACK", nil, format.TEXT_OPTIONS)
    transaction.end_by_hand(self)
  end
end

return connection_transactions
