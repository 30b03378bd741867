--- A pool of connections: who may use which one, and who waits.
---
--- The decisions are made in C (`docs/pool.md`), `lunasa.pool_actions` executes them; here are the
--- names that users call. Acquiring an idle connection and releasing a clean one never suspends.
local check = require("lunasa.sync.check")
local core = require("lunasa.core")
local errors = require("lunasa.error")
local misuse = require("lunasa.misuse")
local pool_actions = require("lunasa.pool_actions")
local pool_errors = require("lunasa.pool_errors")
local pool_lease = require("lunasa.pool_lease")
local pool_place = require("lunasa.pool_place")
local pool_statements = require("lunasa.pool_statements")
local pool_stats = require("lunasa.pool_stats")
local trying = require("lunasa.trying")

local pool = {}

local UNLIMITED = 2 ^ 32 - 1

local DEFAULTS = {
  minsize = 1,
  maxsize = 10,
  acquire_timeout = 30,
  reset_on_release = "rollback",
  pre_ping = false,
}

local pools_made = 0

---@class (exact) lunasa.PoolOptions
---@field name? string what it is called in metrics and logs
---@field minsize? integer connections to keep open (1); not opened ahead in nginx
---@field maxsize? integer connections at most (10); 0 for no limit
---@field max_waiters? integer tasks that may wait for a connection in use (no limit)
---@field max_idle? number|false seconds unused until a connection above minsize is closed (never)
---@field max_lifetime? number|false seconds after which an unused connection is replaced (never)
---@field acquire_timeout? number|false seconds that acquire waits (30); false for no limit
---@field reset_on_release? "rollback"|"reset"|"none"|false what a release undoes ("rollback")
---@field pre_ping? number|boolean seconds unused after which a connection is pinged first (false)
---@field order? "lifo"|"fifo" which idle connection is lent: the last one used ("lifo")
---@field on_connect? fun(conn: lunasa.Connection) called with every new connection
---@field on_acquire? fun(conn: lunasa.Connection) called with every connection that is lent
---@field on_release? fun(conn: lunasa.Connection) called with every one that comes back open

---@class lunasa.Pool
---@field minsize integer
---@field maxsize? integer nil: no limit
---@field size integer connections open or being opened
---@field freesize integer connections ready to be acquired
---@field used integer connections in use
---@field waiting integer tasks that wait in acquire
---@field closing boolean close() was called
---@field closed boolean and every connection is closed
---@field echo boolean every statement is logged
---@field stats lunasa.PoolStats
---@field private core lunasa.CorePool
---@field private config table
---@field private runtime table
---@field name string the option, else one that no other pool has
---@field private key string that no other pool has
---@field private slots lunasa.PoolSlot[]
---@field private waiters table<integer, lunasa.PoolEntry>
---@field private fillers table<lunasa.PoolEntry, true>
---@field private closers table<lunasa.PoolEntry, true>
---@field private acquire_timeout number|false
---@field private reset_on_release string
---@field private pre_ping number|false
---@field private on_connect function|false
---@field private on_acquire function|false
---@field private on_release function|false
---@field private threads table<integer, thread> that took the slots; weak
---@field private leases table<integer, userdata> of the slots; weak: one that is collected is gone
---@field private places_left number how many callers may be looked for, see lunasa.pool_place
---@field private places_at number when that was counted last
---@field private recent fun(): number the time, perhaps a few milliseconds late
---@field private exact fun(): number the time
---@field private watch table|false the timer of lunasa.pool_wait
---@field private watch_at number
---@field private spare_entry lunasa.PoolEntry|false that nobody waits with
---@field private spare_count integer
---@field private waits_directly boolean
---@field private lends_directly boolean
---@field private takes_back_directly boolean
---@field private spread number makes lifetimes differ
---@field private collect_at? number when the collector may be run again
---@field private max_idle? number|false
---@field private on_timer function
---@field private timer? table
---@field private timer_at? number
---@field private counted integer how often the counts were renewed
---@field private is_filled boolean minsize was asked for
---@field private is_draining boolean
---@field private has_checks boolean something is done with an idle connection before it is lent
---@field private has_limits boolean an idle connection is closed some day
local Pool = {}
Pool.__index = Pool
Pool.__name = "lunasa.Pool"

