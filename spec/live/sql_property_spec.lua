--- Random expressions of lunasa.sa, and what servers make of them: the text with as few parentheses
--- as it needs means the same as one with all of them.
---
--- LUNASA_SEED is which random numbers, LUNASA_EXPRESSIONS how many expressions per server.

local lunasa = require("lunasa")
local sa = require("lunasa.sa")
local server = require("spec.support.server")
local task = require("spec.support.task")

local SEED = tonumber(os.getenv("LUNASA_SEED")) or os.time() % 2 ^ 31
local COUNT = tonumber(os.getenv("LUNASA_EXPRESSIONS")) or 300
local AT_ONCE, DEEPEST = 10, 4

local meta = sa.MetaData()
local samples = sa.Table({
  "samples",
  meta,
  sa.Column({ "a", sa.Integer }),
  sa.Column({ "b", sa.Integer }),
  sa.Column({ "c", sa.Integer }),
})

local ROWS = "SELECT 1 AS a, 2 AS b, 3 AS c UNION ALL SELECT 0, -1, NULL "
  .. "UNION ALL SELECT NULL, 5, 2 UNION ALL SELECT -7, 0, 1"

local function any(list)
  return list[math.random(#list)]
end

--- Each makes an expression, and the same as text in which everything stands in parentheses.
local make

local function infix(sign, method)
  return function(depth)
    local left, left_text = make(depth - 1)
    local right, right_text = make(depth - 1)
    return method(left, right), ("(%s %s %s)"):format(left_text, sign, right_text)
  end
end

local function comparison(sign, name)
  return infix(sign, function(left, right)
    return left[name](left, right)
  end)
end

local function behind(text, name)
  return function(depth)
    local inner, inner_text = make(depth - 1)
    return inner[name](inner), ("(%s %s)"):format(inner_text, text)
  end
end

local function logical(sign, join)
  return infix(sign, function(left, right)
    return join(left:ne(0), right:ne(0))
  end)
end

local WAYS = {
  infix("+", function(left, right)
    return left + right
  end),
  infix("-", function(left, right)
    return left - right
  end),
  infix("*", function(left, right)
    return left * right
  end),
  infix("%", function(left, right)
    return left % right
  end),
  comparison("=", "eq"),
  comparison("<>", "ne"),
  comparison("<", "lt"),
  comparison("<=", "le"),
  comparison(">", "gt"),
  comparison(">=", "ge"),
  comparison("<=>", "is_not_distinct_from"),
  behind("IS NULL", "is_null"),
  behind("IS NOT NULL", "is_not_null"),
  logical("AND", sa.and_),
  logical("OR", sa.or_),
  function(depth)
    local inner, text = make(depth - 1)
    return -inner, ("(- %s)"):format(text)
  end,
  function(depth)
    local inner, text = make(depth - 1)
    return sa.not_(inner:eq(1)), ("(NOT (%s = 1))"):format(text)
  end,
  function(depth)
    local inner, text = make(depth - 1)
    local low, low_text = make(depth - 1)
    local high, high_text = make(depth - 1)
    return inner:between(low, high), ("(%s BETWEEN %s AND %s)"):format(text, low_text, high_text)
  end,
  function(depth)
    local inner, text = make(depth - 1)
    return inner:in_({ 1, sa.NULL, 3 }), ("(%s IN (1, NULL, 3))"):format(text)
  end,
  function(depth)
    local inner, text = make(depth - 1)
    return inner:not_in({ 0, 2 }), ("(%s NOT IN (0, 2))"):format(text)
  end,
  function(depth)
    local condition, condition_text = make(depth - 1)
    local result, result_text = make(depth - 1)
    local text = "(CASE WHEN (%s = 1) THEN %s ELSE 9 END)"
    return sa.case({ condition:eq(1), result }, { else_ = 9 }),
      text:format(condition_text, result_text)
  end,
}

local LEAVES = {
  function()
    local name = any({ "a", "b", "c" })
    return samples.c[name], "samples." .. name
  end,
  function()
    local number = math.random(-3, 3)
    return sa.literal(number), ("(%d)"):format(number)
  end,
  function()
    return sa.literal(sa.NULL), "NULL" -- a parameter: a word NULL would be compared by IS
  end,
}

function make(depth)
  return any(depth > 0 and math.random(6) > 1 and WAYS or LEAVES)(depth)
end

--- A statement with some expressions, and one with their long forms.
local function two_statements()
  local columns, texts = {}, {}
  for i = 1, AT_ONCE do
    local expression, text = make(DEEPEST)
    columns[i], texts[i] = expression:label("e" .. i), text
  end
  local from = (" FROM (%s) AS samples"):format(ROWS)
  return sa.select(columns), "SELECT " .. table.concat(texts, ", ") .. from, texts
end

describe("random expressions #live", function()
  server.each(function(db)
    it(
      ("mean what they say: %s, seed %d"):format(db.name, SEED),
      task(function()
        math.randomseed(SEED)
        local conn = lunasa.connect(db.url, { rows = "array" })
        for _ = 1, COUNT / AT_ONCE do
          local statement, long, texts = two_statements()
          local compiled = statement:compile({ dialect = db.kind })
          local sql, params = compiled:construct()
          sql = sql:gsub(" FROM samples$", "") .. (" FROM (%s) AS samples"):format(ROWS)
          params = params.n > 0 and lunasa.pack(unpack(params, 1, params.n)) or nil

          local short_rows = conn:query(sql, params):all()
          local long_rows = conn:query(long):all()

          for i, row in ipairs(long_rows) do
            for j = 1, AT_ONCE do
              local message = ("%s\nis written %s"):format(texts[j], sql)
              assert.equal(tostring(row[j]), tostring(short_rows[i][j]), message)
            end
          end
        end
        conn:close()
      end)
    )
  end)
end)
