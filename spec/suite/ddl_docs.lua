--- The examples of docs/engine.md about tables in the database run, and print what they say.

local assert = require("luassert")
local sa = require("lunasa.sa")

local file = assert(io.open("docs/engine.md"))
local section =
  file:read("*a"):match("\n## Tables in the database\n.*"):gsub("(\n## .-)\n## .*", "%1")
file:close()

--- The Lua in it as one chunk, and what it says that it prints, behind `-->`.
local function examples()
  local parts, printed = {}, {}
  for code in section:gmatch("```lua\n(.-)```") do
    parts[#parts + 1] = code
    for line in code:gmatch("%-%-> ([^\n]*)") do
      table.insert(printed, line)
    end
  end
  assert.is_true(#parts >= 3)
  return table.concat(parts, "\n"), printed
end

---@param db spec.Database
return function(db)
  describe("the section of docs/engine.md about tables", function()
    db:it("does what it says", function()
      local code, expected = examples()
      local schema, printed = db.schema .. "_docs", {}
      db:administrate("CREATE DATABASE " .. schema .. " CHARACTER SET utf8mb4")
      local engine = db:closing(sa.create_engine(db:options({ database = schema })))
      local function print_line(...)
        local cells = { ... }
        for i = 1, select("#", ...) do
          cells[i] = tostring(cells[i])
        end
        table.insert(printed, table.concat(cells, " "))
      end
      local ok, err = pcall(engine.with, engine, function(conn)
        local environment = { sa = sa, engine = engine, conn = conn, print = print_line }
        setmetatable(environment, { __index = _G })
        setfenv(assert(loadstring(code, "=docs/engine.md")), environment)()
      end)
      db:administrate("DROP DATABASE " .. schema)
      assert(ok, err)
      assert.same(expected, printed)
    end)

    db:it("has every name of an inspector", function()
      for name in pairs(getmetatable(sa.inspect({ pool = {} }))) do
        if not name:find("^__") and name ~= "describe" then
          assert.is_truthy(section:find("%f[%w_]" .. name .. "%f[^%w_]"), name)
        end
      end
    end)
  end)
end