--- The option as given, else its default; `false` is given.
local function option(options, name)
  local value = options[name]
  if value == nil then
    return DEFAULTS[name]
  end
  return value
end

---@param options lunasa.PoolOptions
---@return lunasa.CorePool
local function new_core(options)
  local maxsize = option(options, "maxsize")
  return core.pool({
    minsize = option(options, "minsize"),
    maxsize = maxsize > 0 and maxsize or UNLIMITED,
    max_waiters = options.max_waiters,
    max_idle = options.max_idle or nil,
    max_lifetime = options.max_lifetime or nil,
    order = options.order,
  })
end

--- Gives a pool its name, and shows it to who counts.
local function identify(self, options)
  pools_made = pools_made + 1
  self.key = ("lunasa:%d"):format(pools_made)
  self.name = options.name or self.key
  self.config.pool_name = self.name
  if self.config.metrics then
    self.config.metrics:watch(self)
  end
end

--- A hook that there is not is false: a nil would be looked for in the class.
---@param options lunasa.PoolOptions
local function add_hooks(self, options)
  self.on_connect = options.on_connect or false
  self.on_acquire = options.on_acquire or false
  self.on_release = options.on_release or false
  local is_checked = options.pre_ping or options.on_acquire or self.runtime.revive_channel
  self.has_checks = is_checked and true or false
  self.lends_directly = not is_checked
  self.takes_back_directly = not self.on_release
    and not self.runtime.park_channel
    and self.reset_on_release ~= "reset"
end

--- Makes a pool without opening anything: see `Pool:fill`.
---@param config table how to connect; validated
---@param options lunasa.PoolOptions validated
---@param runtime table
---@return lunasa.Pool
function pool.create(config, options, runtime)
  local maxsize = option(options, "maxsize")
  local core_pool = new_core(options)
  local self = setmetatable({
    minsize = option(options, "minsize"),
    maxsize = maxsize > 0 and maxsize or nil,
    size = 0,
    freesize = 0,
    used = 0,
    waiting = 0,
    closing = false,
    closed = false,
    echo = config.echo or false,
    stats = pool_stats.new(core_pool),
    core = core_pool,
    config = config,
    runtime = runtime,
    slots = {},
    waiters = setmetatable({}, { __mode = "v" }),
    fillers = {},
    closers = {},
    acquire_timeout = option(options, "acquire_timeout"),
    reset_on_release = option(options, "reset_on_release") or "none",
    pre_ping = options.pre_ping == true and 0 or option(options, "pre_ping"),
    threads = setmetatable({}, { __mode = "v" }),
    leases = setmetatable({}, { __mode = "v" }),
    places_left = 0,
    places_at = 0,
    recent = runtime.recent or runtime.now,
    exact = runtime.exact or runtime.now,
    watch = false,
    watch_at = math.huge,
    spare_entry = false,
    spare_count = 0,
    waits_directly = false,
    lends_directly = false,
    takes_back_directly = false,
    spread = runtime.now() % 1,
    max_idle = options.max_idle,
    counted = 0,
    is_filled = false,
    is_draining = false,
    has_limits = (options.max_idle or options.max_lifetime) and true or false,
  }, Pool)
  add_hooks(self, options)
  pool_place.begin(self)
  self.on_timer = function()
    pool_actions.tick(self)
  end
  identify(self, options)
  return self
end

--- Refuses what the caller may not do, and names the caller.
local function refuse(self, message)
  errors.raise("PoolError", message, { position = pool_place.caller(self) })
end

--- Takes a connection. Idle connections are handed out last in, first out, unless `order` says
--- otherwise; who has to wait is served in order.
---@async
---@param timeout? number|{ timeout?: number|false } seconds to wait for one; false for no limit
---@return lunasa.Connection
function Pool:acquire(timeout)
  if type(self) ~= "table" then
    misuse.dot("pool", 2)
  end
  if timeout then
    timeout = pool_errors.check_limit(timeout, 3)
  end
  local conn = pool_lease.take(self, timeout)
  return conn
end

--- Gives a connection back. Every later use of it raises.
---@async
---@param conn lunasa.Connection
function Pool:release(conn)
  if type(conn) ~= "table" or conn.pool ~= self then
    refuse(self, "the connection is not from this pool")
  elseif not conn.pool_slot then
    refuse(self, "the connection was released already")
  end
  pool_lease.give_back(self, conn, false)
