--- Random uses of an engine's transactions, against a model of what they mean: which are active,
--- which calls raise, and what the connection and another one see.
---
--- LUNASA_SEED is which random numbers, LUNASA_STEPS how many steps per server.

local lunasa = require("lunasa")
local sa = require("lunasa.sa")
local server = require("spec.support.server")
local task = require("spec.support.task")

local SEED = tonumber(os.getenv("LUNASA_SEED")) or os.time() % 2 ^ 31
local COUNT = tonumber(os.getenv("LUNASA_STEPS")) or 600
local MOST_OPEN = 6

---@class spec.ModelTransaction
---@field kind "root"|"inner"|"nested"
---@field parent? spec.ModelTransaction
---@field is_over? boolean
---@field work? table<integer, true> numbers put in while it was the innermost one

--- What the connection and the server should be like.
local Model = {}
Model.__index = Model

local function new_model()
  return setmetatable({ committed = {}, open = {} }, Model)
end

local function is_active(transaction)
  return transaction == nil or not transaction.is_over and is_active(transaction.parent)
end

function Model:begin(is_nested)
  local parent = self.open[#self.open]
  local kind = parent and (is_nested and "nested" or "inner") or "root"
  local made = { kind = kind, parent = parent }
  if kind ~= "inner" then
    made.work = {}
    table.insert(self.open, made)
  end
  return made
end

function Model:insert(n)
  local innermost = self.open[#self.open]
  local into = innermost and innermost.work or self.committed
  into[n] = true
end

--- Ends one that the server knows of, and those inside it.
function Model:leave(transaction, is_kept)
  repeat
    local last = table.remove(self.open)
    local below = self.open[#self.open]
    local into = below and below.work or self.committed
    for n in pairs(is_kept and last.work or {}) do
      into[n] = true
    end
  until last == transaction
  transaction.is_over = true
end

--- Gives whether it is allowed.
function Model:commit(transaction)
  if not is_active(transaction.parent or transaction) then
    return false
  elseif not transaction.is_over and transaction.kind == "inner" then
    transaction.is_over = true
  elseif not transaction.is_over then
    self:leave(transaction, true)
  end
  return true
end

function Model:rollback(transaction)
  if is_active(transaction) then
    self:leave(transaction.kind == "inner" and transaction.parent or transaction, false)
  end
  return true
end

function Model:close(transaction)
  if transaction.kind == "inner" then
    transaction.is_over = true
    return true
  end
  return self:rollback(transaction)
end

local function sorted(...)
  local list = {}
  for _, set in ipairs({ ... }) do
    for n in pairs(set) do
      table.insert(list, n)
    end
  end
  table.sort(list)
  return table.concat(list, " ")
end

--- What the connection itself should see.
function Model:seen()
  local sets = { self.committed }
  for _, transaction in ipairs(self.open) do
    table.insert(sets, transaction.work)
  end
  return sorted(unpack(sets))
end

---@class spec.Play
---@field model table
---@field conn lunasa.SAConnection
---@field witness lunasa.Connection
---@field pairs table[] of a transaction and its model
---@field steps string[] what was done
local Play = {}
Play.__index = Play

local NUMBERS = "SELECT n FROM engine_property ORDER BY n"

local function seen_by(conn)
  return table.concat(conn:query(NUMBERS):column("n"), " ")
end

function Play:check()
  for i, pair in ipairs(self.pairs) do
    assert(pair[1].is_active == is_active(pair[2]), "is_active of " .. i)
  end
  local current = self.model.open[#self.model.open]
  assert(self.conn.in_transaction == (current ~= nil), "in_transaction")
  local is_nested = current ~= nil and current.kind == "nested"
  assert(self.conn.in_nested_transaction == is_nested, "in_nested_transaction")
  assert(self.conn.connection.in_transaction == (current ~= nil), "on the server")
  assert(seen_by(self.conn.connection) == self.model:seen(), "what the connection sees")
  assert(seen_by(self.witness) == sorted(self.model.committed), "what others see")
end

function Play:begin()
  local is_nested = math.random(2) == 1
  local method = is_nested and "begin_nested" or "begin"
  table.insert(self.steps, method)
  table.insert(self.pairs, { self.conn[method](self.conn), self.model:begin(is_nested) })
end

function Play:insert()
  self.last = (self.last or 0) + 1
  table.insert(self.steps, "insert")
  self.conn:execute(("INSERT INTO engine_property VALUES (%d)"):format(self.last))
  self.model:insert(self.last)
end

--- Ends any that was ever begun.
function Play:finish(method)
  local i = math.random(#self.pairs)
  local transaction, model = unpack(self.pairs[i])
  table.insert(self.steps, ("%s %d"):format(method, i))
  local ok, err = pcall(transaction[method], transaction)
  assert(self.model[method](self.model, model) == ok, err or "it was allowed")
  assert(ok or err.class == "InvalidRequestError", err)
end

local ENDINGS = { "commit", "commit", "rollback", "close" }

function Play:step()
  local dice = math.random(10)
  if dice <= 4 then
    self:insert()
  elseif #self.pairs == 0 or dice <= 7 and #self.model.open < MOST_OPEN then
    self:begin()
  else
    self:finish(ENDINGS[math.random(#ENDINGS)])
  end
  self:check()
end

--- Plays until so many steps were made; each game is on a connection of its own.
local function play(engine, witness)
  local made = 0
  while made < COUNT do
    witness:execute("DELETE FROM engine_property")
    local game = setmetatable({ model = new_model(), witness = witness }, Play)
    game.pairs, game.steps, game.conn = {}, {}, engine:acquire()
    for _ = 1, 30 do
      made = made + 1
      local ok, err = pcall(game.step, game)
      if not ok then
        local message = "LUNASA_SEED=%d: %s, after: %s"
        error(message:format(SEED, tostring(err), table.concat(game.steps, ", ")), 0)
      end
    end
    game.conn:close()
    assert(seen_by(witness) == sorted(game.model.committed), "what is left")
  end
end

describe("random transactions of an engine #live", function()
  server.each(function(db)
    it(
      "are what they mean on " .. db.name,
      task(function()
        math.randomseed(SEED)
        local witness = lunasa.connect(db.url)
        witness:execute("DROP TABLE IF EXISTS engine_property")
        witness:execute("CREATE TABLE engine_property (n INT PRIMARY KEY) ENGINE=InnoDB")
        local engine = sa.create_engine(db.url, { autocommit = true, maxsize = 1 })
        local ok, err = pcall(play, engine, witness)
        engine:terminate()
        engine:wait_closed()
        witness:execute("DROP TABLE engine_property")
        witness:close()
        assert(ok, err)
      end)
    )
  end)
end)
