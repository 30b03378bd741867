--- A transaction in two phases, of which a manager of transactions decides: once it is prepared, it
--- outlives its connection and the server.
local base = require("lunasa.engine.transaction.base")
local errors = require("lunasa.error")
local events = require("lunasa.engine.events")
local mistake = require("lunasa.sa.mistake")
local state = require("lunasa.engine.transaction.state")

local twophase = {}

---@class lunasa.sa.TwoPhaseTransaction: lunasa.sa.Transaction
---@field xid string|lunasa.Xid
---@field is_prepared boolean
---@field package xa table what the database is told, a module of lunasa.engine.driver
---@field package has_ended boolean no more work is taken
---@field package is_decided? boolean to be committed: no clean-up may roll it back
local TwoPhase = base.class("twophase", "TwoPhaseTransaction")

--- Undoes what may have begun, or be over, after a statement that was given up; tells whether it
--- was one.
---@async
---@return boolean
local function undo_given_up(driver, xa, xid, err)
  if not (errors.is_interruption(err) or errors.is_error(err, "TimeoutError")) then
    return false
  elseif not driver:is_usable() or not driver.channel.fence then
    return false
  end
  local limit = driver.config.cancel_timeout
  pcall(xa.finish, driver, xid, limit)
  local ok, failure = pcall(xa.rollback, driver, xid, limit)
  if not ok and not xa.is_unknown(failure) then
    errors.suppress(err, failure)
    driver:close()
  end
  return true
end

---@async
---@param conn lunasa.SAConnection
---@param xid? string|lunasa.Xid
---@return lunasa.sa.TwoPhaseTransaction
function twophase.begin(conn, xid)
  local xa = conn.engine.backend.xa
  xid = xid == nil and xa.create() or xid
  xa.check(xid)
  events.tell(conn, "begin_twophase", xid)
  state.settle(conn, true)
  local driver = conn.connection
  local ok, err = pcall(xa.start, driver, xid)
  if not ok then
    undo_given_up(driver, xa, xid, err)
    errors.throw(err)
  end
  local self = setmetatable({
    connection = conn,
    xid = xid,
    is_prepared = false,
    has_ended = false,
    xa = xa,
  }, TwoPhase)
  state.enter(conn, self)
  return self
end

--- Takes no more work.
---@async
local function finish(self, limit)
  if not self.has_ended then
    self.xa.finish(self.connection.connection, self.xid, limit)
    self.has_ended = true
  end
end

--- Makes the work safe: afterwards it can be committed, by another connection too, whatever happens
--- to this one.
---@async
function TwoPhase:prepare()
  local dead = state.dead_one(self)
  if dead then
    state.refuse(dead)
  elseif self.is_prepared then
    mistake.raise("InvalidRequestError", "This transaction is prepared already: commit it")
  end
  state.check_whole(self)
  events.tell(self.connection, "prepare_twophase", self.xid)
  local driver = self.connection.connection
  local ok, err = pcall(finish, self)
  if ok then
    ok, err = pcall(self.xa.prepare, driver, self.xid)
  end
  if not ok then
    if not driver:is_usable() then
      state.leave(self, "the connection was lost")
    end
    errors.throw(err)
  end
  self.is_prepared = true
end

--- Says that the end of a prepared one failed: it is there still.
local function explain(self, err)
  if self.is_prepared and errors.is_error(err) then
    err.hint = "it is still prepared: recover_twophase finds it, on another connection"
  end
end

--- Ends after a statement that failed, unless the server has the transaction still.
local function fail(self, err)
  explain(self, err)
  if rawget(self, "is_over") then
    errors.throw(err)
  elseif not self.connection.connection:is_usable() then
    state.leave(self, "the connection was lost")
  elseif self.xa.is_unknown(err) then
    state.leave(self, "the server does not know it")
  end
  errors.throw(err)
end

--- Commits in both phases, or in one where it was not prepared: then nobody else waits for it.
---@async
---@package
function TwoPhase:keep()
  local driver = self.connection.connection
  events.tell(self.connection, "commit_twophase", self.xid, self.is_prepared)
  self.is_decided = self.is_prepared
  local ok, err = pcall(finish, self)
  if ok then
    ok, err = pcall(self.xa.commit, driver, self.xid, self.is_prepared)
  end
  if not ok then
    if not self.is_prepared and undo_given_up(driver, self.xa, self.xid, err) then
      state.leave(self, "its commit was given up")
    end
    fail(self, err)
  end
  driver.has_committed = true
  state.leave(self, "it was committed")
end

--- Undoes. What was not prepared is undone by the server when the connection is lost.
---@async
---@package
---@param limit? number seconds
function TwoPhase:undo(limit)
  local driver = self.connection.connection
  if not driver:is_usable() and not self.is_prepared then
    return state.leave(self, "the connection was lost")
  end
  events.tell(self.connection, "rollback_twophase", self.xid, self.is_prepared)
  local has_ended, why = pcall(finish, self, limit)
  local ok, err = pcall(self.xa.rollback, driver, self.xid, limit)
  if not ok then
    fail(self, has_ended and err or errors.suppress(err, why))
  end
  state.leave(self, "it was rolled back")
end

return twophase
