--- usage: luajit spec/c/make_corpus.lua
---
--- Writes the seeds of spec/c/corpus/ from the captured conversations of spec/fixtures/.

package.path = "./?.lua;" .. package.path
local fixture = require("spec.mysql.fixture")
local wire = require("spec.mysql.wire")

local FOLDER = "spec/c/corpus"
local NAMES = {
  "mariadb-10.11.19-commands",
  "mariadb-10.11.19-eof",
  "mariadb-10.11.19-native",
  "mariadb-10.11.19-results",
  "mariadb-10.11.19-switch",
  "mysql-9.7.4-commands",
  "mysql-9.7.4-eof",
  "mysql-9.7.4-idle",
  "mysql-9.7.4-results",
  "mysql-9.7.4-sha2-key",
  "mysql-9.7.4-sha2-fast",
  "mysql-9.7.4-sha2-tls",
  "mysql-9.7.4-sha256",
  "mysql-9.7.4-switch",
}

local function write(target, name, bytes)
  local file = assert(io.open(("%s/%s/%s"):format(FOLDER, target, name), "wb"))
  file:write(bytes)
  file:close()
end

-- As fuzz_bytes() of fuzz.h reads it.
local function sized(bytes)
  return string.char(#bytes % 256, math.floor(#bytes / 256)) .. bytes
end

-- Bits of the options, and the codes of steps, in fuzz_session.c.
local PASSWORD, TLS, ASKS_KEY, INIT, COMPRESS = 1, 4, 16, 32, 64
local PACKET, BYTES, QUERY, COMMAND, SEND, HOST = 0, 2, 3, 4, 5, 6
local CHANGE_USER = 252
local COMMANDS = { ping = 0, select_database = 8, reset = 16, quit = 24 }

local function asked(text)
  local kind = text:match("^!(%S+)")
  if kind then
    return string.char(COMMAND + COMMANDS[kind])
  end
  return string.char(QUERY) .. sized(text)
end

local function session_seed(name, more)
  local options = (name:find("commands") and 0 or PASSWORD) + more
  options = options + (name:find("tls") and TLS or 0) + (name:find("key") and ASKS_KEY or 0)
  local seed = { string.char(options, #name % 3 * 5) }
  for _, step in ipairs(fixture.load(name)) do
    if step.who == "server" then
      table.insert(seed, string.char(PACKET) .. sized(step.bytes:sub(5)))
    elseif step.who == "client" then
      table.insert(seed, string.char(SEND))
    elseif step.who == "ask" then
      table.insert(seed, asked(step.bytes))
    elseif step.who == "tls" then
      table.insert(seed, string.char(HOST))
    end
  end
  return table.concat(seed)
end

-- A row that the result takes over with its memory, because it comes in pieces and is large.
local function large_row_seed()
  local seed = { string.char(0, 255) }
  for _, step in ipairs(fixture.load("mysql-9.7.4-sha2-empty")) do
    if step.who == "server" then
      table.insert(seed, string.char(PACKET) .. sized(step.bytes:sub(5)))
    else
      table.insert(seed, string.char(SEND))
    end
  end
  table.insert(seed, asked("SELECT a"))
  local answer = fixture.answer("mysql-9.7.4-commands", "SELECT 1")
  local cell = ("x"):rep(0xfff0)
  answer = { answer[1], answer[2], "\252" .. sized(cell), answer[3], answer[4] }
  for _, payload in ipairs(answer) do
    table.insert(seed, string.char(PACKET) .. sized(payload))
  end
  return table.concat(seed)
end

-- Rows that come together, and behind them one that is cut short, a large one, and the end.
local function many_rows_seed()
  local seed = { string.char(0, 0) }
  local function server(payload, count)
    table.insert(seed, string.char(PACKET + 8 * ((count or 1) - 1)) .. sized(payload))
  end
  server(wire.greeting())
  server(wire.ok())
  for _, is_short in ipairs({ false, true }) do
    table.insert(seed, asked("SELECT a, b") .. string.char(SEND))
    server("\2")
    server(wire.column("a"))
    server(wire.column("b", { type = 0xfd, charset = 45 }))
    server(wire.row("1", "x"), 32)
    server(wire.row("-17", ("x"):rep(300)), 32)
    server(wire.row(false, ("x"):rep(1100)), 2)
    server(wire.row("1.5", "x"):sub(1, is_short and -2 or -1), 3)
    server(wire.end_of_rows())
  end
  return table.concat(seed)
end

-- What a server says between two words of ours, in one piece.
local function joined_seed(name)
  local seed, bytes = { string.char(0, 0) }, {}
  local function add(step)
    if #bytes > 0 then
      table.insert(seed, string.char(BYTES) .. sized(table.concat(bytes)))
      bytes = {}
    end
    table.insert(seed, step)
  end
  for _, step in ipairs(fixture.load(name)) do
    if step.who == "server" then
      table.insert(bytes, step.bytes)
    else
      add(step.who == "ask" and asked(step.bytes) or string.char(SEND))
    end
  end
  add("")
  return table.concat(seed)
end

-- Another user on the same connection, once with a switch and once refused.
local function change_user_seed()
  local switch = "\254mysql_native_password\0" .. ("s"):rep(20) .. "\0"
  local seed = { string.char(32, 0) }
  for _, step in ipairs(fixture.load("mysql-9.7.4-sha2-empty")) do
    local is_server = step.who == "server"
    table.insert(seed, is_server and string.char(PACKET) .. sized(step.bytes:sub(5)) or "\5")
  end
  local ok = string.char(PACKET) .. sized("\0\0\0\2\0\0\0")
  local change = string.char(CHANGE_USER, SEND, PACKET) .. sized(switch) .. string.char(SEND)
  local refused = string.char(PACKET) .. sized("\255\21\4#28000Access denied")
  return table.concat(seed) .. ok .. change .. ok .. ok .. change .. refused
end

local PREPARED = 7 + 8 * 16
local EXECUTE, STREAM, PREPARE, FORGET = 0, 1, 2, 3

-- A statement with so many values.
local function prepared(how, sql, count)
  return string.char(PREPARED + 8 * (how + 4 * (count or 0))) .. sized(sql)
end

-- What prepared statements go through, on a server with these capabilities; `count` and `known` are
-- column counts there, of columns that follow and of those that do not.
local function prepared_seed(greeting, count, known)
  local seed = { string.char(0, 0) }
  local function server(...)
    for _, payload in ipairs({ ... }) do
      table.insert(seed, string.char(PACKET) .. sized(payload))
    end
    table.insert(seed, string.char(SEND + 8 * 31):rep(3))
  end
  local function host(bytes)
    table.insert(seed, bytes)
  end
  local one = { wire.prepare_ok(1, 0, 1), wire.column("?") }
  server(wire.greeting(greeting))
  server(wire.ok())
  host(prepared(EXECUTE, "DO ?", 1))
  server(unpack(one))
  server(wire.ok())
  host(prepared(STREAM, "SELECT ?, ?", 2))
  host(prepared(EXECUTE, "SELECT ?, ?", 2))
  host(asked("!ping"))
  server(wire.prepare_ok(2, 1, 2), wire.column("?"), wire.column("?"), wire.column("a"))
  server(count, wire.column("a"), wire.binary_row(1), wire.end_of_rows())
  if known then
    server(known, wire.binary_row(2), wire.end_of_rows(), wire.ok())
  else
    server(count, wire.column("a"), wire.binary_row(2), wire.end_of_rows(), wire.ok())
  end
  host(prepared(EXECUTE, "DO ?", 1))
  server(wire.err(1243, "unknown"))
  server(unpack(one))
  server(wire.err(1615, "outdated"))
  host(prepared(EXECUTE, "DO 1 + ?", 1))
  server(wire.err(1461, "no room"))
  server(wire.err(1461, "no room"))
  host(prepared(EXECUTE, "DO ?, ?, ?", 3) .. prepared(EXECUTE, "DO ?", 0) .. asked("!reset"))
  server(wire.prepare_ok(3, 0, 3), wire.column("?"), wire.column("?"), wire.column("?"))
  server(wire.ok())
  server(unpack(one))
  server(wire.ok())
  host(prepared(PREPARE, "SELECT 1") .. prepared(EXECUTE, "SELEC", 0))
  server(wire.prepare_ok(4, 1, 0), wire.column("a"))
  server(wire.err(1064, "syntax"))
  server(wire.err(1243, "unknown"))
  host(prepared(FORGET, "SELECT 1") .. prepared(EXECUTE, "SELECT 1", 0))
  return table.concat(seed)
end

local function frames(name)
  local bytes = {}
  for _, step in ipairs(fixture.load(name)) do
    table.insert(bytes, step.who == "server" and step.bytes or nil)
  end
  return table.concat(bytes)
end

-- Columns of one kind each, then rows: as fuzz_rows.c reads them.
local function row_seed(name, statement, count)
  local packets = fixture.answer(name, statement)
  local seed = { string.char(count - 1) }
  for i = 2, count + 1 do
    local fixed = packets[i]:sub(-12)
    table.insert(seed, fixed:sub(1, 1) .. fixed:sub(7, 7) .. fixed:sub(8, 8))
  end
  for i = count + 2, #packets - 1 do
    table.insert(seed, sized(packets[i]))
  end
  return table.concat(seed)
end

local function hostile_columns(name)
  local packets = fixture.answer(name, "SELECT 1")
  local raw = string.char(#packets[2]) .. packets[2]
  return "\128" .. sized(raw) .. sized(packets[3])
end

local function auth_seed(options, rounds)
  local seed = { string.char(options) }
  for i, round in ipairs(rounds) do
    table.insert(seed, (i > 1 and "\0" or "") .. sized(round))
  end
  return table.concat(seed)
end

-- What zlib makes of four hundred bytes, as a compressed packet.
local PACKED = "\120\156\51\48\52\50\54\49\53\51\183\176\52\24\101\13\2\22\0\55\176\82\9"
PACKED = string.char(#PACKED) .. "\0\0\1\144\1\0" .. PACKED

-- A zstd frame of 400 times `x`: a single segment, one run.
local RUN = "\40\181\47\253\96\144\0\131\12\0x"
RUN = string.char(#RUN) .. "\0\0\1\144\1\0" .. RUN

local STATEMENTS = {
  "\1SELECT ? FROM `a?` WHERE b = '?' -- ?\n AND c = ?",
  "\0SELECT '\\' , ? , \"it''s\" # ?\n",
  "\3SELECT :a, @b := 1, x::y /* :c */ FROM t WHERE :d_1",
  "\5SELECT %s, %(name)s, '%%' /* %s */ -- %%",
  "\5LIKE 'a%%' AND %d",
}

local TARGETS =
  [[session frame compression rows interpolate native sha2 sha256 clear dialog ed25519 parsec]]
for target in TARGETS:gmatch("%S+") do
  os.execute("mkdir -p " .. FOLDER .. "/" .. target)
end
for _, name in ipairs(NAMES) do
  write("session", name, session_seed(name, 0))
end
write("session", "large-row", large_row_seed())
write("session", "many-rows", many_rows_seed())
for _, server in ipairs({ "mariadb-10.11.19", "mysql-9.7.4" }) do
  write("session", server .. "-joined", joined_seed(server .. "-commands"))
end
write("session", "mysql-prepared", prepared_seed(nil, "\1"))
local mariadb = { capabilities = wire.MARIADB, extended = 0x14 }
write("session", "mariadb-prepared", prepared_seed(mariadb, "\1\1", "\1\0"))
write("session", "compressed", session_seed("mysql-9.7.4-commands", COMPRESS))
write("session", "compressed-packed", session_seed("mariadb-10.11.19-results", COMPRESS + INIT))
write("compression", "zlib", "\0\3" .. PACKED .. PACKED)
write("compression", "zstd", "\1\3" .. RUN)
write("compression", "stored", "\0\0\4\0\0\1\0\0\0abcd\3\0\0\2\0\0\0efg")
write("compression", "written", "\2\7" .. sized(("SELECT 1 "):rep(30)) .. sized("x") .. sized(""))
write("compression", "written-zstd", "\3\0" .. sized(("SELECT 1 "):rep(300)) .. sized("x"))
write("session", "change-user", change_user_seed())
write("frame", "login", "\3\16" .. frames("mysql-9.7.4-sha2-fast"))
write("frame", "idle", "\0\4" .. frames("mariadb-10.11.19-idle"))
for i, statement in ipairs(STATEMENTS) do
  write("interpolate", tostring(i), statement)
end
for _, server in ipairs({ "mariadb-10.11.19", "mysql-9.7.4" }) do
  write("rows", server, row_seed(server .. "-commands", "SELECT * FROM spec_t", 4))
  write("rows", server .. "-columns", hostile_columns(server .. "-commands"))
end
local scramble = ("s"):rep(20) .. "\0"
local key = fixture.server("mysql-9.7.4-sha2-key", 3):sub(2)
write("native", "switch", auth_seed(1, { scramble, scramble }))
write("sha2", "fast", auth_seed(1, { scramble, "\3" }))
write("sha2", "encrypted", auth_seed(1 + 4, { scramble, "\4" }))
write("sha2", "asked", auth_seed(1 + 8, { scramble, "\4", key }))
write("sha2", "given", "\17" .. sized(key) .. sized(scramble) .. "\0" .. sized("\4"))
write("sha256", "encrypted", auth_seed(1 + 4, { scramble }))
write("sha256", "asked", auth_seed(1 + 8, { scramble, key }))
write("sha256", "given", "\17" .. sized(key) .. sized(scramble))
write("clear", "verified", auth_seed(1 + 4 + 32, { scramble }))
write("clear", "unverified", auth_seed(1 + 4, { "" }))
write("dialog", "questions", auth_seed(1 + 2 + 64, { "\4Password: ", "\2Code: ", "\3Sure? " }))
write("dialog", "unanswered", auth_seed(1 + 2, { "\4Password: ", "\2Code: " }))
local long = ("s"):rep(32)
write("ed25519", "switch", auth_seed(1, { long }))
write("ed25519", "escaped", auth_seed(1, { "\1" .. long }))
write("parsec", "salt", auth_seed(1, { long, "P\0" .. ("t"):rep(18) }))
write("parsec", "slow", auth_seed(1, { long, "P\3" .. ("t"):rep(18) }))
write("parsec", "too-slow", auth_seed(1, { long, "P\4" .. ("t"):rep(18) }))
