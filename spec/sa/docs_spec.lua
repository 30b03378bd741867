--- docs/sql.md says what is there: its examples run, in their order and on one another, and print
--- what they say; every public name is in it.
local sa = require("lunasa.sa")

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local text = read("docs/sql.md")

--- The Lua in it, and what each piece says that it prints, behind `-->`.
local function examples()
  local found = {}
  for code in text:gmatch("```lua\n(.-)```") do
    local said = {}
    for line in code:gmatch("%-%-> ([^\n]*)") do
      table.insert(said, line)
    end
    table.insert(found, { code = code, said = said })
  end
  return found
end

--- All as one chunk: what one declares, the next ones use.
local function run(all)
  local printed, current, parts = {}, nil, {}
  local env = setmetatable({
    begin = function(number)
      current = {}
      printed[number] = current
    end,
    print = function(...)
      local cells = { ... }
      for i = 1, select("#", ...) do
        cells[i] = tostring(cells[i])
      end
      table.insert(current, (table.concat(cells, " "):gsub("%s+", " ")))
    end,
  }, { __index = _G })
  for i, example in ipairs(all) do
    parts[i] = ("begin(%d)\n%s"):format(i, example.code)
  end
  setfenv(assert(loadstring(table.concat(parts, "\n"), "=docs/sql.md")), env)()
  return printed
end

describe("docs/sql.md", function()
  local all = examples()
  local printed

  for i in ipairs(all) do
    it(("has an example that does what it says: number %d"):format(i), function()
      printed = printed or run(all)
      assert.same(all[i].said, printed[i])
    end)
  end

  --- Tells which names are not in it as words.
  local function missing(names)
    local found = {}
    for name, value in pairs(names) do
      if type(name) == "string" and not name:find("^__") and type(value) ~= "boolean" then
        if not text:find("%f[%w_]" .. name .. "%f[^%w_]") then
          table.insert(found, name)
        end
      end
    end
    table.sort(found)
    return found
  end

  --- What classes have for themselves only.
  local INTERNAL = {}
  for name in
    ([[ kind type sh collect_froms result_name self_group select_columns copy small_copy
        appended as_list as_operand all_froms selected_columns result_columns DDLElement as_scalar
        column ]]):gmatch("%S+")
  do
    INTERNAL[name] = true
  end

  for name, map in pairs({
    ["lunasa.sa"] = sa,
    ["sa.mysql"] = sa.mysql,
    ["sa.pg"] = sa.pg,
    ["sa.sqlite"] = sa.sqlite,
    ["an expression"] = require("lunasa.sa.expression.element").Expression,
    ["a SELECT"] = require("lunasa.sa.selectable.select").Select,
    ["a query"] = require("lunasa.sa.selectable.query").Query,
    ["a table"] = require("lunasa.sa.schema.table").Table,
    ["an INSERT"] = require("lunasa.sa.dml.insert").Insert,
    ["an UPDATE"] = require("lunasa.sa.dml.update").Update,
    ["MetaData"] = require("lunasa.sa.schema.metadata").MetaData,
  }) do
    it("has every name of " .. name, function()
      local public = {}
      for key, value in pairs(map) do
        public[key] = not INTERNAL[key] and value or nil
      end
      assert.same({}, missing(public))
    end)
  end
end)
