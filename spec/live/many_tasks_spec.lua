local database = require("spec.suite.database")
local lunasa = require("lunasa")
local server = require("spec.support.server")

local TASKS = 1000
local CONNECTIONS = 8

describe("a thousand tasks on a pool of eight #live", function()
  server.each(function(at)
    describe(at.name, function()
      database.describe(at, function(db)
        db:it("have each its own rows, and no more connections than eight", function()
          local pool = db:pool({ minsize = 0, maxsize = CONNECTIONS })
          local seen, most = {}, 0
          local function work(i)
            for round = 1, 3 do
              local row = pool:first("SELECT ? AS i, ? AS s, CONNECTION_ID() AS c", {
                i,
                ("task %d round %d"):format(i, round),
              })
              assert(row.i == i and row.s == ("task %d round %d"):format(i, round))
              seen[row.c] = true
              most = math.max(most, pool.size)
            end
            return i
          end

          local tasks = {}
          for i = 1, TASKS do
            tasks[i] = lunasa.spawn(work, i)
          end
          for i = 1, TASKS do
            assert.equal(i, tasks[i]:join())
          end

          local connections = 0
          for _ in pairs(seen) do
            connections = connections + 1
          end
          assert.is_true(connections <= CONNECTIONS and most <= CONNECTIONS)
          assert.same({ 0, 0 }, { pool.used, pool.waiting })
        end)

        db:it("commit a thousand transactions, some of which fail", function(conn)
          local pool = db:pool({ minsize = 0, maxsize = CONNECTIONS })
          local t = db:table(conn, "i INT PRIMARY KEY")
          local insert = ("INSERT INTO %s VALUES (?)"):format(t)

          local tasks = {}
          for i = 1, TASKS do
            tasks[i] = lunasa.spawn(pool.transaction, pool, function(lent)
              lent:execute(insert, { i })
              if i % 10 == 0 then
                error("changed my mind", 0)
              end
            end)
          end
          local failures = 0
          for i = 1, TASKS do
            failures = failures + (pcall(tasks[i].join, tasks[i]) and 0 or 1)
          end

          assert.equal(TASKS / 10, failures)
          assert.equal(TASKS - failures, conn:scalar("SELECT COUNT(*) FROM " .. t))
          assert.equal(0, conn:scalar(("SELECT COUNT(*) FROM %s WHERE i %% 10 = 0"):format(t)))
        end)

        db:it("survive being cancelled here and there", function()
          local pool = db:pool({ minsize = 0, maxsize = CONNECTIONS })
          local tasks = {}
          for i = 1, 200 do
            tasks[i] = lunasa.spawn(function()
              return pool:scalar("SELECT ? FROM (SELECT SLEEP(0.001)) t", { i })
            end)
          end
          lunasa.sleep(0.01)
          for i = 1, 200, 3 do
            tasks[i]:cancel()
          end

          for i = 1, 200 do
            local ok, value = pcall(tasks[i].join, tasks[i])
            assert(ok and value == i or value.class == "CancelledError", tostring(value))
          end
          assert.equal(1, pool:scalar("SELECT 1"))
          assert.same({ 0, 0 }, { pool.used, pool.waiting })
        end)
      end)
    end)
  end)
end)
