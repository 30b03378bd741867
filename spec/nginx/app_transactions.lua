--- A request that begins and ends transactions of an engine in every way.
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

local TABLE = "nginx_transactions"

local function insert(conn, n)
  conn:execute(("INSERT INTO %s VALUES (%d)"):format(TABLE, n))
end

--- What another connection sees.
local function seen(engine)
  return engine:with(function(conn)
    local sql = ("SELECT COALESCE(GROUP_CONCAT(n ORDER BY n), '') FROM %s"):format(TABLE)
    return conn:scalar(sql)
  end)
end

local function raised(work, ...)
  local _, err = pcall(work, ...)
  return lunasa.is_error(err) and err.class or tostring(err)
end

local function nest(conn)
  insert(conn, 1)
  pcall(conn.nested, conn, function()
    insert(conn, 2)
    error("undone", 0)
  end)
  conn:nested(function()
    insert(conn, 3)
  end)
end

local function in_two_phases(conn)
  local tr = conn:begin_twophase()
  insert(conn, 4)
  tr:prepare()
  local is_found = false
  for _, xid in ipairs(conn:recover_twophase()) do
    is_found = is_found or xid == tr.xid
  end
  tr:commit()
  return is_found
end

local function deadlock(engine)
  local attempts = 0
  engine:begin({ retries = 2 }, function(conn)
    attempts = attempts + 1
    insert(conn, 4 + attempts)
    if attempts == 1 then
      conn:execute("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213")
    end
  end)
  return attempts
end

--- Runs out of time inside a block.
local function run_out(engine)
  return raised(lunasa.timeout, 0.05, function()
    engine:begin(function(conn)
      insert(conn, 9)
      conn:execute("SELECT SLEEP(20)")
    end)
  end)
end

--- Leaves a block with a transaction open.
local function leave_open(engine)
  return raised(engine.with, engine, function(conn)
    conn:begin()
    insert(conn, 9)
    error("left", 0)
  end)
end

---@param engine lunasa.Engine
---@return table what was seen
return function(engine)
  local answer = {}
  engine:with(function(conn)
    conn:execute("DROP TABLE IF EXISTS " .. TABLE)
    conn:execute(("CREATE TABLE %s (n INT PRIMARY KEY) ENGINE=InnoDB"):format(TABLE))
    local told = 0
    local function listener()
      told = told + 1
    end
    sa.event.listen(engine, "commit", listener)
    conn:transaction(nest)
    sa.event.remove(engine, "commit", listener)
    answer.told = told
    answer.nested = seen(engine)
    answer.is_found = in_two_phases(conn)
    answer.inactive = raised(conn.transaction, conn, function()
      pcall(conn.transaction, conn, function()
        error("inner", 0)
      end)
    end)
  end)
  answer.attempts = deadlock(engine)
  answer.timeout, answer.left = run_out(engine), leave_open(engine)
  answer.seen = seen(engine)
  engine:with(function(conn)
    conn:execute("DROP TABLE " .. TABLE)
  end)
  return answer
end
