--- The tables that the workloads read, the same on every machine: no RAND, no NOW. They are made by
--- MariaDB's sequence tables, such as seq_1_to_1000.

local lunasa = require("lunasa")

local tables = {}

local CHARSET = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
local BLOB_SIZE = 16 * 1024 * 1024 + 65536
local BLOBS = 20

--- Groups of seven columns that `wide` has.
local GROUPS = 7

--- Eleven characters made of the row's number, filled up with a digit.
---@param factor integer
---@param fill integer
---@return string
local function padded(factor, fill)
  return ("LPAD(seq*%d%%99999999,11,'%d')"):format(factor, fill)
end

---@param parts { [1]: integer, [2]: integer }[] factor and fill
---@return string
local function dashed(parts)
  local list = {}
  for i, part in ipairs(parts) do
    list[i] = padded(part[1], part[2])
  end
  return ("CONCAT_WS('-',%s)"):format(table.concat(list, ","))
end

-- stylua: ignore
local C = dashed({ { 7919, 5 }, { 104729, 3 }, { 1299709, 7 }, { 15485863, 1 }, { 179424673, 9 },
  { 31, 2 }, { 37, 4 }, { 41, 6 }, { 43, 8 }, { 47, 0 } })
local PAD = dashed({ { 53, 5 }, { 59, 3 }, { 61, 7 }, { 67, 1 }, { 71, 9 } })

local function sbtest(conn)
  conn:execute(
    "CREATE TABLE sbtest (id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, k INT NOT NULL,"
      .. " c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL, KEY (k))"
      .. CHARSET
  )
  local rows = ("SELECT seq, seq*7919%%100003, %s, %s FROM seq_1_to_100000"):format(C, PAD)
  conn:execute("INSERT INTO sbtest " .. rows)
end

local function big(conn, rows)
  conn:execute(
    "CREATE TABLE big (id INT NOT NULL PRIMARY KEY, a BIGINT NOT NULL, b DOUBLE NOT NULL,"
      .. " s VARCHAR(20) NOT NULL)"
      .. CHARSET
  )
  conn:execute(
    "INSERT INTO big SELECT seq, seq*1000003, ROUND(seq*7919%1000003/7,4),"
      .. " CONCAT('s',seq*31337%1000000007) FROM seq_1_to_"
      .. rows
  )
end

--- Letter, type and value of the columns of a group; %d is the group's number, once or more.
local WIDE = {
  { "i", "INT", "seq*(7919+%d)%%2000003-1000000" },
  { "l", "BIGINT", "seq*(1009003027+%d)" },
  { "f", "DOUBLE", "ROUND(seq*(104729+%d)%%1000003/7,4)" },
  { "d", "DECIMAL(14,4)", "(seq*(15485863+%d)%%100000000)/10000" },
  { "t", "DATETIME", "'2001-01-01 00:00:00' + INTERVAL (seq*(86311+%d)%%700000000) SECOND" },
  { "v", "VARCHAR(32)", "CONCAT('v%d-',LPAD(seq*31337%%1000000007,16,'0'))" },
  { "x", "TEXT", "CONCAT('text %d ',MD5(seq+%d))" },
}

--- One value in ten is NULL, in every column elsewhere.
local function wide(conn, rows)
  local types, values = { "id INT NOT NULL PRIMARY KEY" }, { "seq" }
  for group = 1, GROUPS do
    for i, column in ipairs(WIDE) do
      table.insert(types, ("%s%d %s"):format(column[1], group, column[2]))
      local value = column[3]:format(group, group)
      local place = group * 3 + i - 1
      table.insert(values, ("IF((seq*7+%d)%%10=0,NULL,%s)"):format(place, value))
    end
  end
  conn:execute(("CREATE TABLE wide (%s)"):format(table.concat(types, ", ")) .. CHARSET)
  local list = table.concat(values, ", ")
  conn:execute(("INSERT INTO wide SELECT %s FROM seq_1_to_%d"):format(list, rows))
end

local function blobs(conn)
  conn:execute(
    "CREATE TABLE blobs (id INT NOT NULL PRIMARY KEY, b LONGBLOB NOT NULL) ENGINE=InnoDB"
  )
  for i = 1, BLOBS do
    local byte = lunasa.binary(string.char(i * 11))
    conn:execute("INSERT INTO blobs VALUES (?, REPEAT(?, ?))", { i, byte, BLOB_SIZE })
  end
end

--- Where the insert workloads write: emptied before each of them.
local function ins(conn)
  conn:execute(
    "CREATE TABLE ins (id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, a BIGINT NOT NULL,"
      .. " b DOUBLE NOT NULL, s VARCHAR(64) NOT NULL)"
      .. CHARSET
  )
end

--- Are all rows there that the workloads ask for?
---@param conn lunasa.Connection
---@param scale number
---@return boolean
local function are_there(conn, scale)
  local ok, counts = pcall(
    conn.first,
    conn,
    "SELECT (SELECT COUNT(*) FROM sbtest), (SELECT COUNT(*) FROM big),"
      .. " (SELECT COUNT(*) FROM wide), (SELECT COUNT(*) FROM blobs), (SELECT COUNT(*)*0 FROM ins)",
    nil,
    { rows = "array" }
  )
  return ok
    and counts[1] == 100000
    and counts[2] >= math.min(scale, 1) * 1000000
    and counts[3] >= math.min(scale * 1000000, 50000)
    and counts[4] == BLOBS
end

--- Makes the tables, unless they are there, as large as the work needs them; warms them anyway.
---@param conn lunasa.Connection
---@param scale number
function tables.make(conn, scale)
  local rows = math.floor(math.min(scale, 1) * 1000000)
  if not are_there(conn, scale) then
    conn:execute("SET SESSION sql_mode = 'NO_UNSIGNED_SUBTRACTION'")
    conn:execute("DROP TABLE IF EXISTS sbtest, big, wide, blobs, ins")
    sbtest(conn)
    big(conn, rows)
    wide(conn, math.min(rows, 50000))
    blobs(conn)
    ins(conn)
    conn:query("ANALYZE TABLE sbtest, big, wide, blobs, ins")
  end
  conn:query("SELECT SUM(LENGTH(c)) FROM sbtest")
  conn:query("SELECT SUM(LENGTH(s)) FROM big")
  conn:query("SELECT SUM(LENGTH(x1)) FROM wide")
  conn:query("SELECT SUM(LENGTH(b)) FROM blobs")
end

return tables
