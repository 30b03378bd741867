--- A request that asks a connection what it knows, cancels it, loses it and makes it anew.
local lunasa = require("lunasa")

local SLOW = "SELECT SLEEP(30)"

local function cancelled(conn)
  local task = lunasa.spawn(conn.query, conn, SLOW)
  lunasa.sleep(0.05)
  local was_busy, was_cancelled = conn.busy, conn:cancel()
  local ok, err = pcall(task.join, task)
  return was_busy and was_cancelled and not ok and err:is_cancelled()
end

local function made_anew(conn)
  local id = conn:thread_id()
  conn:autocommit(false)
  local other = lunasa.connect({ host = conn.host, port = conn.port, user = "root" })
  other:kill(id)
  other:close()
  conn:ping(true)
  return conn:thread_id() ~= id and conn:scalar("SELECT @@autocommit") == 0
end

--- What ends a connection whose server is silent, and one that connects from where nobody is.
local function limited(conn)
  local options = { host = conn.host, port = conn.port, user = "root", read_timeout = 0.3 }
  local silent = lunasa.connect(options)
  local _, err = pcall(silent.query, silent, SLOW)
  options.hosts, options.host = { "127.0.0.1:1", ("%s:%d"):format(conn.host, conn.port) }, nil
  local reached = lunasa.connect(options)
  local port = reached.port
  reached:close()
  return err.which, err:is_disconnect() and silent.closed, port == conn.port
end

---@param conn lunasa.Connection
---@return table
return function(conn)
  local used = conn.last_usage
  local answer = { cancelled = cancelled(conn), used = conn.last_usage > used }
  conn:select_db("test")
  answer.db = conn.db
  answer.made_anew = made_anew(conn)
  answer.which, answer.closed, answer.reached = limited(conn)
  return answer
end
