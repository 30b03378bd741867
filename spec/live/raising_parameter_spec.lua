--- Value objects of the user's that raise while they are asked for their text.
local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

--- What is raised: the error goes on as it is.
local RAISED = { own = { "an error of the user's" }, text = "boom" }

local function raising(reason)
  return setmetatable({}, {
    __lunasa = "json",
    __tostring = function()
      error(reason, 0)
    end,
  })
end

local TIMEOUT = { timeout = 2 }

describe("a parameter that raises #live", function()
  server.each(function(db)
    it(
      "is refused when it has no text: " .. db.name,
      task(function()
        local conn = lunasa.connect(db.url, { ssl = false })
        local silent = setmetatable({}, { __lunasa = "json", __tostring = function() end })

        for _, protocol in ipairs({ "text", "binary" }) do
          local ok, err = pcall(conn.query, conn, "SELECT ?", { silent }, { protocol = protocol })
          assert.is_false(ok)
          assert.matches("__tostring gives no string", tostring(err), 1, true)
          assert.equal(1, conn:scalar("SELECT 1", nil, TIMEOUT))
        end
        conn:close()
      end)
    )

    it(
      "runs nothing on a connection that it gives back to its pool: " .. db.name,
      task(function()
        local pool = lunasa.create_pool(db.url, { ssl = false, minsize = 0, maxsize = 1 })
        for _, options in ipairs({ {}, TIMEOUT }) do
          local conn = pool:acquire()
          local releasing = setmetatable({}, {
            __lunasa = "json",
            __tostring = function()
              conn:release()
              return "x"
            end,
          })
          local ok, err =
            pcall(conn.query, conn, "SELECT ?", { releasing }, options.timeout and options)

          assert.is_false(ok)
          assert.matches("the connection is closed", tostring(err), 1, true)
          assert.equal(1, pool:scalar("SELECT 1", nil, TIMEOUT))
        end
        pool:close()
        pool:wait_closed(5)
      end)
    )

    for name, reason in pairs(RAISED) do
      local bad = raising(reason)

      it(
        ("leaves the connection usable: %s, %s"):format(name, db.name),
        task(function()
          local conn = lunasa.connect(db.url, { ssl = false })

          for _, args in ipairs({ { bad }, { ("x"):rep(100), bad }, { { 1, bad } } }) do
            local sql = "SELECT " .. ("?, "):rep(#args - 1) .. "?"
            assert.same({ false, reason }, { pcall(conn.query, conn, sql, args) })
            assert.equal(1, conn:scalar("SELECT 1", nil, TIMEOUT))
          end
          conn:close()
        end)
      )

      it(
        ("lets the tasks that wait for the connection go on: %s, %s"):format(name, db.name),
        task(function()
          local conn = lunasa.connect(db.url, { ssl = false })
          local tasks = {}
          for i = 1, 6 do
            local value = i % 2 == 0 and bad or i
            tasks[i] = lunasa.spawn(conn.scalar, conn, "SELECT ?", { value }, TIMEOUT)
          end

          for i = 1, 6 do
            local expected = i % 2 == 0 and { false, reason } or { true, i }
            assert.same(expected, { pcall(tasks[i].join, tasks[i]) })
          end
          conn:close()
        end)
      )

      it(
        ("leaves the connection to its pool: %s, %s"):format(name, db.name),
        task(function()
          local pool = lunasa.create_pool(db.url, { ssl = false, minsize = 0, maxsize = 1 })

          assert.same({ false, reason }, { pcall(pool.query, pool, "SELECT ?", { bad }) })
          assert.equal(1, pool:scalar("SELECT 1", nil, TIMEOUT))
          assert.equal(1, pool.size)
          pool:close()
          pool:wait_closed(5)
        end)
      )

      it(
        ("leaves literals as they are: %s, %s"):format(name, db.name),
        task(function()
          local conn = lunasa.connect(db.url, { ssl = false })

          local ok, err = pcall(conn.literal, conn, { ("x"):rep(100), bad })

          assert.same({ false, reason }, { ok, err })
          assert.equal("('a', 1)", conn:literal({ "a", 1 }))
          assert.equal(1, conn:scalar("SELECT 1", nil, TIMEOUT))
          conn:close()
        end)
      )
    end
  end)
end)
