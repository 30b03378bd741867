--- Inserts without autocommit, so that commit is called by hand: aiomysql's tutorial.rst.
---
---     lunasa --server examples/insert.lua
local lunasa = require("lunasa")

-- aiomysql's default is off; lunasa's is what the server has, which is on.
local conn = lunasa.connect(nil, { autocommit = false })

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
  print("in a transaction:", conn:get_transaction_status())
  conn:commit()
  print("in a transaction:", conn:get_transaction_status())
end)

-- clean up
conn:execute("DROP TABLE music_style")
conn:close()
