--- Rolls back, and commits: aiomysql's example_transaction.py.
---
---     lunasa --server examples/transaction.lua
local lunasa = require("lunasa")

-- Placeholders as in Python.
local conn = lunasa.connect(nil, { autocommit = false, paramstyle = "pyformat" })

conn:with_cursor(function(cursor)
  local stmt_drop = "DROP TABLE IF EXISTS names"
  cursor:execute(stmt_drop)
  cursor:execute([[
    CREATE TABLE names (
    id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(30) DEFAULT '' NOT NULL,
    cnt TINYINT UNSIGNED DEFAULT 0,
    PRIMARY KEY (id))]])
  conn:commit()

  -- Insert 3 records
  local names = { { "Geert" }, { "Jan" }, { "Michel" } }
  local stmt_insert = "INSERT INTO names (name) VALUES (%s)"
  cursor:executemany(stmt_insert, names)

  -- Roll back!!!!
  conn:rollback()

  -- There should be no data!
  local stmt_select = "SELECT id, name FROM names ORDER BY id"
  cursor:execute(stmt_select)
  local resp = cursor:fetchall()
  -- Check there is no data
  assert(#resp == 0)

  -- Do the insert again.
  cursor:executemany(stmt_insert, names)

  -- Data should be already there
  cursor:execute(stmt_select)
  resp = cursor:fetchall()
  print(lunasa.json.encode(resp))
  -- Do a commit
  conn:commit()

  cursor:execute(stmt_select)
  resp = cursor:fetchall()
  print(lunasa.json.encode(resp))

  -- Cleaning up, dropping the table again
  cursor:execute(stmt_drop)
end)
conn:close()
