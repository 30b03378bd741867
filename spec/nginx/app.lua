--- What the nginx of nginx_spec.lua serves: `serve` calls the function of `routes` that the path
--- names, and answers with what it returns, as JSON.
local app_aborted = require("spec.nginx.app_aborted")
local app_cursors = require("spec.nginx.app_cursors")
local app_engine = require("spec.nginx.app_engine")
local app_misuse = require("spec.nginx.app_misuse")
local app_pool = require("spec.nginx.app_pool")
local app_pools = require("spec.nginx.app_pools")
local app_protocol = require("spec.nginx.app_protocol")
local app_sync = require("spec.nginx.app_sync")
local app_tasks = require("spec.nginx.app_tasks")
local app_tls = require("spec.nginx.app_tls")
local app_transactions = require("spec.nginx.app_transactions")
local lunasa = require("lunasa")

local app = {}
local routes = setmetatable({}, { __index = app_sync })

--- One worker, so all requests see the same.
local pools, engines
local seen = {}

--- Makes pools before there is a worker: that takes no I/O.
function app.start()
  pools, engines = app_pools.make(), app_engine.make()
  app_aborted.add(routes, pools)
  app_tasks.add(routes, pools)
  app_tls.add(routes)
  seen.init = select(2, pcall(lunasa.connect, os.getenv("LUNASA_TEST_MARIADB_URL")))
end

function app.start_worker()
  app_misuse.watch()
  ngx.timer.at(0, function()
    seen.timer = pools.mariadb and pools.mariadb:scalar("SELECT 'from a timer'")
  end)
end

function app.send_in_log_phase()
  app_sync.in_log_phase()
end

function app.query_in(phase)
  local ok, err = pcall(pools.mariadb.scalar, pools.mariadb, "SELECT 1")
  seen[phase] = ok and "ok" or tostring(err)
end

function app.serve()
  local name = ngx.var.uri:sub(2)
  local answer = routes[name](ngx.req.get_uri_args(), pools)
  ngx.say(lunasa.json.encode(answer))
end

function routes.seen()
  seen.init = tostring(seen.init)
  return seen
end

function routes.modules()
  return { uv = package.loaded["lunasa.uv"] ~= nil, tls = package.loaded["lunasa.tls"] ~= nil }
end

function routes.protocol(args)
  return pools[args.pool]:with(app_protocol)
end

function routes.cursors(args)
  return pools[args.pool]:with(app_cursors)
end

function routes.engine(args)
  return app_engine.serve(engines[args.server])
end

--- Transactions of an engine.
function routes.transactions(args)
  return app_transactions(engines[args.server])
end

function routes.connection(args)
  return pools[args.pool]:with(require("spec.nginx.app_connection"))
end

--- Tables made and reflected by an engine.
function routes.tables(args)
  return require("spec.nginx.app_tables")(args.server)
end

--- Who is at the other end, and a few rows.
function routes.facts(args)
  return pools[args.pool]:with(function(conn)
    return {
      id = conn.connection_id,
      server_id = conn:scalar("SELECT CONNECTION_ID()"),
      is_encrypted = conn.is_encrypted,
      is_compressed = conn.compression ~= nil,
      rows = conn:query("SELECT 1 AS a, 'x' AS b UNION SELECT 2, ?", { "ü" }):all(),
    }
  end)
end

--- Who we are, before and after a change, on a pool that asks a function for the password.
function routes.change_user(args)
  return pools[args.pool .. "_asked"]:with(function(conn)
    local before = conn:scalar("SELECT USER()")
    conn:change_user({ user = "root", password = "" })
    return {
      id = conn:scalar("SELECT CONNECTION_ID()"),
      before = before:match("^[^@]*"),
      after = conn:scalar("SELECT USER()"):match("^[^@]*"),
      user = conn.user,
    }
  end)
end

