--- The operators: how each is written, how tightly it binds, and what its negation is.
---
--- Precedence is SQLAlchemy's (`sqlalchemy.sql.operators`): an operand whose operator binds no
--- tighter than the one around it is written in parentheses.
local operator = {}

---@class lunasa.sa.Operator
---@field name string
---@field text string as it is written between, or before, its operands
---@field precedence number
---@field around? number the precedence for what it is around, where that is another
---@field negation? lunasa.sa.Operator
---@field is_comparison? boolean its result is a boolean
---@field is_associative? boolean `a op (b op c)` needs no parentheses

local LOOSEST, TIGHTEST = -100, 100

local function define(name, text, precedence, flags)
  local op = flags or {}
  op.name, op.text, op.precedence = name, text, precedence
  operator[name] = op
  return op
end

local function pair(name, text, negated_name, negated_text, precedence)
  local op = define(name, text, precedence, { is_comparison = true })
  local negated = define(negated_name, negated_text, precedence, { is_comparison = true })
  op.negation, negated.negation = negated, op
end

define("mul", " * ", 8, { is_associative = true })
define("div", " / ", 8)
define("mod", " % ", 8)
define("neg", "-", 8)
define("add", " + ", 7, { is_associative = true })
define("sub", " - ", 7)
define("concat", " || ", 6, { is_associative = true })
define("filter", " FILTER ", 6)

pair("eq", " = ", "ne", " != ", 5)
pair("lt", " < ", "ge", " >= ", 5)
pair("gt", " > ", "le", " <= ", 5)
pair("is_", " IS ", "is_not", " IS NOT ", 5)
pair("is_distinct_from", " IS DISTINCT FROM ", "is_not_distinct_from", " IS NOT DISTINCT FROM ", 5)
pair("like", " LIKE ", "not_like", " NOT LIKE ", 5)
pair("ilike", " ILIKE ", "not_ilike", " NOT ILIKE ", 5)
pair("in_", " IN ", "not_in", " NOT IN ", 5)
pair("between", " BETWEEN ", "not_between", " NOT BETWEEN ", 5)
pair("regexp_match", " REGEXP ", "not_regexp_match", " NOT REGEXP ", 5)
pair("match", " MATCH ", "not_match", " NOT MATCH ", 5)
pair("startswith", " LIKE ", "not_startswith", " NOT LIKE ", LOOSEST)
pair("endswith", " LIKE ", "not_endswith", " NOT LIKE ", LOOSEST)
pair("contains", " LIKE ", "not_contains", " NOT LIKE ", LOOSEST)
-- What stands inside them is concatenated with signs: it needs parentheses if it has an operator.
for _, name in ipairs({ "startswith", "endswith", "contains" }) do
  operator[name].around, operator["not_" .. name].around = TIGHTEST, TIGHTEST
end
pair("is_true", "", "is_false", "NOT ", 5)
define("regexp_replace", "REGEXP_REPLACE", 5)
define("distinct", "DISTINCT ", 5)
define("inv", "NOT ", 5, { is_comparison = true })
define("collate", " COLLATE ", 4)
define("and_", " AND ", 3, { is_comparison = true, is_associative = true })
define("desc", " DESC", 3)
define("asc", " ASC", 3)
define("nulls_first", " NULLS FIRST", 2.5) -- behind DESC, which needs no parentheses
define("nulls_last", " NULLS LAST", 2.5)
define("or_", " OR ", 2, { is_comparison = true, is_associative = true })
define("exists", "EXISTS ", 0, { is_comparison = true })
define("any_", "ANY ", 15)
define("all_", "ALL ", 15)
define("json_get", "json_get", 15, { is_associative = true })
define("comma", ", ", -1)
define("as_", " AS ", -1)
--- What stands alone as a condition: only what binds by no rule at all needs parentheses there.
define("condition", "", -10)
define("none", "", TIGHTEST)

--- Makes an operator that has no name here, for `op()` and `bool_op()`.
---@param text string
---@param precedence number
---@param is_comparison boolean
---@param type? lunasa.sa.Type of what it gives
---@return lunasa.sa.Operator
function operator.custom(text, precedence, is_comparison, type)
  local flag = is_comparison and "?" or ""
  return {
    name = "custom",
    text = " " .. text .. " ",
    precedence = precedence,
    is_comparison = is_comparison,
    shape = (" %s %s%s %s"):format(text, precedence, flag, type and type.sh or ""),
  }
end

--- Tells whether an operand with `inner` needs parentheses beside `outer`.
---@param inner lunasa.sa.Operator
---@param outer? lunasa.sa.Operator nil asks for parentheses around everything that has an operator
---@return boolean
function operator.needs_group(inner, outer)
  if inner == outer and inner.is_associative then
    return false
  end
  return inner.precedence <= (outer and (outer.around or outer.precedence) or TIGHTEST)
end

return operator
