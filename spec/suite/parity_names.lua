--- The names that docs/aiomysql-parity.md gives to users of aiomysql are there.

local assert = require("luassert")
local engines = require("spec.support.engines")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")

--- The right column of a table of names: what is called what in lunasa.
---@param pattern string of the table
local function names(pattern)
  local file = assert(io.open("docs/aiomysql-parity.md"))
  local text = file:read("*a"):match("\n## 4%. Names\n(.-)\n## "):match(pattern)
  file:close()
  local list = {}
  for cell in text:gmatch("| [^\n]- | ([^\n]-) |\n") do
    for object, name in cell:gmatch("%f[%w](%l+)[.:]([%a_]+)") do
      table.insert(list, { object, name })
    end
  end
  return list
end

--- Checks that the objects have the names; tells how many.
local function check(list, objects)
  local count = 0
  for _, name in ipairs(list) do
    local object = objects[name[1]]
    if object then
      count = count + 1
      assert.is_not_nil(object[name[2]], ("%s.%s"):format(name[1], name[2]))
    end
  end
  return count
end

---@param db spec.Database
return function(db)
  describe("the names of aiomysql's", function()
    db:it("are there", function(conn)
      local cur = conn:cursor()
      cur:execute("SELECT 1")
      local objects = {
        conn = conn,
        cur = cur,
        err = lunasa.exc.new("DataError", "x", { errno = 1 }),
        lunasa = lunasa,
        pool = db:pool({ minsize = 0 }),
        task = lunasa.current(),
      }
      assert.is_true(check(names("^(.-)\n### "), objects) > 30)
    end)

    db:it("are there for aiomysql.sa's", function()
      local conn = engines.connect(db)
      local objects = { conn = conn, engine = conn.engine, sa = sa }
      assert.is_true(check(names("\n### aiomysql.sa\n(.*)"), objects) > 10)
    end)
  end)
end
