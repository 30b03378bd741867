--- Servers that die, freeze and come back. They are private ones.

local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

local CONNECTIONS = 8
local TASKS = 100

--- How late an error may be, in seconds.
local GRACE = 1

describe("a private server #live", function()
  local private

  after_each(function()
    if private then
      private:down()
      private = nil
    end
  end)

  local function pool_of(more)
    local options = {
      host = private.host,
      port = private.port,
      user = "root",
      ssl = false,
      minsize = 0,
      maxsize = CONNECTIONS,
      connect_timeout = 5,
    }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return lunasa.create_pool(options)
  end

  --- Starts tasks that wait for a statement or for a connection, and lets them.
  local function start_waiting(pool, options)
    local tasks = {}
    for i = 1, TASKS do
      tasks[i] = lunasa.spawn(pool.query, pool, "SELECT SLEEP(600)", nil, options)
    end
    while pool.used < CONNECTIONS do
      lunasa.sleep(0.001)
    end
    lunasa.sleep(0.01)
    return tasks
  end

  --- Joins tasks that must all have failed; tells after how many seconds the last one had.
  local function join_failures(tasks, started)
    local errors = {}
    for i, waiting in ipairs(tasks) do
      local ok, err = pcall(waiting.join, waiting, 30)
      assert.is_false(ok)
      errors[i] = err
    end
    return errors, lunasa.now() - started
  end

  for _, name in ipairs({ "mariadb", "mysql" }) do
    describe(name, function()
      local function start()
        private = server.throwaway({ name = name })
      end

      it(
        "killed fails every waiting task within a second, and a new one is found",
        task(function()
          start()
          local pool = pool_of()
          local tasks = start_waiting(pool)

          private:signal("KILL")
          local errors, took = join_failures(tasks, lunasa.now())

          for _, err in ipairs(errors) do
            assert.is_true(err:is("OperationalError"), tostring(err))
          end
          assert.is_true(took < GRACE, took .. " s")
          assert.same({ 0, 0, 0 }, { pool.size, pool.used, pool.waiting })

          private = private:restart()
          assert.equal(1, pool:scalar("SELECT 1"))
          pool:close()
          pool:wait_closed(5)
        end)
      )

      it(
        "stopped lets every deadline pass in time",
        task(function()
          start()
          local pool = pool_of()
          pool:scalar("SELECT 1")
          private:signal("STOP")
          local started = lunasa.now()

          local tasks = {
            lunasa.spawn(pool.query, pool, "SELECT 1", nil, { timeout = 0.2 }),
            lunasa.spawn(pool.query, pool, "SELECT 1", nil, { timeout = 0.2 }),
            lunasa.spawn(pool.acquire, pool, 0.2),
            lunasa.spawn(lunasa.connect, {
              host = private.host,
              port = private.port,
              user = "root",
              connect_timeout = 0.2,
            }),
            lunasa.spawn(lunasa.timeout, 0.2, pool.query, pool, "SELECT 1"),
          }
          local errors, took = join_failures(tasks, started)

          for _, err in ipairs(errors) do
            assert.equal("TimeoutError", err.class)
          end
          assert.is_true(took >= 0.2 and took < 0.2 + GRACE, took .. " s")

          private:signal("CONT")
          assert.equal(1, pool:scalar("SELECT 1"))
          pool:terminate()
        end)
      )

      it(
        "stopped holds up a block that rolls back no longer than cancel_timeout",
        task(function()
          start()
          local pool = pool_of({ cancel_timeout = 0.1 })
          local started

          local ok, err = pcall(pool.transaction, pool, function()
            private:signal("STOP")
            started = lunasa.now()
            error("changed my mind", 0)
          end)

          assert.same({ false, "changed my mind" }, { ok, err })
          assert.is_true(lunasa.now() - started < 0.1 + GRACE)
          pool:close()
        end)
      )

      it(
        "that went away while the pool was idle is found again",
        task(function()
          start()
          local pool = pool_of()
          lunasa.gather(function()
            return pool:scalar("SELECT SLEEP(0.01)")
          end, function()
            return pool:scalar("SELECT SLEEP(0.01)")
          end)
          assert.equal(2, pool.freesize)

          private = private:restart()
          lunasa.sleep(0.01)

          assert.equal(0, pool.freesize)
          assert.equal(1, pool:scalar("SELECT 1"))
          pool:close()
        end)
      )
    end)
  end
end)
