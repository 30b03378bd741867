--- Inserts with autocommit: every statement is permanent at once. aiomysql's tutorial.rst.
---
---     lunasa --server examples/insert_autocommit.lua
local lunasa = require("lunasa")

local conn = lunasa.connect(nil, { autocommit = true })

conn:with_cursor(function(cur)
  cur:execute("DROP TABLE IF EXISTS music_style;")
  cur:execute([[CREATE TABLE music_style
                            (id INT,
                            name VARCHAR(255),
                            PRIMARY KEY (id));]])

  -- insert 3 rows one by one
  cur:execute("INSERT INTO music_style VALUES(1,'heavy metal')")
  cur:execute("INSERT INTO music_style VALUES(2,'death metal');")
  cur:execute("INSERT INTO music_style VALUES(3,'power metal');")
  print("in a transaction:", conn:get_transaction_status())
end)

-- clean up
conn:execute("DROP TABLE music_style")
conn:close()
