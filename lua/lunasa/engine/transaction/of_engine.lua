--- `engine:begin(fn)`: a connection, and a transaction in it, for a function.
local blocks = require("lunasa.engine.transaction.blocks")
local driver_transaction = require("lunasa.transaction")
local errors = require("lunasa.error")

local of_engine = {}

--- Tells whether a connection turned out to be lost.
local function is_lost(err)
  return errors.is_error(err) and err:is_disconnect() and not errors.is_interruption(err)
end

--- Adds its method to the class of engines.
---@param Engine lunasa.Engine the class
function of_engine.add(Engine)
  --- Runs a function in a transaction on a connection of its own: commits when it returns, rolls
  --- back when it raises. With `retries`, work that met a deadlock or the like runs again. A
  --- connection that turns out to be lost before the work has begun is replaced.
  ---@async
  ---@param options? lunasa.TransactionOptions and `timeout`, of acquire
  ---@param work fun(conn: lunasa.SAConnection, transaction: lunasa.sa.Transaction): any
  ---@return any ...
  ---@overload fun(self: lunasa.Engine, work: function): any
  function Engine:begin(options, work)
    if work == nil then
      options, work = nil, options
    end
    options = options or {}
    driver_transaction.check(options)
    blocks.check(work, "begin")
    local limit = options.timeout and { timeout = options.timeout }
    local fresh, is_beginning = (options.retries or 0) + 1, false
    local function inside(conn)
      is_beginning = true
      return conn:transaction(options, function(...)
        is_beginning = false
        return work(...)
      end)
    end
    local function settle(ok, ...)
      if ok or fresh == 0 or not is_beginning or not is_lost((...)) then
        return blocks.finish(ok, ...)
      end
      fresh = fresh - 1
      return settle(pcall(self.with, self, limit, inside))
    end
    return settle(pcall(self.with, self, limit, inside))
  end
end

return of_engine
