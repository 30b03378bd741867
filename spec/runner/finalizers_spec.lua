--- Connections in finalizers of the user's, which may run after the connection's own.
local program = require("spec.runner.program")
local server = require("spec.support.server")

--- The finalizer's guard is made first, so that the collector finds it last.
local AT_EXIT = [[
  local lunasa = require("lunasa")
  local conn, pool, result
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    print("finalizer", pcall(function() %s end))
  end
  KEPT = guard
  conn = lunasa.connect(nil, { ssl = %s })
  result = conn:query("SELECT 1" .. (" UNION ALL SELECT 1"):rep(100))
  print(#result:all())
]]

local AT_COLLECTION = [[
  local lunasa = require("lunasa")
  local function make()
    local conn, result
    local guard = newproxy(true)
    getmetatable(guard).__gc = function()
      print("finalizer", pcall(function() %s end))
    end
    conn = lunasa.connect(nil, { ssl = %s })
    conn.guard = guard
    result = conn:query("SELECT 1" .. (" UNION ALL SELECT 1"):rep(100))
    print(#result:all())
  end
  make()
  lunasa.sleep(0.01)
  collectgarbage()
  collectgarbage()
  print("alive")
]]

local USES = {
  "conn:close()",
  "conn:query('SELECT 1')",
  "conn:query('SELECT ?', { 1 })",
  "conn:ping()",
  "conn:literal('x')",
  "conn:thread_id()",
  "conn:get_transaction_status()",
  "print(conn)",
  "print(conn.closed, conn.is_encrypted, conn.is_mariadb)",
  "result:all()",
  "print(result[1], #result:column(1))",
  "for _ in result:rows() do end",
  "result:close()",
}

--- The column's strings are made last, so that their owner is finalized first.
local COLUMN_AT_EXIT = [[
  local lunasa = require("lunasa")
  local column
  local guard = newproxy(true)
  getmetatable(guard).__gc = function()
    print("finalizer", #column, column[99], column:length(99), (column:pointer(99)))
  end
  KEPT = guard
  local sql = "SELECT 'text' AS s" .. (" UNION ALL SELECT 'text'"):rep(99)
  column = lunasa.connect():query(sql):column("s", { ffi = true })
  print(column[99])
]]

describe("a finalizer that runs after the connection's own", function()
  after_each(program.clean)

  server.each(function(db)
    for _, use in ipairs(USES) do
      for _, ssl in ipairs({ "false", "'required'" }) do
        it(("ends nothing at exit: %s on %s, ssl %s"):format(use, db.name, ssl), function()
          local outcome = program.run({ "--url", db.url, program.file(AT_EXIT:format(use, ssl)) })

          assert.is_true(outcome.status == 0 or outcome.status == 1, outcome.status)
          assert.matches("^101\n.*finalizer\t", outcome.out)
        end)

        it(("ends nothing meanwhile: %s on %s, ssl %s"):format(use, db.name, ssl), function()
          local script = program.file(AT_COLLECTION:format(use, ssl))
          local outcome = program.run({ "--url", db.url, script })

          assert.equal(0, outcome.status, outcome.err)
          assert.matches("^101\n.*finalizer\t.*\nalive\n$", outcome.out)
        end)
      end
    end

    it("finds a column of strings empty at exit on " .. db.name, function()
      local outcome = program.run({ "--url", db.url, program.file(COLUMN_AT_EXIT) })

      assert.equal("text\nfinalizer\t0\tnil\tnil\tnil\n", outcome.out)
    end)
  end)
end)
