--- Functions that are told what an engine does, and may have a say in it.
---
---     sa.event.listen(engine, "before_execute", function(conn, statement, ...) end)
---
--- An engine to which nobody listens has no `events`, and its connections look no further.
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

local events = {}

--- The events, and what their functions are given behind the connection.
---@type table<string, true>
events.NAMES = {
  checkout = true,
  checkin = true,
  before_execute = true, -- statement, parameters …
  after_execute = true, -- statement, result
  handle_error = true, -- error, statement
  begin = true,
  commit = true,
  rollback = true,
  savepoint = true, -- name
  release_savepoint = true, -- name
  rollback_savepoint = true, -- name
  begin_twophase = true, -- xid
  prepare_twophase = true, -- xid
  commit_twophase = true, -- xid, is_prepared
  rollback_twophase = true, -- xid, is_prepared
}

local function check(target, name, listener)
  if type(target) ~= "table" or not (target.pool and target.acquire) then
    mistake.raise("ArgumentError", "events are of engines: the first argument must be one")
  elseif not events.NAMES[name] then
    local hint = suggest.among(name, events.NAMES)
    mistake.raise("ArgumentError", ("there is no event '%s'%s"):format(tostring(name), hint))
  elseif type(listener) ~= "function" then
    local message = "the event %s needs a function, got %s"
    mistake.raise("ArgumentError", message:format(name, type(listener)))
  end
end

--- Gives the listeners without one of them. A list never changes: it may be read just now.
local function without(list, listener)
  local rest = {}
  for _, other in ipairs(list or {}) do
    if other ~= listener then
      rest[#rest + 1] = other
    end
  end
  return rest
end

--- Makes a set of lists, or false of none.
local function changed(known, name, list)
  local all = {}
  for other, listeners in pairs(known or {}) do
    all[other] = listeners
  end
  all[name] = #list > 0 and list or nil
  return next(all) and all or false
end

--- Has a function called at an event of an engine. Listening again with it changes nothing.
---@param engine lunasa.Engine
---@param name string
---@param listener fun(conn: lunasa.SAConnection, ...): any
function events.listen(engine, name, listener)
  check(engine, name, listener)
  local known = rawget(engine, "events")
  local list = without(known and known[name], listener)
  list[#list + 1] = listener
  engine.events = changed(known, name, list)
end

--- Has a function called no more.
---@param engine lunasa.Engine
---@param name string
---@param listener function
function events.remove(engine, name, listener)
  check(engine, name, listener)
  local known = rawget(engine, "events")
  engine.events = changed(known, name, without(known and known[name], listener))
end

--- Tells whether a function is called at an event.
---@param engine lunasa.Engine
---@param name string
---@param listener function
---@return boolean
function events.contains(engine, name, listener)
  check(engine, name, listener)
  local known = rawget(engine, "events")
  local list = known and known[name] or {}
  return #without(list, listener) < #list
end

--- Tells of an event. What a listener raises keeps from happening what it was told of.
---@async
---@param conn lunasa.SAConnection
---@param name string
---@param ... any
function events.tell(conn, name, ...)
  local known = rawget(conn.engine, "events")
  for _, listener in ipairs(known and known[name] or {}) do
    listener(conn, ...)
  end
end

--- What users have of it: `sa.event`.
events.public = { listen = events.listen, remove = events.remove, contains = events.contains }

return events