end

--- Gives a proxy whose methods are those of the pool, but return nil and the error where those
--- raise it: `local rows, err = pool:try():query(sql)`.
---@return lunasa.Pool
function Pool:try()
  return trying.of(self)
end

--- Connects the slot of a lent connection anew.
---@async
---@private
---@param conn lunasa.Connection
---@param deadline? number
---@return lunasa.Channel
function Pool:reopen(conn, deadline)
  return pool_lease.reopen(self, conn, deadline)
end

--- Runs a function with a connection, and releases it afterwards.
---@async
---@generic T
---@param options? { timeout?: number|false } of acquire
---@param work fun(conn: lunasa.Connection): T
---@return T
---@overload fun(self: lunasa.Pool, work: fun(conn: lunasa.Connection): any): any
function Pool:with(options, work)
  if type(self) ~= "table" then
    misuse.dot("pool", 2)
  end
  if work == nil then
    options, work = nil, options
  end
  if type(work) ~= "function" then
    local message = ("with needs a function, got %s"):format(type(work))
    errors.raise("ArgumentError", message, nil, 2)
  end
  local timeout = options and pool_errors.check_limit(options, 3)
  local conn = pool_lease.take(self, timeout)
  return pool_lease.finish(self, conn, pcall(work, conn))
end

pool_statements.add(Pool)

--- Opens minsize connections and waits until they are there; raises the first failure. Does
--- nothing where connections cannot be opened ahead (nginx).
---@async
---@param timeout? number seconds
function Pool:fill(timeout)
  check.timeout(timeout, "pool:fill")
  if not self.runtime.has_background then
    return
  end
  self.is_filled = true
  local now = self.runtime.now()
  if self.core:fill(now) == nil then
    refuse(self, "Cannot fill a pool after closing it")
  end
  local entry = { parked = self.runtime.waiter() }
  self.fillers[entry] = true
  pool_actions.drain(self)
  pool_actions.wake_fillers(self)
  local done, err = pool_actions.wait(self, entry, timeout and now + timeout or math.huge)
  self.fillers[entry] = nil
  if not done or entry.failure then
    errors.throw(err or entry.failure or pool_errors.timeout_error(self, timeout))
  end
end

--- Closes the idle connections. Those in use stay.
function Pool:clear()
  self.core:clear(self.runtime.now())
  pool_actions.drain(self)
  pool_actions.schedule(self)
end

--- Begins to close: no connection is lent any more, whoever waits for one gets an error, and those
--- in use are closed when they are released. Calling it again does nothing.
function Pool:close()
  self.closing = true
  self.core:close(self.runtime.now())
  pool_actions.drain(self)
  for _, record in pairs(self.slots) do
    if record.opener then
      record.opener:cancel("the pool was closed")
    end
  end
end

--- Closes, and closes the connections in use at once, under the hands of who uses them.
function Pool:terminate()
  self:close()
  for slot, record in pairs(self.slots) do
    if record.since then
      record.since = nil
      pool_actions.disconnect(self, record, "terminated")
      self.core:release(slot, false, self.runtime.now())
    end
  end
  pool_actions.drain(self)
end

--- Waits until every connection is closed. Only after `close()` or `terminate()`.
---@async
---@param timeout? number seconds
function Pool:wait_closed(timeout)
  if not self.closing then
    refuse(self, ".wait_closed() should be called after .close()")
  end
  check.timeout(timeout, "pool:wait_closed")
  if self.closed then
    return
  end
  local entry = { parked = self.runtime.waiter() }
  self.closers[entry] = true
  local deadline = timeout and self.runtime.now() + timeout or math.huge
  local done, err = pool_actions.wait(self, entry, deadline)
  self.closers[entry] = nil
  if not done then
    errors.throw(err or pool_errors.timeout_error(self, timeout))
  end
end

function Pool:__tostring()
  local state = self.closed and ", closed" or self.closing and ", closing" or ""
  return ("%s(size %d of %s, used %d, waiting %d%s)"):format(
    Pool.__name,
    self.size,
    self.maxsize or "any",
    self.used,
    self.waiting,
    state
  )
end

return pool
