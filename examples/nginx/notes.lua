--- A web page's worth of SQL: lists notes, and adds one that is posted.
local counters = require("counters")
local lunasa = require("lunasa")

-- At module level: every worker has one, and connects when a request needs it. The URL is that of
-- LUNASA_URL. JSON has no exact number for every BIGINT, so the large ones are strings.
local pool = lunasa.create_pool(nil, {
  maxsize = 10,
  bigint = "string",
  name = "notes",
  metrics = counters.registry,
})

local notes = {}

local is_prepared = false

local function prepare()
  if not is_prepared then
    pool:execute([[
      CREATE TABLE IF NOT EXISTS notes (
        id BIGINT PRIMARY KEY AUTO_INCREMENT, text TEXT NOT NULL, added DATETIME NOT NULL
      )]])
    is_prepared = true
  end
end

--- Adds a note and forgets those of last year: both, or neither.
local function add(text)
  pool:transaction(function(conn)
    conn:execute("INSERT INTO notes (text, added) VALUES (?, NOW())", { text })
    conn:execute("DELETE FROM notes WHERE added < NOW() - INTERVAL ? YEAR", { 1 })
  end)
end

-- What a handler raises is logged with its traceback, and answered with 500.
notes.serve = lunasa.handler(function()
  prepare()
  if ngx.req.get_method() == "POST" then
    ngx.req.read_body()
    add(ngx.req.get_post_args().text or "")
  end
  local found = pool:query("SELECT id, text, added FROM notes ORDER BY id DESC LIMIT 20")
  ngx.header.content_type = "application/json"
  ngx.say(lunasa.json.encode(found:all()))
end)

return notes
