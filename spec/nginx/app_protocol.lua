--- A request that uses what the protocol has beyond queries, on one connection.
local lunasa = require("lunasa")

local ROWS = "SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5"

--- Loads the same rows from a string and from a function that waits in between.
local function load(conn)
  conn:execute("CREATE TEMPORARY TABLE loaded (id INT, v VARCHAR(20))")
  local sql = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE loaded"
  local from_string = conn:execute(sql, nil, { infile = { data = "1\ta\n2\tb\n" } })
  local pieces = { "3\tc\n", "4\td", "\n" }
  local from_function = conn:execute(sql, nil, {
    infile = function()
      lunasa.sleep(0.001)
      return table.remove(pieces, 1)
    end,
  })
  return from_string + from_function
end

--- What the pool's `conv` makes, row by row and at once.
local function days_of(conn)
  local sql = "SELECT CAST('2024-02-29' AS DATE) AS d"
  local days = {}
  for day in conn:stream(sql):values() do
    table.insert(days, day)
  end
  table.insert(days, conn:query(sql, nil, { protocol = "binary" }):column("d")[1])
  return days
end

--- Rows of plain values in one packet where the server has that, and what is in them by column.
local function names_of(conn)
  conn:execute("CREATE TEMPORARY TABLE sent (id INT, v VARCHAR(20), d DOUBLE)")
  local rows = {}
  for i = 1, 50 do
    rows[i] = { i, i % 10 == 0 and lunasa.null or "name " .. i, i / 2 }
  end
  conn:executemany("INSERT INTO sent VALUES (?, ?, ?)", rows, { protocol = "binary" })
  local columns = conn:query("SELECT v, d FROM sent ORDER BY id"):columns({ ffi = true })
  return { columns.v[0], columns.v[48], columns.v:is_null(49), #columns.v, columns.d[48] }
end

---@param conn lunasa.Connection
---@return table what every feature gave
return function(conn)
  local loaded = load(conn)
  local added = conn:executemany("INSERT INTO loaded VALUES (?, ?)", { { 5, "e" }, { 6, "ü" } })
  local by_cursor = 0
  for row in conn:stream(ROWS, nil, { fetch_size = 2 }):rows() do
    by_cursor = by_cursor + row.n
  end
  local left = conn:stream(ROWS, nil, { fetch_size = 1 })
  left:fetch()
  local statement = conn:prepare("SELECT v FROM loaded WHERE id = ?")
  local ok, err = lunasa.try(conn.query, conn, "SELECT SLEEP(30)", nil, { timeout = 0.05 })
  return {
    loaded = loaded,
    added = added,
    by_cursor = by_cursor,
    prepared = statement:scalar({ 6 }),
    days = days_of(conn),
    names = names_of(conn),
    binary = conn:scalar("SELECT ? + 1", { 41 }, { protocol = "binary" }),
    timed_out = not ok and err.class,
    is_same = conn:scalar("SELECT CONNECTION_ID()") == conn.connection_id,
  }
end
