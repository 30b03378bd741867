--- The examples of docs/cursors.md run, and print what they say.

local assert = require("luassert")

--- The Lua in a document, and what each piece says that it prints, behind `-->`.
local function examples_of(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  local found = {}
  for code in text:gmatch("```lua\n(.-)```") do
    local printed = {}
    for line in code:gmatch("%-%-> ([^\n]*)") do
      table.insert(printed, line)
    end
    table.insert(found, { code = code, printed = printed })
  end
  return found
end

---@param db spec.Database
return function(db)
  describe("an example of docs/cursors.md", function()
    local examples = examples_of("docs/cursors.md")
    assert.is_true(#examples >= 4)

    for i, example in ipairs(examples) do
      db:it(("runs: number %d"):format(i), function(conn)
        conn:execute("DROP TABLE IF EXISTS users")
        conn:execute("CREATE TABLE users (id INT, name VARCHAR(20), age INT)")
        conn:execute("INSERT INTO users VALUES (1, 'Ada', 36), (2, 'Bob', 20), (3, 'Eve', 40)")
        local printed = {}
        local function print_line(...)
          local cells = { ... }
          for c = 1, select("#", ...) do
            cells[c] = tostring(cells[c])
          end
          table.insert(printed, table.concat(cells, " "))
        end
        local environment = { conn = conn, print = print_line }
        setmetatable(environment, { __index = _G })
        local chunk = assert(loadstring(example.code, "=docs/cursors.md"))
        setfenv(chunk, environment)()
        assert.same(example.printed, printed)
      end)
    end
  end)
end
