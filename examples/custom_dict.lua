--- Rows that are objects of your own: aiomysql's cursors.rst, a DictCursor with a `dict_type`.
--- In Python these answer to a dot, and know no KeyError. Tables of Lua do that by themselves, so
--- here the class adds what they do not: it prints what it holds.
---
---     lunasa --server examples/custom_dict.lua
local lunasa = require("lunasa")

local AttrDict = { __tostring = lunasa.json.encode }

local AttrDictCursor = lunasa.DictCursor + { dict_type = AttrDict }

local conn = lunasa.connect()
conn:execute("CREATE TEMPORARY TABLE people (name VARCHAR(20), age INT, DOB DATETIME)")
conn:execute("INSERT INTO people VALUES ('bob', 20, '1990-02-06 23:04:56')")

-- create your dict cursor
local cursor = conn:cursor(AttrDictCursor)

-- execute sql query
cursor:execute("SELECT * from people where name='bob'")

-- fetch the result
local r = cursor:fetchone()
print(r)
print(r.age)
print(r.foo)

cursor:close()
conn:close()
