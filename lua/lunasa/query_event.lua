--- What those are told who watch a connection: one event for each command.
local errors = require("lunasa.error")
local format_of = require("lunasa.format")

local query_event = {}

---@class lunasa.QueryEvent
---@field kind string what was done, such as "query", "execute", "stream", "commit" or "connect"
---@field sql? string the statement with its placeholders, never with values
---@field duration number seconds, from before the turn on the connection to the last answer
---@field waited? number seconds of it that a stream waited for the server
---@field protocol? "text"|"binary" of a statement
---@field rows? integer that came, of all results
---@field affected_rows? integer of all results without rows
---@field warning_count? integer of all results
---@field warnings? lunasa.Warning[] that were fetched
---@field count? integer rows of parameters of executemany, commands of a pipeline
---@field statements? lunasa.QueryEvent[] of a pipeline, without times
---@field ended? string why the rest of a stream was not read
---@field error? any what was raised, mostly a lunasa.Error
---@field connection_id? integer under which the server lists the connection; nil if it has none
---@field host? string
---@field port? integer
---@field unix_socket? string
---@field user string
---@field pool? string name of the pool
---@field pool_wait? number seconds that the pool's user waited for the connection
---@field where? string "file:line" of the caller, of slow statements

--- Where our own sources are: a caller there is not what a user wants to be shown.
local HERE = debug.getinfo(1, "S").source
HERE = HERE:match("^(.*)query_event") or HERE

--- How far up a caller is looked for.
local DEEPEST = 60

--- What statements are called that begin or end a transaction, or load, by their first words.
local KINDS = {
  BEGIN = "begin",
  ["BEGIN WORK"] = "begin",
  ["START TRANSACTION"] = "begin",
  COMMIT = "commit",
  ["COMMIT WORK"] = "commit",
  ["COMMIT AND"] = "commit",
  ROLLBACK = "rollback",
  ["ROLLBACK WORK"] = "rollback",
  ["ROLLBACK AND"] = "rollback",
  ["ROLLBACK TO"] = "rollback",
  SAVEPOINT = "savepoint",
  ["RELEASE SAVEPOINT"] = "release",
  ["LOAD DATA"] = "load",
  ["LOAD XML"] = "load",
}

--- How many texts are remembered, and how long they are at most, in bytes.
local MOST_KNOWN, LONGEST_KNOWN = 256, 500

--- What is known of texts: a kind of their own, or false.
---@type table<string, string|false>
local known, known_count = {}, 0

--- Finds the kind of its own that a statement has; false when it has none.
local function own_kind(sql)
  local first, second = sql:match("^%s*(%a+)%s*(%a*)")
  if not first then
    return false
  end
  first = first:upper()
  local is_alone = second == "" or first == "SAVEPOINT"
  return KINDS[is_alone and first or first .. " " .. second:upper()] or false
end

--- Tells statements of a kind of their own from others.
local function kind_of(kind, sql)
  if kind ~= "query" and kind ~= "execute" then
    return kind
  end
  local own = known[sql]
  if own == nil and #sql > LONGEST_KNOWN then
    own = own_kind(sql)
  elseif own == nil then
    if known_count >= MOST_KNOWN then
      known, known_count = {}, 0
    end
    own = own_kind(sql)
    known[sql], known_count = own, known_count + 1
  end
  return own or kind
end

--- Makes an event, of a command that is about to begin.
---@param conn table a connection, or what is known of one that is being opened
---@param kind? string nil for "query"
---@param sql? string
---@param format? integer of the values, which says the protocol
---@return lunasa.QueryEvent
function query_event.new(conn, kind, sql, format)
  kind = kind or "query"
  local config = conn.config or conn
  return {
    kind = sql and kind_of(kind, sql) or kind,
    sql = sql,
    duration = 0,
    protocol = format and (format_of.is_binary(format) and "binary" or "text") or nil,
    connection_id = conn.connection_id,
    host = config.host,
    port = config.port,
    unix_socket = config.unix_socket,
    user = config.user,
    pool_wait = rawget(conn, "pool_wait"),
  }
end

--- Adds what a result and those behind it say. A field that is set to nothing takes room too.
local function add_results(event, answer)
  local warnings = event.warning_count or 0
  if answer.warnings then
    event.warnings = answer.warnings
  end
  while answer do
    if answer.names then
      event.rows = (event.rows or 0) + answer.rowcount
    else
      event.affected_rows = (event.affected_rows or 0) + answer.affected_rows
    end
    warnings = warnings + answer.warning_count
    if answer.failure then
      event.error = event.error or answer.failure
    end
    answer = answer.following
  end
  event.warning_count = warnings
end

--- The longest list of a pipeline's statements that stands for its `sql`.
local MOST_SHOWN = 8

--- Notes what a pipeline is about to send.
---@param event lunasa.QueryEvent
---@param entries lunasa.PipelineEntry[]
---@param redacting? userdata session that knows how to leave out literals
function query_event.of_pipeline(event, entries, redacting)
  local texts, statements = {}, {}
  for i, entry in ipairs(entries) do
    local kind, sql = entry.kind, entry.sql
    local shown = redacting and sql and redacting:redact(sql) or sql
    statements[i] = { kind = sql and kind_of(kind, sql) or kind, sql = shown }
    if i <= MOST_SHOWN then
      texts[i] = shown or kind
    end
  end
  if #entries > MOST_SHOWN then
    texts[MOST_SHOWN + 1] = ("and %d more"):format(#entries - MOST_SHOWN)
  end
  event.sql, event.statements, event.count = table.concat(texts, "; "), statements, #entries
end

--- Adds what became of the commands of a pipeline.
local function add_pipeline(event, results, err)
  event.error = err
  for i, answer in ipairs(results) do
    local statement = event.statements[i]
    if errors.is_error(answer) then
      answer.sql = statement.sql
      statement.error, event.error = answer, event.error or answer
    else
      add_results(statement, answer)
      add_results(event, answer)
    end
  end
end

--- Adds what a command raised.
---@param event lunasa.QueryEvent
---@param err any
---@param is_redacted boolean the error may not show literals either
function query_event.fail(event, err, is_redacted)
  if err == nil then
    return
  end
  event.error = err
  if is_redacted and errors.is_error(err) and err.sql then
    err.sql = event.sql
  end
end

--- Adds what a command gave that did not raise.
---@param event lunasa.QueryEvent
---@param answer any
---@param more any
function query_event.add(event, answer, more)
  if event.kind == "pipeline" then
    add_pipeline(event, answer, more)
  elseif event.kind == "connect" then
    event.connection_id = answer.session:facts().connection_id
  elseif type(answer) == "number" then
    event.affected_rows = answer
  elseif answer and event.sql and event.kind ~= "prepare" then
    add_results(event, answer)
  end
end

--- Gives where the user called us.
---@return string? place "file:line"
function query_event.caller()
  for level = 2, DEEPEST do
    local caller = debug.getinfo(level, "Sl")
    if not caller then
      return nil
    elseif caller.what ~= "C" and caller.source:sub(1, #HERE) ~= HERE then
      return ("%s:%d"):format(caller.short_src, caller.currentline)
    end
  end
end

return query_event
