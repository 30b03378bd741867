--- A request that reads rows through cursors of one connection.
local lunasa = require("lunasa")

local FIVE = "(SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)"

--- 125 rows of some length.
local ROWS = ("SELECT REPEAT('x', ?) AS x, a.n FROM %s a, %s b, %s c"):format(FIVE, FIVE, FIVE)

--- Reads a stream to its end, through two kinds of methods.
local function read(cur, size)
  cur:execute(ROWS, size)
  local bytes = #cur:fetchone().x
  for _, row in ipairs(cur:fetchmany(4)) do
    bytes = bytes + #row.x
  end
  for x in cur:values() do
    bytes = bytes + #x
  end
  return bytes
end

---@param conn lunasa.Connection
---@return table what every kind of cursor gave
return function(conn)
  local buffered = conn:cursor()
  buffered:execute("SELECT ? AS a UNION SELECT 2", { 1 })
  local bytes, count = conn:with_cursor(lunasa.SSDictCursor, function(cur)
    return read(cur, 10000), cur.rowcount
  end)
  local early = conn:cursor(lunasa.SSCursor)
  early:execute(ROWS, 100000)
  early:fetchone()
  early:close()
  local replaced = conn:cursor(lunasa.SSCursor)
  replaced:execute(ROWS, 10)
  local column = replaced.description[2].name
  local is_same = conn:scalar("SELECT CONNECTION_ID()") == conn.connection_id
  local ok, err = lunasa.try(replaced.fetchone, replaced)
  return {
    rows = buffered:fetchall(),
    bytes = bytes,
    count = count,
    column = column,
    is_same = is_same,
    class = not ok and err.class,
  }
end
