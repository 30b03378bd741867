--- The SQL expression language.
---
---     local sa = require("lunasa.sa")
---     local statement = sa.select(users):where(users.c.age:ge(18)):order_by(users.c.name)
local NULL = require("lunasa.null")
local bind = require("lunasa.sa.expression.bind")
local coerce = require("lunasa.sa.expression.coerce")
local column = require("lunasa.sa.schema.column")
local compound = require("lunasa.sa.expression.compound")
local compound_select = require("lunasa.sa.selectable.compound_select")
local constraint = require("lunasa.sa.schema.constraint")
local conversion = require("lunasa.sa.expression.conversion")
local dialects = require("lunasa.sa.dialects")
local door = require("lunasa.sa.door")
local element = require("lunasa.sa.expression.element")
local functions = require("lunasa.sa.expression.func")
local generic = require("lunasa.sa.type.generic")
local index = require("lunasa.sa.schema.index")
local inserts = require("lunasa.sa.dml.insert")
local metadata = require("lunasa.sa.schema.metadata")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local options_of = require("lunasa.sa.options")
local query = require("lunasa.sa.selectable.query")
local schema_table = require("lunasa.sa.schema.table")
local selects = require("lunasa.sa.selectable.select")
local subquery = require("lunasa.sa.selectable.subquery")
local suggest = require("lunasa.suggest")
local text = require("lunasa.sa.expression.text")
local types = require("lunasa.sa.type")
local updates = require("lunasa.sa.dml.update")

require("lunasa.sa.expression.operations")
require("lunasa.sa.expression.member")
require("lunasa.sa.type.value")
require("lunasa.sa.selectable.join")
require("lunasa.sa.expression.json")
require("lunasa.sa.schema.bound")

---@class lunasa.sa
local sa = {
  NULL = NULL,
  func = functions.func,

  select = selects.new,
  text = text.text,
  literal = bind.literal,
  literal_column = text.literal_column,
  column = text.column,
  table = schema_table.lightweight,
  bindparam = bind.bindparam,
  null = text.null,
  true_ = text.true_,
  false_ = text.false_,
  cast = conversion.cast,
  type_coerce = conversion.type_coerce,
  extract = conversion.extract,
  case = conversion.case,
  not_ = conversion.not_,
  label = conversion.label,
  over = functions.over,
  funcfilter = functions.filter,
  within_group = functions.within_group,
  lateral = subquery.lateral,
  any_ = subquery.any_,
  all_ = subquery.all_,

  insert = function(target)
    return inserts.new(target)
  end,
  update = updates.update,
  delete = updates.delete,

  MetaData = metadata.new,
  Table = schema_table.new,
  Column = column.new,
  ForeignKey = constraint.ForeignKey,
  ForeignKeyConstraint = constraint.ForeignKeyConstraint,
  PrimaryKeyConstraint = constraint.PrimaryKeyConstraint,
  UniqueConstraint = constraint.UniqueConstraint,
  CheckConstraint = constraint.CheckConstraint,
  Index = index.new,

  LABEL_STYLE_NONE = "none",
  LABEL_STYLE_DISAMBIGUATE_ONLY = "disambiguate",
  LABEL_STYLE_TABLENAME_PLUS_COL = "tablename",
}

for name, type_ in pairs(generic) do
  sa[name] = type_
end

for name, make in pairs(require("lunasa.sa.value")) do
  sa[name] = make
end

for name, type_ in pairs(require("lunasa.sa.type.upper")) do
  sa[name] = type_
end
sa.TypeDecorator = require("lunasa.sa.type.decorator")

for name, make in pairs(require("lunasa.sa.schema.ddl")) do
  sa[name] = make
end

sa.Enum, sa.JSON = require("lunasa.sa.type.enum"), require("lunasa.sa.type.json")

for name, make in pairs(require("lunasa.sa.selectable.special")) do
  sa[name] = make
end

for name in pairs(compound_select.NAMES) do
  sa[name] = compound_select[name]
end

local Table = schema_table.Table

function Table:insert()
  return inserts.new(self)
end

function Table:update()
  return updates.update(self)
end

function Table:delete()
  return updates.delete(self)
end

local function conjunction(op, where)
  return function(...)
    local conditions = {}
    for i = 1, select("#", ...) do
      conditions[i] = coerce.criterion((select(i, ...)), where)
    end
    return compound.conjunction(op, conditions)
  end
