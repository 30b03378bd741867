--- The names that docs/aiomysql-parity.md gives to users of aiomysql are there.

local assert = require("luassert")
local lunasa = require("lunasa")

--- The right column of the table of names: what is called what in lunasa.
local function names()
  local file = assert(io.open("docs/aiomysql-parity.md"))
  local text = file:read("*a"):match("\n## 4%. Names\n(.-)\n## ")
  file:close()
  local list = {}
  for cell in text:gmatch("| [^\n]- | ([^\n]-) |\n") do
    for object, name in cell:gmatch("%f[%w](%l+)[.:]([%a_]+)") do
      table.insert(list, { object, name })
    end
  end
  return list
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
      local count = 0
      for _, name in ipairs(names()) do
        local object = objects[name[1]]
        if object then
          count = count + 1
          assert.is_not_nil(object[name[2]], ("%s.%s"):format(name[1], name[2]))
        end
      end

      assert.is_true(count > 30)
    end)
  end)
end
