--- The methods of a connection that make cursors, which are loaded when somebody wants one.
local errors = require("lunasa.error")

local connection_cursors = {}

--- Adds its methods to the class of connections.
---@param Connection lunasa.Connection the class
---@param use fun(conn: lunasa.Connection): lunasa.Channel the channel; raises without one
function connection_cursors.add(Connection, use)
  local new

  --- Makes a cursor. That does nothing on the server.
  ---@param class? lunasa.CursorClass|lunasa.CursorOptions by default the option `cursorclass`
  ---@param ... lunasa.CursorClass|lunasa.CursorOptions more of it
  ---@return lunasa.Cursor
  function Connection:cursor(class, ...)
    use(self)
    new = new or require("lunasa.cursor").over(use)
    local made = new(self, 3, class, ...)
    return made
  end

  --- Runs a function with a cursor, and closes it behind.
  ---@async
  ---@param class? lunasa.CursorClass|lunasa.CursorOptions
  ---@param work fun(cur: lunasa.Cursor): any
  ---@return any ...
  ---@overload fun(self: lunasa.Connection, work: fun(cur: lunasa.Cursor): any): any
  function Connection:with_cursor(class, work)
    if work == nil then
      class, work = nil, class
    end
    use(self)
    if type(work) ~= "function" then
      local message = ("with_cursor needs a function, got %s"):format(type(work))
      errors.raise("ArgumentError", message, nil, 2)
    end
    new = new or require("lunasa.cursor").over(use)
    local made = new(self, 3, class)
    return made:with(work)
  end
end

return connection_cursors
