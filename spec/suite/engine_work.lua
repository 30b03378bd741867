--- What the specs of an engine's transactions work on: a table of numbers, and who looks at it from
--- outside.

local sa = require("lunasa.sa")

local engine_work = {}

---@class spec.EngineWork
---@field engine lunasa.Engine
---@field conn lunasa.SAConnection
---@field witness lunasa.Connection
---@field table string
local Work = {}
Work.__index = Work

--- Makes an engine with a connection taken from it, on a table of one column.
---@param db spec.Database
---@param options? table of the engine
---@return spec.EngineWork
function engine_work.new(db, options)
  local witness = db:connect()
  local all = { autocommit = true }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local engine = db:closing(sa.create_engine(db:options(all)))
  local conn = engine:acquire()
  db:closing(conn)
  return setmetatable({
    db = db,
    engine = engine,
    conn = conn,
    witness = witness,
    table = db:table(witness, "n INT PRIMARY KEY, v INT DEFAULT 0"),
  }, Work)
end

--- Puts a number into the table.
---@param n integer
---@param conn? lunasa.SAConnection
function Work:insert(n, conn)
  (conn or self.conn):execute(("INSERT INTO %s (n) VALUES (%d)"):format(self.table, n))
end

--- The numbers that another connection sees.
---@return integer[]
function Work:seen()
  return self.witness:query("SELECT n FROM " .. self.table .. " ORDER BY n"):column("n")
end

--- The numbers that the connection itself sees.
---@return integer[]
function Work:own()
  return self.conn.connection:query("SELECT n FROM " .. self.table .. " ORDER BY n"):column("n")
end

--- Ends the connection on the server.
function Work:kill()
  self.witness:execute("KILL ?", { self.conn.connection:thread_id() })
end

--- Waits until the server has ended the connection, so that this is found when it is used.
function Work:kill_and_wait()
  local id = self.conn.connection:thread_id()
  self:kill()
  local sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
  repeat
    local left = self.witness:scalar(sql, { id })
  until tonumber(left) == 0
end

return engine_work
