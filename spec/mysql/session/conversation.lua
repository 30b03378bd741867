--- Conversations with a session, without sockets: what the server says, what we say, what we want.
---
---     conversation.it("answers a ping", function(talk)
---       talk:log_in()
---       local token = talk:command("ping")
---       talk:client_sends(wire.frame(0, "\14"))
---       talk:server(wire.frame(1, wire.ok()))
---       talk:wants("nothing")
---     end)
---
--- Each runs twice: with the server's bytes as they are, and one at a time.

local assert = require("luassert")
local busted = require("busted")
local core = require("lunasa.core")
local driver = require("lunasa.driver.mysql")
local fixture = require("spec.mysql.fixture")
local wire = require("spec.mysql.wire")

---@class spec.Conversation
---@field session lunasa.core.Session
---@field step? integer bytes fed at a time; nil for all at once
local Conversation = {}
Conversation.__index = Conversation

local conversation = {}

---@param config? table over the defaults, as lunasa.options makes it
---@param is_local? boolean a unix socket
---@param step? integer
---@return spec.Conversation
function conversation.new(config, is_local, step)
  local all = { user = "root", password = "", charset = "utf8mb4", tls = "disabled" }
  for name, value in pairs(config or {}) do
    all[name] = value
  end
  local session = assert(core.session(driver, all, is_local or false))
  return setmetatable({ session = session, step = step }, Conversation)
end

--- Defines a conversation as two specs.
---@param sentence string
---@param body fun(talk: spec.Conversation)
---@param config? table
---@param is_local? boolean
function conversation.it(sentence, body, config, is_local)
  busted.it(sentence, function()
    body(conversation.new(config, is_local))
  end)
  busted.it(sentence .. ", one byte at a time", function()
    body(conversation.new(config, is_local, 1))
  end)
end

--- Feeds what the server says.
---@param bytes string
function Conversation:server(bytes)
  local step = self.step or #bytes
  for i = 1, #bytes, step do
    self.session:feed(bytes:sub(i, i + step - 1))
  end
end

--- Takes all that is to be sent.
---@return string
function Conversation:output()
  local parts = {}
  while self.session:want() == "write" do
    table.insert(parts, self.session:output())
  end
  return table.concat(parts)
end

--- Asserts that we say exactly this.
---@param bytes string
function Conversation:client_sends(bytes)
  local sent = self:output()
  if sent ~= bytes then
    assert.equal(conversation.hex(bytes), conversation.hex(sent))
  end
end

---@param want string
function Conversation:wants(want)
  assert.equal(want, self.session:want())
end

--- Asks for a statement or, as `!ping`, for a command.
---@param text string
---@return integer token
function Conversation:ask(text)
  local kind, rest = text:match("^!(%S+) ?(.*)$")
  if kind then
    return assert(self.session:command(kind, rest))
  end
  return assert(self.session:query(text))
end

--- Asks for a prepared statement with a list of values.
---@param sql string
---@param ... any
---@return integer token
function Conversation:execute(sql, ...)
  return assert(self.session:execute(sql, { ... }))
end

--- Takes the next result of a command.
---@param token integer
---@return table? result
---@return table? err
function Conversation:take(token)
  local rows, names, count, affected_rows, insert_id, warnings, info, has_more =
    self.session:take(token, core.format.array)
  if not rows then
    return nil, names
  end
  return {
    rows = rows,
    names = names,
    count = count,
    affected_rows = affected_rows,
    insert_id = insert_id,
    warnings = warnings,
    info = info,
    has_more = has_more,
  }
end

--- Asserts that the session is over, for this reason, and that all who wait were told.
---@param code string of the error, such as "PROTOCOL"
---@param pattern string that its message matches
function Conversation:fails(code, pattern)
  local state, err = self.session:state()
  assert.equal("closed", state)
  assert.is_table(err)
  assert.equal(code, err.code)
  assert.matches(pattern, err.message)
  self:wants("closed")
end

--- Says the greeting and lets an account without a password in.
---@param greeting? table see wire.greeting
function Conversation:log_in(greeting)
  self:server(wire.frame(0, wire.greeting(greeting)))
  self:output()
  self:server(wire.frame(2, wire.ok()))
  assert.equal("open", (self.session:state()))
end

---@param bytes string
---@return string
function conversation.hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x "):format(byte:byte())
  end))
end

-- An RSA ciphertext is another one each time: only its size is known.
local RSA_FRAME = 4 + 256

-- What we are capable of grows: in the SSL request and the handshake response, which have reserved
-- zeros, that alone may be more than it was.
local function without_capabilities(bytes)
  if bytes:sub(14, 32) ~= ("\0"):rep(19) then
    return bytes
  end
  return bytes:sub(1, 4) .. "\0\0\0\0" .. bytes:sub(9)
end

local function assert_said(expected, said)
  expected, said = without_capabilities(expected), without_capabilities(said)
  if #expected == RSA_FRAME and #said == RSA_FRAME then
    expected, said = expected:sub(1, 4), said:sub(1, 4)
  end
  assert.equal(conversation.hex(expected), conversation.hex(said))
end

-- Neighbours of one speaker are one piece: nobody knows where their writes ended.
local function joined(steps)
  local pieces = {}
  for _, step in ipairs(steps) do
    local last = pieces[#pieces]
    if last and last.who == step.who and step.who ~= "ask" then
      last.bytes = last.bytes .. step.bytes
    else
      table.insert(pieces, { who = step.who, bytes = step.bytes })
    end
  end
  return pieces
end

--- Plays one step of a captured conversation. Ours is not compared.
---@param step spec.Step
---@param talk spec.Conversation
---@return integer? token
function conversation.play(step, talk)
  if step.who == "server" then
    talk:server(step.bytes)
  elseif step.who == "client" then
    talk:output()
  elseif step.who == "ask" then
    return talk:ask(step.bytes)
  elseif step.who == "tls" then
    talk:wants("tls")
    talk.session:encrypted(false)
  else
    talk.session:hangup()
  end
end

--- Plays a captured conversation and asserts that we say what was said then.
---@param name string of the fixture
---@param talk spec.Conversation
---@return integer[] tokens
function conversation.replay(name, talk)
  local tokens = {}
  for _, piece in ipairs(joined(fixture.load(name))) do
    if piece.who == "client" then
      assert_said(piece.bytes, talk:output())
    else
      tokens[#tokens + 1] = conversation.play(piece, talk)
    end
  end
  return tokens
end

return conversation