end
sa.and_, sa.or_ = conjunction(operator.and_, "and_"), conjunction(operator.or_, "or_")

--- `exists(select(…))`, or the columns of a SELECT to be made: all when there are none.
function sa.exists(...)
  local first = ...
  if select("#", ...) == 1 and type(first) == "table" and first.is_query then
    return subquery.exists_of(first)
  end
  if select("#", ...) == 0 then
    return subquery.exists_of(selects.new(text.literal_column("*")))
  end
  return subquery.exists_of(selects.new(...))
end

function sa.tuple_(...)
  local items = {}
  for i = 1, select("#", ...) do
    items[i] = coerce.argument((select(i, ...)))
  end
  return compound.tuple(items)
end

function sa.desc(given)
  return query.order_item(given):desc()
end

function sa.asc(given)
  return query.order_item(given):asc()
end

for _, name in ipairs({ "nulls_first", "nulls_last", "nullsfirst", "nullslast" }) do
  sa[name] = function(given)
    local item = query.order_item(given)
    return item[name](item)
  end
end

function sa.between(given, low, high, options)
  return coerce.argument(given):between(low, high, options)
end

function sa.collate(given, name)
  return coerce.argument(given):collate(name)
end

function sa.distinct(given)
  return coerce.expression(given, "distinct"):distinct()
end

local function check_left(left)
  if type(left) ~= "table" or not left.is_from then
    mistake.raise("ArgumentError", "join needs a table, an alias or a subquery on its left side")
  end
end

function sa.join(left, right, onclause, options)
  check_left(left)
  return left:join(right, onclause, options)
end

function sa.outerjoin(left, right, onclause, options)
  check_left(left)
  return left:outerjoin(right, onclause, options)
end

--- `SELECT` of all columns.
local From = require("lunasa.sa.selectable.from").From

function From:select()
  return selects.new(self)
end

function element.Expression:select()
  return selects.new(self)
end

function sa.quoted_name(name, is_quoted)
  if type(name) ~= "string" then
    mistake.raise("ArgumentError", ("a name must be a string, got a %s"):format(type(name)))
  end
  return setmetatable({ text = name, is_quoted = is_quoted, is_quoted_name = true }, {
    __tostring = function(self)
      return self.text
    end,
  })
end

local read_compile = options_of("compile", "dialect literal_binds column_keys")

--- The text and the parameters of a statement for a dialect, `{ dialect = "mysql" }`.
function element.Element:compile(options)
  options = read_compile(options)
  local dialect = dialects.get(options.dialect)
  local compiled = dialect.Compiler:new(dialect, options):compile(self)
  compiled.string, compiled.params = compiled:construct()
  return compiled
end

local cache = require("lunasa.sa.compiler.cache")

--- What a statement is compiled to, from the cache, for who executes it.
---@param statement lunasa.sa.Element
---@param dialect? string|lunasa.sa.Dialect
---@return lunasa.sa.Compiled
function sa.compiled(statement, dialect)
  if type(statement) ~= "table" or not statement.is_element then
    mistake.raise("ArgumentError", "compiled needs a statement, such as sa.select(users)")
  end
  local found = cache.get(statement, dialects.get(dialect))
  return found -- no tail call: LuaJIT would not compile the loop around it
end
element.Expression.compile = element.Element.compile

local read_type_compile = options_of("compile", "dialect")

--- What a type is called: `sa.String(20):compile()` is "VARCHAR(20)".
---@param options? { dialect?: string|lunasa.sa.Dialect }
---@return string
function types.Type:compile(options)
  return dialects.get(read_type_compile(options).dialect):type_text(self)
end

--- `sa.mysql`, `sa.pg`: what only one database has; `sa.create_engine` and the like: what needs the
--- driver. Both are loaded when they are asked for.
return setmetatable(sa, {
  __index = function(self, name)
    local of_driver = door.find(name)
    if of_driver then
      return of_driver
    end
    local key = tostring(name)
    local namespace = dialects.find(key, ".sa")
    if not namespace then
      local message = "there is no sa.%s%s"
      mistake.raise("ArgumentError", message:format(key, suggest.among(key, self)))
    end
    rawset(self, name, namespace)
    return namespace
  end,
})
