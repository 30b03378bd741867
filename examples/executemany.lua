--- Inserts many rows with one statement: aiomysql's example_executemany.py.
---
---     lunasa --server examples/executemany.lua
local lunasa = require("lunasa")

-- Placeholders as in Python.
local conn = lunasa.connect(nil, { autocommit = false, paramstyle = "pyformat" })

conn:with_cursor(function(cur)
  cur:execute("DROP TABLE IF EXISTS music_style;")
  cur:execute([[CREATE TABLE music_style
                            (id INT,
                            name VARCHAR(255),
                            PRIMARY KEY (id));]])
  conn:commit()

  -- insert 3 rows one by one
  cur:execute("INSERT INTO music_style VALUES(1,'heavy metal')")
  cur:execute("INSERT INTO music_style VALUES(2,'death metal');")
  cur:execute("INSERT INTO music_style VALUES(3,'power metal');")
  conn:commit()

  -- insert 3 row by one long query using *executemany* method
  local data = { { 4, "gothic metal" }, { 5, "doom metal" }, { 6, "post metal" } }
  cur:executemany("INSERT INTO music_style (id, name)" .. "values (%s,%s)", data)
  conn:commit()

  -- fetch all insert row from table music_style
  cur:execute("SELECT * FROM music_style;")
  local result = cur:fetchall()
  print(lunasa.json.encode(result))

  -- clean up
  cur:execute("DROP TABLE music_style")
end)

conn:close()