--- What a hook is told, which queries another pool meanwhile.
function routes.watched(args)
  local pool, events, told, slow = pools[args.pool .. "_watched"], {}, nil, nil
  function app_pools.on_query(event)
    table.insert(events, event)
    told = pools[args.pool]:scalar("SELECT 'told'")
  end
  local previous = lunasa.log.set(function(_, _, fields)
    slow = fields.where
  end)
  pool:scalar("SELECT ?", { 1 })
  lunasa.try(pool.query, pool, "SELECT nowhere")
  pool:with(function(conn)
    conn:stream("SELECT 1"):close()
  end)
  lunasa.log.set(previous)
  local kinds = {}
  for i, event in ipairs(events) do
    kinds[i] = event.kind
  end
  return {
    kinds = table.concat(kinds, " "),
    rows = events[#events - 2].rows,
    errno = events[#events - 1].error.errno,
    told = told,
    slow = slow,
    text = app_pools.registry:text(),
  }
end

--- Many commands in few writes, some larger than the buffers of a socket.
function routes.pipeline(args)
  local large = ("x"):rep(200 * 1024)
  return pools[args.pool]:with(function(conn)
    local results = conn:pipeline({ rows = "array", on_error = "collect" }, function(p)
      for i = 1, 1000 do
        p:query("SELECT ?", { i })
      end
      p:query("no sql")
      p:execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")
      p:query("SELECT ?", { [[it's \]] })
      for _ = 1, 10 do
        p:query("SELECT ?", { large })
      end
    end)
    conn:execute("SET sql_mode = DEFAULT")
    local sum = 0
    for i = 1, 1000 do
      sum = sum + results[i][1][1]
    end
    return {
      sum = sum,
      errno = results[1001].errno,
      escaped = results[1003][1][1],
      large = #results[1013][1][1],
    }
  end)
end

--- Prepared statements, and how many of them the session has prepared so far.
function routes.prepared(args)
  return pools[args.pool]:with(function(conn)
    conn:execute("CREATE TABLE IF NOT EXISTS many (n INT, s LONGTEXT)")
    conn:execute("DELETE FROM many")
    local rows = {}
    for n = 1, 300 do
      rows[n] = { n, ("x"):rep(n == 300 and 2500000 or n) }
    end
    local count = conn:executemany("INSERT INTO many VALUES (?, ?)", rows)
    local large = ("y"):rep(3000000)
    local answer = {
      id = conn.connection_id,
      count = count,
      sum = conn:scalar("SELECT SUM(LENGTH(s)) + 0e0 FROM many"),
      n = conn:prepare("SELECT ? * 2 AS n"):scalar({ 21 }),
      length = conn:scalar("SELECT LENGTH(?)", { large }, { protocol = "binary" }),
    }
    answer.prepared = conn:first("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'").Value
    local left = 500
    answer.text = conn:executemany("INSERT INTO many VALUES (?, ?)", function()
      left = left - 1
      return left >= 0 and { left, "it's" } or nil
    end, { protocol = "text", max_stmt_length = 2000 })
    return answer
  end)
end

--- More than one buffer, packet and TLS record in both directions.
function routes.large(args)
  local size = tonumber(args.size)
  return pools[args.pool]:with(function(conn)
    local text = ("x"):rep(size)
    return {
      sent = conn:scalar("SELECT LENGTH(?)", { text }),
      received = #conn:scalar("SELECT REPEAT('y', ?)", { size }),
    }
  end)
end

--- A stream read to its end, and one that is left early: `left` as a query answers behind it.
function routes.streams(args)
  return pools[args.pool]:with(function(conn)
    local lines = "(SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)"
    local sql = ("SELECT REPEAT('x', ?) FROM %s a, %s b, %s c"):format(lines, lines, lines)
    local count, bytes = 0, 0
    for x in conn:stream(sql, { 10000 }):values() do
      count, bytes = count + 1, bytes + #x
    end
    local early = conn:stream(sql, { 1000 })
    early:fetch()
    local left = conn:scalar("SELECT 'left'")
    local ok, err = lunasa.try(early.fetch, early)
    return {
      count = count,
      bytes = bytes,
      left = left,
      class = not ok and err.class,
      id = conn.connection_id,
    }
  end)
end

--- Leaves a stream open for the release to discard.
function routes.stream_released(args)
  return pools[args.pool]:with(function(conn)
    local sql = "SELECT REPEAT('x', ?) FROM (SELECT 1 UNION SELECT 2 UNION SELECT 3) t"
    conn:stream(sql, { tonumber(args.size) }):fetch()
    return { id = conn.connection_id }
  end)
end

--- Leaves a stream to the collector, in a task that fails while another waits for its turn.
function routes.stream_dropped(args)
  return pools[args.pool]:with(function(conn)
    local failing = lunasa.spawn(function()
      local rows = conn:stream("SELECT 1 UNION SELECT 2 UNION SELECT 3")
      rows:fetch()
      lunasa.sleep(0.02)
      error("before the end of " .. tostring(rows))
    end)
    lunasa.sleep(0.01)
    local value = lunasa.timeout(10, conn.scalar, conn, "SELECT 13")
    local _, err = lunasa.try(failing.join, failing)
    return { value = value, err = tostring(err) }
  end)
end

function routes.fails()
  return lunasa.handler(function()
    pools.mariadb:query("SELECT no_such_column")
  end)()
end

function routes.fails_late()
  return lunasa.handler(function()
    ngx.say("begun")
    ngx.flush(true)
    error("too late")
  end)()
end

function routes.fails_to_connect(args)
  local _, err = lunasa.try(pools[args.pool].acquire, pools[args.pool])
  return { class = err.class, errno = err.errno, message = tostring(err) }
end

function routes.slow(args)
  return pools[args.pool]:first("SELECT CONNECTION_ID() AS id, SLEEP(0.02) AS slept")
end

--- The first to come holds the only connection until `expected` have come.
local queue = { arrived = {}, served = {} }

function routes.queue(args)
  table.insert(queue.arrived, args.name)
  if #queue.arrived == 1 then
    queue.held = require("lunasa.runtime").waiter()
  elseif #queue.arrived == tonumber(args.expected) then
    queue.held:wake()
  end
  pools.mariadb_single:with(function()
    if args.name == queue.arrived[1] then
      queue.held:wait()
    end
    table.insert(queue.served, args.name)
  end)
  return queue.arrived
end

function routes.queue_order()
  return { arrived = queue.arrived, served = queue.served }
end

function routes.acquire_timeout()
  local pool = pools.mariadb_single
  return pool:with(function()
    local _, err = lunasa.try(pool.acquire, pool, 0.02)
    return { class = err.class, message = tostring(err) }
  end)
end

function routes.statement_timeout(args)
  local pool = pools[args.pool]
  local conn = pool:acquire()
  local _, err = lunasa.try(conn.query, conn, "SELECT SLEEP(20)", nil, { timeout = 0.05 })
  local is_same = conn:scalar("SELECT CONNECTION_ID()") == conn:thread_id()
  pool:release(conn)
  local after = pool:scalar("SELECT 7")
  return { class = err.class, which = err.which, after = after, is_same = is_same }
end

--- Gives up statements in several ways, and has each connection answer a question of its own.
function routes.give_up(args)
  local pool, kept = pools[args.pool], 0
  for i = 1, tonumber(args.count) do
    pool:with(function(conn)
      if i % 2 == 0 then
        lunasa.try(lunasa.timeout, i % 7 * 0.003, conn.query, conn, "SELECT SLEEP(20)")
      else
        local victim = lunasa.spawn(conn.query, conn, "SELECT SLEEP(20)")
        lunasa.sleep(i % 5 * 0.003)
        victim:cancel()
        lunasa.try(victim.join, victim)
      end
      local row = conn:first("SELECT ? AS i, CONNECTION_ID() AS id", { i })
      kept = kept + (row.i == i and row.id == conn:thread_id() and 1 or 0)
    end)
  end
  return { kept = kept }
end

--- Leaves the end of a statement that was given up to the pool.
function routes.give_up_last(args)
  local pool = pools[args.pool]
  local id
  lunasa.try(pool.with, pool, function(conn)
    id = conn:thread_id()
    conn:query("SELECT SLEEP(20)", nil, { timeout = 0.02 })
  end)
  return { id = id }
end

function routes.block_timeout(args)
  local pool = pools[args.pool]
  local _, err = lunasa.try(lunasa.timeout, 0.05, pool.query, pool, "SELECT SLEEP(20)")
  local quick = lunasa.timeout(5, pool.scalar, pool, "SELECT 8")
  return { class = err.class, which = err.which, after = quick }
end

function routes.cancel(args)
  local pool = pools[args.pool]
  local victim = lunasa.spawn(pool.query, pool, "SELECT SLEEP(20)")
  lunasa.sleep(0.01)
  victim:cancel("not needed")
  local _, err = lunasa.try(victim.join, victim)
  return { class = err.class, message = err.message, after = pool:scalar("SELECT 9") }
end

function routes.uncommitted(args)
  local pool = pools[args.pool]
  pool:execute("CREATE TABLE IF NOT EXISTS nginx_uncommitted (id INT) ENGINE=InnoDB")
  pool:with(function(conn)
    conn:begin()
    conn:execute("INSERT INTO nginx_uncommitted VALUES (1)")
  end)
  local count = pool:scalar("SELECT COUNT(*) FROM nginx_uncommitted")
  pool:execute("DROP TABLE nginx_uncommitted")
  return { count = count }
end

--- Leaves in the middle, as a redirect does: nothing of ours runs any more.
function routes.leaves()
  pools.mariadb_single:with(function(conn)
    conn:query("SELECT 1")
    ngx.exit(ngx.HTTP_NO_CONTENT)
  end)
end

--- Two requests at once: one opens a connection, the other tries to use it.
local shared = { opened = false }

function routes.opens_shared()
  local waiter = require("lunasa.runtime").waiter
  shared.used = waiter()
  shared.opened = shared.opened or waiter()
  shared.conn = lunasa.connect(os.getenv("LUNASA_TEST_MARIADB_URL"))
  shared.opened:wake()
  shared.used:wait()
  local value = shared.conn:scalar("SELECT 10")
  shared.conn:close()
  return { value = value }
end

function routes.uses_shared()
  shared.opened = shared.opened or require("lunasa.runtime").waiter()
  shared.opened:wait()
  local _, err = lunasa.try(shared.conn.scalar, shared.conn, "SELECT 11")
  shared.used:wake()
  return { message = tostring(err) }
end

function routes.inside_sort()
  local _, err = lunasa.try(table.sort, { 2, 1 }, function()
    return pools.mariadb:scalar("SELECT 0") == 1
  end)
  return { message = tostring(err), after = pools.mariadb:scalar("SELECT 12") }
end

function routes.inside_coroutine()
  local values = {}
  local next_value = coroutine.wrap(function()
    for i = 1, 3 do
      coroutine.yield(pools.mariadb:scalar("SELECT ?", { i }))
    end
  end)
  for value in next_value do
    table.insert(values, value)
  end
  return values
end

function routes.whole_pool()
  return app_pool(os.getenv("LUNASA_TEST_MARIADB_URL"))
end

--- Closes a pool whose connections are parked.
function routes.close_pool()
  local pool = lunasa.create_pool(os.getenv("LUNASA_TEST_MARIADB_URL"))
  local id = pool:scalar("SELECT CONNECTION_ID()")
  pool:close()
  pool:wait_closed(5)
  return { id = id, closed = pool.closed }
end

function routes.run()
  local _, err = lunasa.try(lunasa.run, function() end)
  return { message = tostring(err) }
end

return app
