--- What a buffered text result costs before its rows are touched, counted in calls by callgrind.
local server = require("spec.support.server")

local modules = os.getenv("LUNASA_TEST_MODULES") or "build/dev/lib"

-- The runner that goes with these modules: valgrind cannot run one with sanitizers.
local RUNNER = modules .. "/../lunasa"

local SCRIPT = [[
local conn = require("lunasa").connect()
local result = conn:query("SELECT seq, seq * 3, seq / 7e0, CONCAT('s', seq) FROM seq_1_to_%d")
assert(result.rowcount == %d)
]]

--- Adds up the calls that callgrind has written down, by function.
local function read_calls(path)
  local names, calls, callee = {}, {}, nil
  for line in io.lines(path) do
    local id, name = line:match("^c?fn=(%(%d+%)) ?(.*)$")
    if id and name ~= "" then
      names[id] = name:gsub("'%d+$", "")
    end
    if id and line:sub(1, 3) == "cfn" then
      callee = names[id]
    end
    local count = line:match("^calls=(%d+)")
    if count then
      calls[callee] = (calls[callee] or 0) + tonumber(count)
    end
  end
  return calls
end

--- Runs a query for so many rows and counts the calls of a whole program around it.
local function calls_for(rows, url)
  local path = os.tmpname()
  local script = SCRIPT:format(rows, rows):gsub("'", "'\\''")
  local pattern = "valgrind -q --tool=callgrind --callgrind-out-file=%s %s --url '%s' -e '%s'"
  local command = pattern:format(path, RUNNER, url, script)
  assert.equal(0, os.execute(command))
  local calls = read_calls(path)
  os.remove(path)
  return calls
end

describe("a buffered text result", function()
  server.on("mariadb", function(db)
    it("costs a few mallocs and no Lua for twice the rows", function()
      local url = "mysql://root@/test?unix_socket=" .. db.socket
      local fewer, more = calls_for(10000, url), calls_for(20000, url)
      local added = { malloc = 0, lua = 0 }
      for name, count in pairs(more) do
        local difference = count - (fewer[name] or 0)
        if name == "malloc" or name == "calloc" or name == "realloc" then
          added.malloc = added.malloc + difference
        elseif name:find("^lua") then
          added.lua = added.lua + math.max(difference, 0)
        end
      end

      -- Each is checked, some twice, and next to none is added by a call of its own.
      local checked = more.lun_mysql_text_row_check - fewer.lun_mysql_text_row_check
      assert.is_true(checked >= 10000 and checked < 10500, checked .. " more rows are checked")
      local alone = more.lun_rows_append - fewer.lun_rows_append
      assert.is_true(alone < 100, alone .. " more rows are added alone")
      assert.is_true(added.malloc < 10, added.malloc .. " more allocations")
      -- A step of the loop is called from Lua, and the scheduler decides how many there are.
      assert.is_true(added.lua < 100, added.lua .. " more calls of Lua's API")
    end)
  end)
end)
