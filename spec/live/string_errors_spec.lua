--- The option `errors = "string"`: what is raised are words, for hosts that show no other errors.
local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

describe('errors = "string"', function()
  server.on("mariadb", function(db)
    it(
      "raises the words of a failed statement",
      task(function()
        local conn = lunasa.connect(db.url, { errors = "string" })

        local _, err = pcall(conn.query, conn, "selec 1")

        assert.matches("^ProgrammingError 1064 %(42000%): ", err)
        conn:close()
      end)
    )

    it(
      "raises the words of a transaction's failure, after it was undone",
      task(function()
        local conn = lunasa.connect(db.url, { errors = "string" })

        local _, err = pcall(conn.transaction, conn, function()
          conn:query("selec 1")
        end)

        assert.matches("^ProgrammingError 1064", err)
        assert.is_false(conn:get_transaction_status())
        conn:close()
      end)
    )

    it(
      "raises the words of a pool that has nothing to lend",
      task(function()
        local pool =
          lunasa.create_pool(db.url, { errors = "string", maxsize = 1, acquire_timeout = 0.01 })
        local conn = pool:acquire(10)

        local _, err = pcall(pool.acquire, pool)

        assert.matches("^TimeoutError: waited 0.01 s for the pool", err)
        pool:release(conn)
        pool:close()
        pool:wait_closed()
      end)
    )
  end)

  it(
    "raises the words of a login that failed",
    task(function()
      local nowhere = { host = "127.0.0.1", port = 1, user = "x", errors = "string" }

      local _, err = pcall(lunasa.connect, nowhere)

      assert.matches("^OperationalError 2003: cannot connect to 127.0.0.1:1", err)
    end)
  )
end)
