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

describe("docs/aiomysql-parity.md", function()
  --- How many numbers each letter has.
  local LABELS = { C = 27, K = 22, E = 7, U = 9, P = 16, S = 12, X = 10, D = 28 }
  local TESTS = 262

  local text = read("docs/aiomysql-parity.md")
  local files = setmetatable({}, {
    __index = function(self, path)
      local content = exists("spec/" .. path) and read("spec/" .. path) or false
      rawset(self, path, content)
      return content
    end,
  })

  --- Checks the specs that a text names, `file.lua`: "description", "another"; tells how many.
  local function check_specs(cell)
    local count = 0
    for path, behind in (cell .. "`"):gmatch("`([%w_/]+%.lua)`([^`]*)") do
      assert.is_truthy(files[path], "no spec/" .. path)
      local descriptions = behind:match("^: (.-) |") or behind:match("^: (.*)$")
      assert.is_truthy(descriptions, ("no description of %s: %s"):format(path, cell))
      for quote, description in descriptions:gmatch("([\"'])(.-)%1") do
        count = count + 1
        local literal = quote .. description .. quote
        assert.is_truthy(
          files[path]:find(literal, 1, true),
          ("spec/%s has no description %s"):format(path, literal)
        )
      end
    end
    return count
  end

  local numbered, tests = {}, {}
  for line in text:gmatch("[^\n]+") do
    local label, rest = line:match("^| (%u%d+) |(.*)$")
    local names, what = line:match("^| (`[%l%d_`, ]*test_[%w_`, ]*`) | (.*) |$")
    if label then
      numbered[label] = rest
    elseif names then
      for name in names:gmatch("`([%w_]+)`") do
        table.insert(tests, { name = name, what = what })
      end
    end
  end

  it("names specs that are there, and their descriptions", function()
    local count = 0
    for line in text:gmatch("[^\n]+") do
      count = count + check_specs(line)
    end
    assert.is_true(count > 300)
  end)

  it("has a spec for every label", function()
    for letter, most in pairs(LABELS) do
      for i = 1, most do
        local label = letter .. i
        local row = numbered[label]
        assert.is_truthy(row, label .. " is missing")
        assert.is_true(check_specs(row) > 0, label)
      end
    end
  end)

  it("has a counterpart for each test, or says why not", function()
    assert.equal(TESTS, #tests)
    for _, test in ipairs(tests) do
      local reason = test.what:match("^no counterpart: (.+)")
      assert.is_true(reason ~= nil or check_specs(test.what) > 0, test.name)
    end
  end)

  it("explains the labels that specs have", function()
    local list = assert(io.popen("grep -rhoE '\"([A-Z][0-9]+(, |: ))+' spec"))
    for labels in list:lines() do
      for label in labels:gmatch("%u%d+") do
        local is_ours = LABELS[label:sub(1, 1)] ~= nil
        assert.is_true(not is_ours or numbered[label] ~= nil, label .. " is not explained")
      end
    end
    list:close()
  end)
end)
