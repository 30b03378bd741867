local exposition = require("spec.support.exposition")
local lunasa = require("lunasa")
local nginx_server = require("spec.nginx.server")
local server = require("spec.support.server")
local task = require("spec.support.task")

--- Waits until a connection is gone, after a statement that may bring this about.
local function wait_until_gone(db, id, statement)
  task.run(function()
    local admin = lunasa.connect(db.url)
    admin:execute(statement or "DO 0")
    local sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = " .. id
    lunasa.timeout(10, function()
      while admin:scalar(sql) > 0 do
        lunasa.sleep(0.01)
      end
    end)
    admin:close()
  end)
end

local function repeated(path, count)
  local paths = {}
  for i = 1, count do
    paths[i] = path
  end
  return paths
end

--- What holds for every database.
local function describe_database(nginx, db)
  local name = db.name

  local function facts(transport)
    return nginx:get("facts?pool=" .. name .. transport)
  end

  local transports = {
    [""] = "TLS",
    _plain = "TCP",
    _socket = "a unix socket",
    _packed = "TLS, compressed",
  }
  it("C7: knows a connection, cancels it, makes it anew and notices silence", function()
    assert.same({
      cancelled = true,
      used = true,
      db = "test",
      made_anew = true,
      which = "read",
      closed = true,
      reached = true,
    }, nginx:get("connection?pool=" .. name .. "_plain"))
  end)

  for transport, what in pairs(transports) do
    it("keeps one connection for two requests over " .. what, function()
      local first, second = facts(transport), facts(transport)

      assert.equal(what:find("TLS") ~= nil, first.is_encrypted)
      assert.equal(transport == "_packed", first.is_compressed)
      assert.equal(first.id, first.server_id)
      assert.same(first, second)
      assert.same({ { a = 1, b = "x" }, { a = 2, b = "ü" } }, first.rows)
    end)

    it("carries large statements and rows over " .. what, function()
      local sizes = nginx:get(("large?size=3000000&pool=%s%s"):format(name, transport))

      assert.same({ sent = 3000000, received = 3000000 }, sizes)
    end)

    it("carries a pipeline over " .. what, function()
      local answer = nginx:get(("pipeline?pool=%s%s"):format(name, transport))

      local expected = { sum = 500500, errno = 1064, escaped = [[it's \]], large = 204800 }
      assert.same(expected, answer)
    end)
  end

  it("tells a hook, which may use another pool", function()
    local first = nginx:get("watched?pool=" .. name)
    local second = nginx:get("watched?pool=" .. name)

    assert.equal("connect query query stream", first.kinds)
    assert.equal("query query stream", second.kinds)
    assert.same({ 1, 1054, "told" }, { second.rows, second.errno, second.told })
    assert.matches("nginx/app.lua:%d+", second.slow)
    local labels = { pool = name .. "_watched", kind = "query", outcome = "ok" }
    assert.equal(2, exposition.value(second.text, "lunasa_commands_total", labels))
  end)

  it("asks a function for the password, and replaces a connection with another user", function()
    local first = nginx:get("change_user?pool=" .. name)
    local second = nginx:get("change_user?pool=" .. name)

    assert.is_not.equal(first.id, second.id)
    first.id, second.id = nil, nil
    assert.same({ before = "tls", after = "root", user = "root" }, first)
    assert.same(first, second)
  end)

  it("streams rows, to their end and not", function()
    for _, transport in ipairs({ "", "_plain", "_socket" }) do
      local pool = "?pool=" .. name .. transport
      local seen = nginx:get("streams" .. pool)

      assert.same(
        { 125, 1250000, "left", "InterfaceError" },
        { seen.count, seen.bytes, seen.left, seen.class }
      )
      assert.equal(seen.id, nginx:get("stream_released?size=1000&pool=" .. name .. transport).id)
      assert.equal(seen.id, nginx:get("stream_released?size=3000000&pool=" .. name .. transport).id)
      assert.equal(seen.id, facts(transport).id)
    end
  end)

  it("executes the SQL language through an engine", function()
    local kind = name == "mysql" and "mysql" or "mariadb"
    for _ = 1, 2 do
      assert.same({
        key = 1,
        names = { "1 a true", "2 b false", "3 c true" },
        streamed = 3,
        updated = 2,
        count = 3,
        text = 2,
        dialect = kind,
        class = "IntegrityError",
        free = 1,
      }, nginx:get("engine?server=" .. name))
    end
  end)

  it("reads rows by cursors, buffered and not", function()
    for _, transport in ipairs({ "", "_plain", "_socket" }) do
      assert.same({
        rows = { { 1 }, { 2 } },
        bytes = 1250000,
        count = 125,
        column = "n",
        is_same = true,
        class = "InterfaceError",
      }, nginx:get("cursors?pool=" .. name .. transport))
    end
  end)

  it("gives the turn of a stream on that a failed task dropped", function()
    for _, transport in ipairs({ "", "_plain", "_socket" }) do
      local seen = nginx:get("stream_dropped?pool=" .. name .. transport)

      assert.equal(13, seen.value)
      assert.matches("before the end of lunasa.Stream", seen.err, 1, true)
    end
  end)

  it("keeps prepared statements from request to request", function()
    for _, transport in ipairs({ "", "_plain", "_socket" }) do
      local first = nginx:get("prepared?pool=" .. name .. transport)
      assert.same(
        { 300, 2500000 + 299 * 150, 42, 3000000 },
        { first.count, first.sum, first.n, first.length }
      )
      assert.equal(500, first.text)
      assert.same(first, nginx:get("prepared?pool=" .. name .. transport))
    end
  end)

  it("begins and ends transactions of an engine in every way", function()
    assert.same({
      told = 1,
      nested = "1,3",
      is_found = true,
      inactive = "InvalidRequestError",
      attempts = 2,
      timeout = "TimeoutError",
      left = "left",
      seen = "1,3,4,6",
    }, nginx:get("transactions?server=" .. name))
  end)

  it("makes tables with an engine, reflects and drops them", function()
    assert.same(
      { comment = "it's", target = "nginx'parent", reflected = 2, is_there = false },
      nginx:get("tables?server=" .. name)
    )
  end)

  for _, transport in ipairs({ "_loading", "_packed" }) do
    it("loads, prepares, fetches by cursors and times out" .. transport, function()
      assert.same({
        loaded = 4,
        added = 2,
        by_cursor = 15,
        prepared = "ü",
        days = { "d29", "d29" },
        names = { "name 1", "name 49", true, 50, 24.5 },
        binary = 42,
        timed_out = "TimeoutError",
        is_same = true,
      }, nginx:get("protocol?pool=" .. name .. transport))
    end)
  end

  it("refuses a certificate of another authority", function()
    local err = nginx:get("fails_to_connect?pool=" .. name .. "_wrong_ca")

    assert.equal("OperationalError", err.class)
    assert.equal(2026, err.errno)
    assert.matches("certificate verify failed", err.message)
  end)

  it("replaces a connection that was killed while parked", function()
    local before = facts("")
    wait_until_gone(db, before.id, "KILL " .. before.id)

    local after = facts("")

    assert.is_not.equal(before.id, after.id)
    assert.equal(after.id, after.server_id)
  end)

  it("rolls back what a release leaves uncommitted, and says so", function()
    assert.same({ count = 0 }, nginx:get("uncommitted?pool=" .. name))
    assert.matches("app.lua:%d+ was not committed: rolled back", nginx:log())
  end)

  it("ends a statement at its timeout", function()
    local expected = { class = "TimeoutError", which = "statement", after = 7, is_same = true }

    assert.same(expected, nginx:get("statement_timeout?pool=" .. name))
  end)

  it("keeps the connections of statements that were given up", function()
    assert.same({ kept = 30 }, nginx:get(("give_up?pool=%s&count=30"):format(name)))
  end)

  it("lends the connection of a statement that was given up to a later request", function()
    local left = nginx:get(("give_up_last?pool=%s_plain"):format(name))

    assert.equal(left.id, facts("_plain").server_id)
  end)

  it("ends a block at its timeout, inside a wait for the server", function()
    local expected = { class = "TimeoutError", which = "block", after = 8 }

    assert.same(expected, nginx:get("block_timeout?pool=" .. name))
  end)

  it("cancels a task inside a wait for the server", function()
    local expected = { class = "CancelledError", message = "not needed", after = 9 }

    assert.same(expected, nginx:get("cancel?pool=" .. name))
  end)

  it("lends no more connections than maxsize to requests at once", function()
    local answers = nginx:get_all(repeated(("slow?pool=%s_pair"):format(name), 8))
    local ids, count = {}, 0
    for _, answer in ipairs(answers) do
      count = count + (ids[answer.body.id] and 0 or 1)
      ids[answer.body.id] = true
    end

    assert.equal(8, #answers)
    assert.equal(2, count)
  end)
end

local function describe_phases(nginx)
  it("makes pools in init_by_lua and uses them in a timer", function()
    assert.equal("from a timer", nginx:get("seen").timer)
  end)

  it("refuses to connect in init_by_lua", function()
    assert.matches("InterfaceError: .*init_by_lua%*.*ngx.timer.at", nginx:get("seen").init)
  end)

  it("queries in access_by_lua", function()
    nginx:get("access")

    assert.equal("ok", nginx:get("seen").access)
  end)

  for _, phase in ipairs({ "header_filter", "log" }) do
    it("refuses to query in " .. phase .. "_by_lua, and names the way out", function()
      nginx:get("filters")
      local message = nginx:get("seen")[phase]

      assert.matches("InterfaceError: cannot wait in " .. phase .. "_by_lua%*", message)
      assert.matches("ngx.timer.at", message)
    end)
  end

  it("refuses to query inside table.sort, and goes on", function()
    local answer = nginx:get("inside_sort")

    assert.matches("InterfaceError: cannot wait here: .*table.sort", answer.message)
    assert.equal(12, answer.after)
  end)

  it("queries inside coroutines of the user", function()
    assert.same({ 1, 2, 3 }, nginx:get("inside_coroutine"))
  end)

  it("has no lunasa.run", function()
    assert.matches("not for nginx", nginx:get("run").message)
  end)
end

local function describe_errors(nginx)
  it("answers 500 and logs the text with a traceback", function()
    local answer = nginx:get_all({ "fails" })[1]
    local log = nginx:log()

    assert.equal(500, answer.status)
    assert.matches("ProgrammingError 1054 .42S22.: Unknown column 'no_such_column'", log)
    assert.matches("app.lua:%d+: in function", log)
    assert.is_nil(log:find("unknown reason", 1, true))
  end)

  it("cuts off an answer that has begun", function()
    nginx:get_all({ "fails_late" })

    assert.matches("too late", nginx:log())
    assert.is_nil(nginx:log():find("attempt to set status", 1, true))
  end)
end

local function describe_pool(nginx, db)
  it("serves requests in the order in which they came", function()
    local paths = {}
    for i = 1, 6 do
      paths[i] = "queue?expected=6&name=" .. i
    end
    nginx:get_all(paths)
    local order = nginx:get("queue_order")

    assert.equal(6, #order.served)
    assert.same(order.arrived, order.served)
  end)

  it("ends the wait for a connection at its timeout", function()
    local err = nginx:get("acquire_timeout")

    assert.equal("TimeoutError", err.class)
    assert.matches("waited 0.02 s for the pool: size 1 of 1, used 1", err.message)
  end)

  it("takes back what a request left behind", function()
    for _ = 1, 3 do
      assert.equal(204, nginx:get_all({ "leaves" })[1].status)
      assert.equal("TimeoutError", nginx:get("acquire_timeout").class)
    end
    assert.matches("app.lua:%d+ was not released by a request that is over", nginx:log())
  end)

  it("lets no two requests share a connection", function()
    local answers = nginx:get_all({ "opens_shared", "uses_shared" })
    local message = answers[1].body.message or answers[2].body.message
    local value = answers[1].body.value or answers[2].body.value

    assert.matches("InterfaceError: this connection belongs to another request", message)
    assert.equal(10, value)
  end)

  it("has hooks, figures and one-shots, and finds what was dropped in one request", function()
    local seen = nginx:get("whole_pool")

    assert.matches("this task holds it itself", seen.hint)
    assert.same({ 3, 9, true }, { seen.sum, seen.executed, seen.is_replaced })
    assert.equal("connect1 acquire1 release1 acquire1 release1 acquire1 release1", seen.calls)
    assert.same({ 1, 2, 1, 0 }, { seen.dropped, seen.opened, seen.timeouts, seen.balance })
  end)

  it("closes its parked connections when it is closed", function()
    local answer = nginx:get("close_pool")

    assert.is_true(answer.closed)
    wait_until_gone(db, answer.id)
  end)
end

local function describe_sync(nginx)
  before_each(function()
    nginx:get("sync_reset")
  end)

  it("serves requests in the order in which they came for a semaphore", function()
    local paths = {}
    for i = 1, 6 do
      paths[i] = "sync_turns?expected=6&name=" .. i
    end
    nginx:get_all(paths)
    local state = nginx:get("sync_state")

    local came, served = {}, {}
    for _, line in ipairs(state.log) do
      local what, name = line:match("^(%S+) (%d)$")
      table.insert(what == "came" and came or served, name)
    end
    assert.equal(6, #served)
    assert.same(came, served)
    assert.equal(1, state.free)
  end)

  it("carries values from one request to another", function()
    for _, paths in ipairs({
      { "sync_receive", "sync_send?count=100" },
      { "sync_send?count=100", "sync_receive" },
    }) do
      nginx:get("sync_reset")
      local answers = nginx:get_all(paths)
      local values = answers[paths[1] == "sync_receive" and 1 or 2].body

      assert.equal(100, #values)
      assert.same({ 1, 100 }, { values[1], values[100] })
    end
  end)

  it("sends in the log phase, where nothing may wait", function()
    local answers = nginx:get_all({ "sync_after", "sync_log_phase", "sync_log_phase" })

    assert.equal("from the log phase", answers[1].body.sent)
  end)

  it("ends waits at timeouts and cancellations", function()
    assert.same(
      { timed_out = "event", cancelled = "CancelledError", value = "value" },
      nginx:get("sync_waits")
    )
  end)

  it("gives nothing to a task whose request is over", function()
    assert.equal(204, nginx:get_all({ "sync_leaves" })[1].status)

    assert.same({ free = 1 }, nginx:get("sync_release"))
    assert.equal("served a", nginx:get("sync_turns?expected=1&name=a")[2])
  end)

  it("loses no permit to requests that leave anywhere", function()
    for round = 1, 5 do
      local paths = {}
      for i = 1, 40 do
        paths[i] = "sync_storm?number=" .. round * 40 + i
      end
      nginx:get_all(paths)

      assert.equal(1, nginx:get("sync_state").free)
      assert.equal("served a", nginx:get("sync_turns?expected=1&name=a")[2 * round])
    end
  end)

  it("takes back the permit of a block whose request is over, and says so", function()
    assert.equal(204, nginx:get_all({ "sync_leaves?inside=1" })[1].status)

    assert.equal(1, nginx:get("sync_state").free)
    assert.matches("app_sync.lua:%d+ was dropped before its end", nginx:log())
    assert.same({}, nginx:get("misuses"))
  end)
end

local function describe_groups(nginx, name)
  it("interrupts the function and the tasks inside their waits for the server", function()
    assert.same({
      err = "the failure",
      ended = { "function CancelledError", "task CancelledError" },
      sum = 3,
    }, nginx:get("sync_group?pool=" .. name))
  end)

  it("ends at its timeout, and when it is cancelled", function()
    assert.same(
      { which = "block", is_quiet = true, after = 3 },
      nginx:get("sync_group_ends?pool=" .. name)
    )
  end)
end

local function describe_example(nginx, db)
  teardown(task(function()
    lunasa.connect(db.url):execute("DROP TABLE IF EXISTS notes")
  end))

  it("has a configuration that nginx accepts", function()
    -- The test after that of the syntax makes folders where this nginx was built to have them.
    assert.matches("syntax is ok", nginx:check("examples/nginx"))
  end)

  it("keeps notes", function()
    local added = lunasa.json.decode(nginx:post("notes", "text=remember the milk"))[1]

    assert.equal("remember the milk", added.text)
    assert.same(added, nginx:get("notes")[1])
  end)

  it("shows its counters", function()
    nginx:get("notes")
    local text = nginx:get("metrics")

    local labels = { pool = "notes", kind = "query", outcome = "ok", worker = "0" }
    assert.is_true(exposition.value(text, "lunasa_commands_total", labels) >= 1)
    assert.equal(10, exposition.value(text, "lunasa_pool_connections_max", { pool = "notes" }))
  end)
end

describe("nginx #live", function()
  nginx_server.on(function(nginx)
    setup(function()
      nginx:start()
    end)

    teardown(function()
      nginx:stop()
    end)

    server.each(function(db)
      describe("with " .. db.name, function()
        describe_database(nginx, db)
      end)
      describe("a group with " .. db.name, function()
        describe_groups(nginx, db.name)
      end)
    end)

    server.on("mariadb", function(db)
      describe("phase", function()
        describe_phases(nginx)
      end)
      describe("lunasa.handler", function()
        describe_errors(nginx)
      end)
      describe("pool", function()
        describe_pool(nginx, db)
      end)
      describe("lunasa.sync", function()
        describe_sync(nginx)
      end)
      describe("example", function()
        describe_example(nginx, db)
      end)
    end)

    it("never loads libuv", function()
      assert.same({ uv = false, tls = true }, nginx:get("modules"))
    end)
  end)
end)
