--- Tasks in nginx, and what requests leave behind that end in the middle of them.
local nginx_server = require("spec.nginx.server")
local server = require("spec.support.server")

describe("a task in nginx #live", function()
  nginx_server.on(function(nginx)
    setup(function()
      nginx:start()
    end)

    teardown(function()
      nginx:stop()
    end)

    server.on("mariadb", function()
      it("spawns, gathers and sleeps inside a request", function()
        local answer = nginx:get("tasks")

        assert.same({ "spawner", "task" }, answer.order)
        assert.same({ 1, 2 }, { answer.a, answer.b })
        assert.matches("one of them", answer.err)
      end)

      it("does not collect tasks that have ended", function()
        assert.same({ done = 400, kept = 0 }, nginx:get("many_tasks"))
        assert.is_true(nginx:get("many_given_up").kept <= 1)
      end)

      it("keeps nothing of the tasks of requests that are over", function()
        local before
        for i = 1, 40 do
          nginx:get_all({ "leaves_interrupted" })
          before = i == 20 and nginx:get("memory").kilobytes or before
        end
        local grown = nginx:get("memory").kilobytes - before

        assert.is_true(grown < 200, ("%g KB"):format(grown))
      end)

      it("reports failures of tasks that nobody joined", function()
        nginx:get("fails_unseen")
        nginx:get("collect")

        assert.matches("task spawned at %S*app_tasks.lua:%d+ failed: .*seen by nobody", nginx:log())
        nginx:get("fails_unseen") -- these end with the worker, which must not crash
      end)

      it("does not hand a cancellation to a later request", function()
        for _ = 1, 5 do
          nginx:get_all({ "leaves_interrupted" })
          assert.same({ "in time" }, nginx:get("alarms"))
        end
      end)

      it("does not hand an expired block to a later request", function()
        for _ = 1, 5 do
          nginx:get_all({ "leaves_expired" })
          assert.same({ "in time" }, nginx:get("alarms"))
          nginx:get_all({ "leaves_expired" })
          assert.equal(12, nginx:get("inside_sort").after)
        end
      end)

      it("asks nginx nothing that it looks for in freed memory", function()
        for _ = 1, 5 do
          nginx:get_all({ "leaves_interrupted" })
          nginx:get("tasks")
        end

        assert.same({}, nginx:get("misuses"))
      end)
    end)
  end)
end)
