--- A server that is frozen: it neither sends nor takes anything.

local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

describe("a frozen server #live", function()
  local private

  before_each(function()
    private = server.throwaway()
  end)

  after_each(function()
    private:signal("CONT")
    private:down()
  end)

  it(
    "C17: is noticed by read_timeout and write_timeout, each for what it is",
    task(function()
      local limits = { read_timeout = 0.2, write_timeout = 0.1, ssl = false }
      local reading = lunasa.connect(private.url, limits)
      local writing = lunasa.connect(private.url, limits)
      private:signal("STOP")

      local _, read_error = pcall(reading.query, reading, "SELECT 1")
      local long = "SELECT '" .. ("x"):rep(16 * 1024 * 1024) .. "'"
      local _, write_error = pcall(writing.query, writing, long)

      assert.same({ "TimeoutError", "read" }, { read_error.class, read_error.which })
      assert.same({ "TimeoutError", "write" }, { write_error.class, write_error.which })
      assert.is_true(read_error:is_disconnect() and write_error:is_disconnect())
      assert.is_true(reading.closed and writing.closed)
    end)
  )
end)
