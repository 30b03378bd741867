--- What the tasks of the soak do with a pool. Each kind of work checks its own answers, and raises
--- a string when one is wrong; an error object may be what the chaos around it has caused.
local errors = require("lunasa.error")
local lunasa = require("lunasa")

local soak_work = {}

local ACCOUNTS = 6
local AMOUNT = 1000

local DIGITS = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
  .. "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
  .. "UNION ALL SELECT 9)"

--- A thousand rows. Each has what only this statement can say.
local MANY = "SELECT a.d * 100 + b.d * 10 + c.d AS n, "
  .. ("CONCAT(?, '/', a.d * 100 + b.d * 10 + c.d) AS t FROM %s a, %s b, %s c"):format(
    DIGITS,
    DIGITS,
    DIGITS
  )

local PROTOCOLS = { { protocol = "text" }, { protocol = "binary" } }

local function any(list)
  return list[math.random(#list)]
end

--- Raises when an answer is not the one to what was asked.
local function check(condition, what, got)
  if not condition then
    error(("WRONG: %s: %s"):format(what, tostring(got)), 0)
  end
end

--- Makes a text that nothing else says.
local function new_token(at)
  at.count = at.count + 1
  return ("%s-%d-%d-%d"):format(at.server, at.id, at.count, math.random(2 ^ 30))
end

--- Asks what only the right answer to this very question can be.
local function ask(conn, at, options)
  local token = new_token(at)
  local n = at.count
  local row = conn:first("SELECT ? AS token, ? AS n", { token, n }, options)
  check(row.token == token, "a token", row.token)
  check(tonumber(row.n) == n, "a number", row.n)
end

local function check_row(row, token, seen)
  check(row.t == ("%s/%d"):format(token, tonumber(row.n)), "a row of " .. token, row.t)
  check(not seen[row.t], "a row came twice", row.t)
  seen[row.t] = true
end

local function read(stream, token, most)
  local seen, count = {}, 0
  for row in stream:rows() do
    check_row(row, token, seen)
    count = count + 1
    if count == most then
      return
    end
  end
  check(most or count == 1000, "the number of rows", count)
end

--- Changes one row. MariaDB 11.8 may answer an UPDATE that was killed with no row and no error.
local function change(conn, sql, args)
  local changed = conn:execute(sql, args)
  if changed == 0 then
    errors.raise("OperationalError", "the update was killed", { errno = 1317 })
  end
  check(changed == 1, "one row changed", changed)
end

local function transfer(conn, at)
  local from, to = math.random(ACCOUNTS), math.random(ACCOUNTS)
  local sql = ("UPDATE %s SET amount = amount + ? WHERE id = ?"):format(at.tables.accounts)
  change(conn, sql, { -1, from })
  change(conn, sql, { 1, to })
end

local function expect(errno, work, ...)
  local ok, err = pcall(work, ...)
  check(not ok, "no error " .. errno, "none")
  if not lunasa.is_error(err) or err.errno ~= errno then
    error(err, 0)
  end
end

--- Work on a connection that is released afterwards.
soak_work.on_connection = {
  ask,
  function(conn, at)
    ask(conn, at, any(PROTOCOLS))
    ask(conn, at, any(PROTOCOLS))
  end,
  function(conn, at)
    local token, seen = new_token(at), {}
    local answer = conn:query(MANY, { token }, any(PROTOCOLS))
    for row in answer:rows() do
      check_row(row, token, seen)
    end
    check(answer.rowcount == 1000, "the number of rows", answer.rowcount)
  end,
  function(conn, at)
    local token = new_token(at)
    read(conn:stream(MANY, { token }, any(PROTOCOLS)), token)
    ask(conn, at)
  end,
  function(conn, at) -- left early: discarded by the next command, or by the release
    local token = new_token(at)
    read(conn:stream(MANY, { token }, any(PROTOCOLS)), token, math.random(500))
    if math.random(2) == 1 then
      ask(conn, at)
    end
  end,
  function(conn, at)
    local token = new_token(at)
    local stream = conn:stream(MANY, { token }, { fetch_size = math.random(400) })
    read(stream, token, math.random(2) == 1 and math.random(900) or nil)
    stream:close()
    ask(conn, at)
  end,
  function(conn, at)
    expect(1054, conn.query, conn, "SELECT nowhere", nil, any(PROTOCOLS))
    ask(conn, at)
  end,
  function(conn, at)
    local sql = ("INSERT INTO %s VALUES (1, 'again')"):format(at.tables.rows)
    expect(1062, conn.execute, conn, sql, nil, any(PROTOCOLS))
    ask(conn, at)
  end,
  function(conn, at)
    local token = new_token(at)
    local answers = conn:pipeline(function(p)
      for i = 1, 5 do
        p:query("SELECT ? AS token, ? AS i", { token, i })
      end
    end)
    for i = 1, 5 do
      local row = answers[i][1]
      check(row.token == token and tonumber(row.i) == i, "an answer of a pipeline", row.token)
    end
  end,
  function(conn, at)
    local token, rows = new_token(at), {}
    for i = 1, 20 do
      rows[i] = { token, i }
    end
    conn:executemany(("INSERT INTO %s (token, i) VALUES (?, ?)"):format(at.tables.many), rows)
    local count =
      conn:scalar(("SELECT COUNT(*) FROM %s WHERE token = ?"):format(at.tables.many), { token })
    check(count == 20, "the rows of executemany", count)
    conn:execute(("DELETE FROM %s WHERE token = ?"):format(at.tables.many), { token })
  end,
  function(conn, at) -- slow
    conn:query("SELECT SLEEP(?)", { math.random() * 0.05 }, any(PROTOCOLS))
    ask(conn, at)
  end,
  function(conn, at) -- slow, and busy
    conn:query("SELECT BENCHMARK(20000, SHA2('lunasa', ?))", { 512 }, any(PROTOCOLS))
    ask(conn, at)
  end,
  function(conn, at) -- uncommitted work is undone
    conn:begin()
    conn:execute(("INSERT INTO %s VALUES (?, 'never')"):format(at.tables.rows), { 1000 + at.id })
  end,
  function(conn, at) -- two tasks at once
    lunasa.gather(function()
      ask(conn, at)
    end, function()
      ask(conn, at)
    end)
  end,
  function(conn, at)
    ask(conn, at)
    conn:close()
  end,
}

--- Work on the pool itself.
soak_work.on_pool = {
  function(pool, at)
    pool:transaction({ retries = 10 }, function(conn)
      transfer(conn, at)
    end)
  end,
  function(pool, at)
    local sum = pool:scalar(("SELECT SUM(amount) FROM %s"):format(at.tables.accounts))
    check(tonumber(sum) == ACCOUNTS * AMOUNT, "the sum of the accounts", sum)
  end,
  function(pool, at)
    at.tried = at.tried + 1
    pool:transaction(function(conn)
      local sql = ("UPDATE %s SET v = v + 1 WHERE id = ?"):format(at.tables.counters)
      change(conn, sql, { at.id })
      ask(conn, at)
    end)
    at.done = at.done + 1
  end,
  function(pool, at)
    local token, seen = new_token(at), {}
    for row in pool:rows(MANY, { token }) do
      check_row(row, token, seen)
    end
  end,
  function(pool, at)
    local token = new_token(at)
    local stream = pool:stream(MANY, { token }, any(PROTOCOLS))
    local ok, err = pcall(read, stream, token, math.random(900))
    stream:close()
    if not ok then
      error(err, 0)
    end
  end,
  function(pool, at)
    ask(pool, at, { timeout = math.random() * 0.02 })
  end,
  function(pool, at) -- little patience
    local conn = pool:acquire(math.random() * 0.01)
    local ok, err = pcall(ask, conn, at)
    pool:release(conn)
    if not ok then
      error(err, 0)
    end
  end,
  function(pool)
    pool:with(function()
      pool:with({ timeout = 0.01 }, function() end)
    end)
  end,
  function(pool, at) -- forgotten, now and then
    local conn = pool:acquire()
    if math.random(40) > 1 then
      pool:release(conn)
    else
      ask(conn, at)
    end
  end,
  function(pool)
    if math.random(30) == 1 then
      pool:clear()
    end
  end,
}

--- Makes the tables.
---@param conn lunasa.Connection
---@param tasks integer
---@return table<string, string> names
function soak_work.prepare(db, conn, tasks)
  local tables = {
    accounts = db:table(conn, "id INT PRIMARY KEY, amount INT NOT NULL"),
    counters = db:table(conn, "id INT PRIMARY KEY, v INT NOT NULL"),
    rows = db:table(conn, "id INT PRIMARY KEY, t VARCHAR(80)"),
    many = db:table(conn, "token VARCHAR(80), i INT, KEY (token)"),
  }
  for id = 1, ACCOUNTS do
    conn:execute(("INSERT INTO %s VALUES (?, ?)"):format(tables.accounts), { id, AMOUNT })
  end
  for id = 1, tasks do
    conn:execute(("INSERT INTO %s VALUES (?, 0)"):format(tables.counters), { id })
  end
  conn:execute(("INSERT INTO %s VALUES (1, 'here')"):format(tables.rows))
  return tables
end

--- Raises when what is left in the tables cannot be.
---@param conn lunasa.Connection
function soak_work.check_tables(conn, workers, tables)
  local sum = conn:scalar(("SELECT SUM(amount) FROM %s"):format(tables.accounts))
  check(tonumber(sum) == ACCOUNTS * AMOUNT, "the sum of the accounts", sum)
  local never = conn:scalar(("SELECT COUNT(*) FROM %s WHERE id > 1"):format(tables.rows))
  check(never == 0, "uncommitted rows", never)
  for row in conn:query(("SELECT id, v FROM %s"):format(tables.counters)):rows() do
    local at = workers[row.id]
    local is_right = at.done <= row.v and row.v <= at.tried
    check(is_right, ("counter %d, %d to %d"):format(row.id, at.done, at.tried), row.v)
  end
end

return soak_work
