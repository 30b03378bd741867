--- Drops what is in schemas, which takes less time than making them again.
local KINDS = {
  VIEW = "VIEW",
  SEQUENCE = "SEQUENCE",
  ["BASE TABLE"] = "TABLE",
  ["SYSTEM VERSIONED"] = "TABLE",
}

---@param conn lunasa.Connection
---@param ... string schemas
return function(conn, ...)
  conn:query("SET sql_mode = DEFAULT, foreign_key_checks = 0, NAMES utf8mb4")
  for i = 1, select("#", ...) do
    local schema = select(i, ...)
    local sql =
      "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?"
    for _, row in ipairs(conn:query(sql, { schema }, { rows = "array", null = "null" }):all()) do
      local name = conn:quote_identifier(row[1])
      conn:query(("DROP %s %s.%s"):format(KINDS[row[2]], schema, name))
    end
  end
  conn:query("SET foreign_key_checks = 1")
end
