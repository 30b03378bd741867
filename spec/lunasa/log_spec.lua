local log = require("lunasa.log")

describe("lunasa.log", function()
  local said

  local function listen(level, message)
    table.insert(said, { level, message })
  end

  local original_stderr

  before_each(function()
    said = {}
    original_stderr = io.stderr
    io.stderr = { -- luacheck: ignore 122
      write = function(_, ...)
        table.insert(said, table.concat({ ... }))
      end,
    }
  end)

  after_each(function()
    io.stderr = original_stderr -- luacheck: ignore 122
    log.set(nil)
  end)

  it("writes to stderr by default", function()
    log.warn("a connection leaked")

    assert.same({ "lunasa: warn: a connection leaked\n" }, said)
  end)

  it("hands level and message to a handler", function()
    log.set(listen)

    log.info("a")
    log.warn("b")
    log.error("c")

    assert.same({ { "info", "a" }, { "warn", "b" }, { "error", "c" } }, said)
  end)

  it("gives back the handler that it replaces", function()
    log.set(listen)

    assert.equal(listen, log.set(nil))
  end)

  it("falls back to stderr when the handler fails", function()
    log.set(function()
      error("full disk", 0)
    end)

    log.warn("x")

    assert.same({ "lunasa: warn: x\n", "lunasa: error: the log handler failed: full disk\n" }, said)
  end)

  it("never raises, whatever the message and wherever it goes", function()
    local nasty = setmetatable({}, { __tostring = error })
    log.set(error)
    io.stderr = nil -- luacheck: ignore 122

    assert.has_no.errors(function()
      log.warn(nasty)
      log.warn(nil)
    end)
  end)
end)
