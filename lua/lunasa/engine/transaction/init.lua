--- Transactions of an engine's connections.
local transactions = {}

--- Adds its methods to the class of connections.
---@param SAConnection lunasa.SAConnection the class
function transactions.add(SAConnection) -- luacheck: no unused args
end

--- Rolls back what is open on a connection that is given back.
---@async
---@param conn lunasa.SAConnection
function transactions.finish(conn) -- luacheck: no unused args
end

return transactions
