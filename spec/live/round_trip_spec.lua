local assert = require("luassert")
local column_types = require("spec.support.column_types")
local database = require("spec.suite.database")
local lunasa = require("lunasa")
local server = require("spec.support.server")

--- Values for each type; scripts/round-trip asks for thousands.
local COUNT = tonumber(os.getenv("LUNASA_ROUND_TRIP") or 200)
local SEED = tonumber(os.getenv("LUNASA_SEED")) or os.time() % 2 ^ 31
local BATCH = 100

local PROTOCOLS = { "text", "binary" }

--- Makes values of a type, some of them NULL.
local function make_values(rng, column, count)
  local values = {}
  for i = 1, count do
    if rng:int(1, 10) == 1 then
      values[i] = { lunasa.null, "NULL", "NULL" }
    else
      local parameter, binary, text = column.make(rng)
      values[i] = { parameter, binary, text or binary }
    end
  end
  return values
end

local function write(conn, tbl, column, values, protocol)
  for first = 1, #values, BATCH do
    local places, args = {}, {}
    for i = first, math.min(first + BATCH - 1, #values) do
      table.insert(places, ("(%d, %s)"):format(i, column.value or "?"))
      table.insert(args, values[i][1])
    end
    local sql = ("INSERT INTO %s (id, v) VALUES %s"):format(tbl, table.concat(places, ", "))
    conn:execute(sql, args, { protocol = protocol })
  end
end

local function quoted(text)
  return ("%q"):format(text:sub(1, 100))
end

local function compare(conn, tbl, values, written, read)
  local options = { protocol = read, rows = "array" }
  local count = 0
  local res = conn:query("SELECT id, v FROM " .. tbl .. " ORDER BY id", nil, options)
  for id, value in res:values() do
    count = count + 1
    local expected = values[id][read == "text" and 3 or 2]
    local got = column_types.text_of(value)
    if got ~= expected then
      error(
        ("seed %d, value %d written as %s, read as %s: expected %s, got %s"):format(
          SEED,
          id,
          written,
          read,
          quoted(expected),
          quoted(got)
        ),
        0
      )
    end
  end
  assert.equal(#values, count)
end

describe(("random values of every type, with seed %d #live"):format(SEED), function()
  server.each(function(at)
    describe(at.name, function()
      database.describe(at, function(db)
        for _, column in ipairs(column_types.list) do
          if not column.on or column.on[at.name] then
            db:it("come back as " .. column.ddl, function()
              local conn = db:connect({
                sql_mode = "ALLOW_INVALID_DATES",
                init_command = "SET time_zone = '+00:00'",
              })
              local rng = column_types.rng(SEED)
              for _, written in ipairs(PROTOCOLS) do
                local tbl = db:table(conn, "id INT PRIMARY KEY, v " .. column.ddl .. " NULL")
                local values = make_values(rng, column, COUNT)
                write(conn, tbl, column, values, written)
                for _, read in ipairs(PROTOCOLS) do
                  compare(conn, tbl, values, written, read)
                end
              end
            end)
          end
        end
      end)
    end)
  end)
end)
