--- A connection of an engine while something is to be known of its statements: it is in a
--- transaction, or somebody listens to the engine's events.
---
--- It is the same object with another class, so that all others pay nothing for it.
local class = require("lunasa.sa.class")
local errors = require("lunasa.error")
local events = require("lunasa.engine.events")
local state = require("lunasa.engine.transaction.state")

local watched = {}

local function pack(...)
  return { n = select("#", ...), ... }
end

--- Asks those who listen what is to be run: the statement and its parameters, which each may
--- replace.
---@async
local function before(conn, listeners, call)
  for _, listener in ipairs(listeners) do
    local given = pack(listener(conn, unpack(call, 1, call.n)))
    if given.n > 1 then
      call = given
    elseif given[1] ~= nil then
      call[1] = given[1]
    end
  end
  return call
end

--- Gives the error to be raised: those who listen may give another one instead.
---@async
local function replaced(conn, listeners, err, statement)
  for _, listener in ipairs(listeners) do
    local ok, other = pcall(listener, conn, err, statement)
    if not ok then
      return errors.suppress(other, err)
    elseif other then
      err = other
    end
  end
  return err
end

--- Runs a statement to whose engine somebody listens.
---@async
local function told(conn, method, known, call)
  call = before(conn, known.before_execute or {}, call)
  local ok, answer = pcall(method, conn, unpack(call, 1, call.n))
  if not ok then
    state.note(conn, answer)
    return false, replaced(conn, known.handle_error or {}, answer, call[1])
  end
  for _, listener in ipairs(known.after_execute or {}) do
    listener(conn, call[1], answer)
  end
  return true, answer
end

---@async
local function run(conn, method, ...)
  state.check(conn)
  local known = rawget(conn.engine, "events")
  local ok, answer
  if known then
    ok, answer = told(conn, method, known, pack(...))
  else
    ok, answer = pcall(method, conn, ...)
    if not ok then
      state.note(conn, answer)
    end
  end
  if not ok then
    errors.throw(answer)
  end
  return answer
end

--- Makes the other class of connections, with all that the first one has now.
---@param SAConnection lunasa.SAConnection the class
function watched.add(SAConnection)
  local Watched = class("SAConnection", SAConnection)

  function Watched:execute(...)
    return run(self, SAConnection.execute, ...)
  end

  function Watched:stream(...)
    return run(self, SAConnection.stream, ...)
  end

  --- Takes the class that a connection needs now.
  ---@package
  function SAConnection:_watch()
    local is_wanted = self._transaction or self._doomed or rawget(self.engine, "events")
    setmetatable(self, is_wanted and Watched or SAConnection)
  end
end

--- Tells that a connection is lent.
---@async
---@param conn lunasa.SAConnection
---@return lunasa.SAConnection conn
function watched.check_out(conn)
  conn:_watch()
  local ok, err = pcall(events.tell, conn, "checkout")
  if not ok then
    local is_closed, failure = pcall(conn.close, conn)
    errors.throw(is_closed and err or errors.suppress(err, failure))
  end
  return conn
end

return watched
