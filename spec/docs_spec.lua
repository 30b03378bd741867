--- The documents say what is there.

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

--- The rows of the tables under each heading, heads and rules left out.
---@param text string
---@return { heading: string, cells: string[] }[]
local function rows_of(text)
  local rows = {}
  local heading
  for line in text:gmatch("[^\n]+") do
    heading = line:match("^## (.*)") or heading
    local cells = {}
    for cell in line:gsub("\\|", "/"):gmatch("|%s*([^|]-)%s*%f[|]") do
      table.insert(cells, cell)
    end
    if #cells > 0 and not cells[1]:find("^%-%-") and cells[1] ~= "feature" then
      table.insert(rows, { heading = heading, cells = cells })
    end
  end
  return rows
end

describe("docs/features.md", function()
  local rows = rows_of(read("docs/features.md"))

  it("names for every feature its servers and a spec that is there", function()
    for _, row in ipairs(rows) do
      local feature, servers, specs = row.cells[1], row.cells[3], row.cells[4]
      assert.equal(4, #row.cells, feature)
      assert.is_truthy(servers == "all" or servers:find("^[MNS ]+$"), feature .. ": " .. servers)
      local named = 0
      for path in specs:gmatch("`([^`]+)`") do
        named = named + 1
        assert.is_true(exists("spec/" .. path), ("%s: no spec/%s"):format(feature, path))
      end
      assert.is_true(named > 0, feature .. " names no spec")
    end
  end)
end)

describe("docs/limits.md", function()
  local text = read("docs/limits.md")
  local fields = {}
  for field in
    read("src/driver/options.h")
      :match("typedef struct lun_limits {(.-)} lun_limits;")
      :gmatch("([%l_]+);")
  do
    table.insert(fields, field)
  end

  it("has every limit of a session, with its default", function()
    assert.is_true(#fields >= 9)
    local defaults = read("src/driver/options.c")
    for _, field in ipairs(fields) do
      local shown = text:match("| `" .. field .. "` | [^|]+ | (%d+) |")
      assert.is_truthy(shown, field .. " is missing")
      local expression = defaults:match("%." .. field .. " = ([^,]+),"):gsub("%(uint64_t%)", "")
      assert.equal(loadstring("return " .. expression)(), tonumber(shown), field)
    end
  end)

  it("says which option sets each", function()
    local names = table.concat(require("lunasa.limits").names, " ")
    for _, field in ipairs(fields) do
      local option = text:match("| `" .. field .. "` | ([^|]+) |")
      assert.equal(option == "*limits*", names:find(field, 1, true) ~= nil, field)
    end
  end)
end)
