local lunasa = require("lunasa")
local peer = require("spec.support.peer")
local task = require("spec.support.task")

--- Connects where there is no server: the error, and after how many seconds it came.
local function attempt(options)
  options.user = "root"
  options.ssl = options.ssl or false
  local started = lunasa.now()
  local ok, err = pcall(lunasa.connect, options)
  assert.is_false(ok, "it connected")
  assert.matches(("%s:%d"):format(options.host, options.port), err.message, 1, true)
  return err, lunasa.now() - started
end

describe("connecting #live", function()
  local listener

  after_each(function()
    if listener then
      listener:close()
      listener = nil
    end
  end)

  it(
    "C1: to a closed port names the address and the reason at once",
    task(function()
      local port = peer.closed_port()

      local err, took = attempt({ host = "127.0.0.1", port = port })
      assert.same({ "OperationalError", 2003 }, { err.class, err.errno })
      assert.matches("refused", err.message, 1, true)
      assert.is_true(err:is_disconnect() == false and took < 1)
    end)
  )

  it(
    "to a name that does not resolve names it",
    task(function()
      local err = attempt({ host = "nowhere.invalid", port = 3306, connect_timeout = 5 })

      assert.is_true(err:is("OperationalError"))
      assert.matches("cannot resolve", err.message, 1, true)
    end)
  )

  for _, manner in ipairs({ "silent", "half_greeting" }) do
    for _, ssl in ipairs({ "disabled", "required" }) do
      it(
        ("C3: to a %s port ends with connect_timeout, ssl %s"):format(manner, ssl),
        task(function()
          listener = peer.start(manner)

          local err, took = attempt({
            host = listener.host,
            port = listener.port,
            ssl = ssl,
            connect_timeout = 0.1,
          })
          assert.same({ "TimeoutError", "connect" }, { err.class, err.which })
          assert.is_true(err:is_timeout())
          assert.is_true(took >= 0.1 and took < 1)
        end)
      )
    end
  end

  for _, manner in ipairs({ "http", "ssh", "zeros" }) do
    it(
      ("to a port that speaks %s says that it is no MySQL"):format(manner),
      task(function()
        listener = peer.start(manner)

        local err, took = attempt({ host = listener.host, port = listener.port })
        assert.is_true(err:is("DatabaseError"))
        assert.is_true(took < 1)
      end)
    )
  end

  it(
    "to a port that hangs up says so",
    task(function()
      listener = peer.start("closing")

      local err, took = attempt({ host = listener.host, port = listener.port })
      assert.is_true(err:is("OperationalError"))
      assert.matches("closed the connection", err.message, 1, true)
      assert.is_true(took < 1)
    end)
  )

  it(
    "can be cancelled",
    task(function()
      listener = peer.start("silent")
      local connecting = lunasa.spawn(lunasa.connect, {
        host = listener.host,
        port = listener.port,
        user = "root",
      })
      lunasa.sleep(0.01)
      connecting:cancel()

      local _, err = pcall(connecting.join, connecting)
      assert.equal("CancelledError", err.class)
    end)
  )

  it(
    "fails every task that waits for the pool, each with the reason",
    task(function()
      local pool = lunasa.create_pool({
        host = "127.0.0.1",
        port = peer.closed_port(),
        user = "root",
        minsize = 0,
        maxsize = 2,
      })
      local tasks = {}
      for i = 1, 20 do
        tasks[i] = lunasa.spawn(pool.query, pool, "SELECT 1")
      end

      for i = 1, 20 do
        local ok, err = pcall(tasks[i].join, tasks[i], 5)
        assert.same({ false, 2003 }, { ok, err.errno })
      end
      assert.equal(0, pool.size)
      pool:close()
    end)
  )

  it(
    "through a pool waits no longer than the acquire, and is given up when the pool closes",
    task(function()
      listener = peer.start("silent")
      local pool = lunasa.create_pool({
        host = listener.host,
        port = listener.port,
        user = "root",
        minsize = 0,
        acquire_timeout = 0.1,
      })

      local ok, err = pcall(pool.acquire, pool)
      assert.same({ false, "TimeoutError", "acquire" }, { ok, err.class, err.which })
      pool:close()
      pool:wait_closed(1)
    end)
  )
end)
