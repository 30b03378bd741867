--- The examples of docs/engine.md about transactions and events run, and print what they say.

local assert = require("luassert")
local sa = require("lunasa.sa")

local file = assert(io.open("docs/engine.md"))
local text = file:read("*a")
file:close()

--- The Lua of sections as one chunk, and what it says that it prints, behind `-->`.
local function examples(...)
  local parts, printed = {}, {}
  for _, name in ipairs({ ... }) do
    local section = ("%s\n## "):format(text):match("\n## " .. name .. "\n(.-)\n## ")
    for code in section:gmatch("```lua\n(.-)```") do
      table.insert(parts, code)
      for line in code:gmatch("%-%-> ([^\n]*)") do
        table.insert(printed, line)
      end
    end
  end
  return parts, printed
end

--- Runs code as one chunk, and gives the lines that it prints.
local function printed_by(parts, environment)
  local printed = {}
  function environment.print(...)
    local cells = { ... }
    for i = 1, select("#", ...) do
      cells[i] = tostring(cells[i])
    end
    table.insert(printed, (table.concat(cells, " "):gsub("%s+", " ")))
  end
  setmetatable(environment, { __index = _G })
  local chunk = assert(loadstring(table.concat(parts, "\n"), "=docs/engine.md"))
  setfenv(chunk, environment)()
  return printed
end

---@param db spec.Database
return function(db)
  describe("docs/engine.md", function()
    db:it("says what transactions and events do", function()
      local parts, expected = examples("Transactions", "Events")
      assert.equal(4, #parts)
      local engine = db:closing(sa.create_engine(db:options()))
      assert.same(expected, printed_by(parts, { sa = sa, engine = engine }))
    end)

    db:it("says what statements and rows do", function()
      local parts, expected = examples("Executing statements", "Results and rows")
      assert.equal(2, #parts)
      local engine = db:closing(sa.create_engine(db:options({ autocommit = true })))
      engine:with(function(conn)
        conn:execute("DROP TABLE IF EXISTS users") -- other documents have one too
        assert.same(expected, printed_by(parts, { sa = sa, conn = conn }))
        conn:execute("DROP TABLE users")
      end)
    end)

    db:it("has every method of engines, connections and results", function()
      local engine = db:closing(sa.create_engine(db:options()))
      engine:with(function(conn)
        local classes =
          { getmetatable(engine), getmetatable(conn), require("lunasa.engine.result").ResultProxy }
        for _, class in ipairs(classes) do
          for name, value in pairs(class) do
            if type(value) == "function" and not name:find("^_") and name ~= "watch" then
              assert.matches(name, text, 1, true)
            end
          end
        end
      end)
    end)

    db:it("has every event, and every class of errors of its own", function()
      local events = require("lunasa.engine.events")
      for name in pairs(events.NAMES) do
        assert.matches("`" .. name .. "`", text, 1, true)
      end
      for _, name in ipairs({ "ArgumentError", "NoSuchColumnError", "ResourceClosedError" }) do
        assert.equal(name, sa.exc[name])
        assert.matches("`" .. name .. "`", text, 1, true)
      end
      local ok, err = pcall(function()
        return sa.exc.NoSuchColumnErr
      end)
      assert.is_false(ok)
      assert.matches("there is no exc.NoSuchColumnErr — did you mean", err.message, 1, true)
    end)
  end)
end
