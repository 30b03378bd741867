--- SELECT as a part of another statement: a subquery in FROM, a CTE, a scalar, EXISTS.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local column = require("lunasa.sa.schema.column")
local element = require("lunasa.sa.expression.element")
local from = require("lunasa.sa.selectable.from")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local words = require("lunasa.sa.selectable.words")

local subquery = {}

local Expression = element.Expression

--- The columns that a SELECT has for who selects from it, under the names it gives them.
local function columns_of(self)
  local made = {}
  for i, one in ipairs(self.element:result_columns()) do
    made[i] = column.proxy(self, one.expression, one.name, one.key)
    if one.anonymous then
      made[i].name_of = one.anonymous
    end
  end
  return made
end

--- `(SELECT …) AS name` in FROM.
---@class lunasa.sa.Subquery: lunasa.sa.From
local Subquery = from.class("Subquery")
Subquery.kind = "subquery"
Subquery.make_columns = columns_of
subquery.Subquery = Subquery

local function make(metatable, kind, select, name, extra)
  local self = extra or {}
  self.element, self.name = select, name
  self.sh = name and shape.of(kind, shape.name(name), (self.alias_of or select).sh)
  return setmetatable(self, metatable)
end

function subquery.of(select, name)
  return make(Subquery, "subquery", select, name)
end

--- A subquery that may use what stands before it in FROM.
local Lateral = from.class("Lateral", Subquery)
Lateral.kind = "lateral"
Lateral.is_lateral = true

function subquery.lateral(select, name)
  if type(select) ~= "table" or not (select.is_query or select.is_element) then
    mistake.raise("ArgumentError", "lateral needs a SELECT")
  end
  if type(name) == "table" and not name.is_quoted_name then
    name = name.name
  end
  return make(Lateral, "lateral", select, name)
end

--- `WITH name AS (SELECT …)`.
---@class lunasa.sa.CTE: lunasa.sa.From
---@field is_recursive boolean
local CTE = from.class("CTE", Subquery)
CTE.kind = "cte"
subquery.CTE = CTE

local function kind_of_cte(is_recursive, is_nesting)
  return (is_nesting and "nesting " or "") .. (is_recursive and "recursive_cte" or "cte")
end

local read_cte = options_of("cte", "recursive nesting")

function subquery.cte(select, name, options)
  options = read_cte(options)
  return make(CTE, kind_of_cte(options.recursive, options.nesting), select, name, {
    is_recursive = options.recursive or false,
    is_nesting = options.nesting or false,
  })
end

--- A recursive CTE is its first part and UNION with one that uses it.
local function grow(method)
  return function(self, ...)
    local grown = make(
      CTE,
      kind_of_cte(self.is_recursive, self.is_nesting),
      self.element[method](self.element, ...),
      self.name,
      { is_recursive = self.is_recursive, is_nesting = self.is_nesting }
    )
    grown.restates = self
    return grown
  end
end
CTE.union, CTE.union_all = grow("union"), grow("union_all")

--- The same SELECT under another name.
function Subquery:alias(name)
  return make(getmetatable(self), self.kind, self.element, name)
end

--- Words for one dialect or all, before or behind the SELECT of a CTE.
local function with_words(field)
  return function(self, ...)
    local made = {}
    for key, value in pairs(self) do
      made[key] = value
    end
    made.prefixes, made.suffixes = made.prefixes or {}, made.suffixes or {}
    made.c, made.columns = nil, nil
    made = words.add(made, field, ...)
    return setmetatable(made, CTE)
  end
end
CTE.prefix_with, CTE.suffix_with = with_words("prefixes"), with_words("suffixes")

--- A CTE under another name.
function CTE:alias(name)
  return make(CTE, "cte_alias", self.element, name, { alias_of = self, is_recursive = false })
end

--- `(SELECT …)` as one value.
---@class lunasa.sa.ScalarSelect: lunasa.sa.Expression
local Scalar = class("ScalarSelect", Expression)
Scalar.kind = "scalar_select"

function subquery.scalar(select)
  local columns = select:result_columns()
  if #columns ~= 1 then
    local message = ("a scalar subquery has one column, this one has %d"):format(#columns)
    mistake.raise("ArgumentError", message)
  end
  return setmetatable({
    element = select,
    type = columns[1].expression.type or generic.NullType(),
    sh = shape.of("scalar", select.sh, false),
  }, Scalar)
end

--- Always in parentheses already.
function Scalar:self_group()
  return self
end

function Scalar:where(...)
  return subquery.scalar(self.element:where(...))
end

function Scalar:correlate(...)
  return subquery.scalar(self.element:correlate(...))
end

--- `EXISTS (SELECT …)`.
---@class lunasa.sa.Exists: lunasa.sa.Expression
local Exists = class("Exists", Expression)
Exists.kind = "exists"
Exists.type = generic.Boolean()
Exists.operator = operator.exists

function subquery.exists_of(select)
  return setmetatable({ element = select, sh = shape.of("exists", select.sh, false) }, Exists)
end

for _, method in ipairs({ "where", "select_from", "correlate", "correlate_except" }) do
  Exists[method] = function(self, ...)
    return subquery.exists_of(self.element[method](self.element, ...))
  end
end

function Exists:select()
  return require("lunasa.sa.selectable.select").new(self)
end

--- `ANY (SELECT …)`, `ALL (SELECT …)`.
local Quantified = class("Quantified", Expression)
Quantified.kind = "quantified"

local function quantified(word)
  return function(value)
    local inner = coerce.argument(value)
    return setmetatable({
      element = inner,
      word = word,
      type = inner.type,
      sh = shape.of(word, inner.sh, false),
    }, Quantified)
  end
end
subquery.any_, subquery.all_ = quantified("ANY"), quantified("ALL")
Expression.any_, Expression.all_ = subquery.any_, subquery.all_

function Quantified:collect_froms(found)
  self.element:collect_froms(found)
end

return subquery
