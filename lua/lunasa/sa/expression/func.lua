--- SQL functions: `func.lower(x)`, `func.pkg.fn(x)`, with FILTER, OVER and WITHIN GROUP.
local class = require("lunasa.sa.class")
local coerce = require("lunasa.sa.expression.coerce")
local compound = require("lunasa.sa.expression.compound")
local element = require("lunasa.sa.expression.element")
local generic = require("lunasa.sa.type.generic")
local mistake = require("lunasa.sa.mistake")
local operator = require("lunasa.sa.operator")
local options_of = require("lunasa.sa.options")
local shape = require("lunasa.sa.shape")
local text = require("lunasa.sa.expression.text")
local types = require("lunasa.sa.type")

local functions = {}

local Expression = element.Expression

--- The type of what a function gives; `true`: that of its first argument.
local RESULTS = {
  count = generic.Integer(),
  char_length = generic.Integer(),
  length = generic.Integer(),
  rank = generic.Integer(),
  dense_rank = generic.Integer(),
  row_number = generic.Integer(),
  now = generic.DateTime(),
  current_timestamp = generic.DateTime(),
  localtime = generic.DateTime(),
  localtimestamp = generic.DateTime(),
  sysdate = generic.DateTime(),
  current_date = generic.Date(),
  current_time = generic.Time(),
  concat = generic.String(),
  user = generic.String(),
  current_user = generic.String(),
  session_user = generic.String(),
  coalesce = true,
  max = true,
  min = true,
  sum = true,
}

--- Functions of the standard are the same in whatever letters.
local GENERIC = {
  array_agg = true,
  cube = true,
  cume_dist = true,
  grouping_sets = true,
  mode = true,
  next_value = true,
  percent_rank = true,
  percentile_cont = true,
  percentile_disc = true,
  random = true,
  rollup = true,
}
for name in pairs(RESULTS) do
  GENERIC[name] = name ~= "length" and name ~= "row_number"
end

---@class lunasa.sa.Function: lunasa.sa.Expression
---@field name string
---@field packages string[] what stands before the name, with dots between
---@field arguments lunasa.sa.Expression[]
local Function = class("Function", Expression)
Function.kind = "function"
functions.Function = Function

function Function:collect_froms(found)
  for _, argument in ipairs(self.arguments) do
    argument:collect_froms(found)
  end
end

local function type_of(name, arguments)
  local known = RESULTS[name:lower()]
  if known == true then
    return arguments[1] and arguments[1].type or generic.NullType()
  end
  return known or generic.NullType()
end

--- Takes the options off the end of the arguments: a plain table with names only.
local function split_options(...)
  local count = select("#", ...)
  local last = count > 0 and select(count, ...)
  local is_options = type(last) == "table"
    and not getmetatable(last)
    and #last == 0
    and next(last) ~= nil
  return is_options and last or {}, is_options and count - 1 or count
end

local read_options = options_of("a function", "type_")

local function finish(packages, name, arguments, type_)
  local path = name
  if #packages > 0 then
    path = table.concat(packages, "\0") .. "\0" .. name
  end
  local sh = shape.of("function", path, type_.sh)
  return setmetatable({
    name = name,
    packages = packages,
    arguments = arguments,
    type = type_,
    sh = shape.of("call", sh, shape.of_list("arguments", arguments)),
  }, Function)
end

local function make(packages, name, ...)
  local options, count = split_options(...)
  local arguments = {}
  local lower = name:lower()
  if #packages == 0 and GENERIC[lower] then
    name = lower
  end
  for i = 1, count do
    arguments[i] = coerce.argument((select(i, ...))):self_group(operator.comma)
  end
  if count == 0 and lower == "count" then
    arguments[1] = text.literal_column("*")
  end
  local type_ = types.option(read_options(options).type_, "type_") or type_of(name, arguments)
  return finish(packages, name, arguments, type_)
end

--- One expression, the usual case, without a list.
local function make_of_one(packages, name, argument)
  local lower = name:lower()
  if #packages == 0 and GENERIC[lower] then
    name = lower
  end
  local arguments = { argument:self_group(operator.comma) }
  return finish(packages, name, arguments, type_of(name, arguments))
end

local Builder = {}

local function builder(packages, name)
  return setmetatable({ packages = packages, name = name }, Builder)
end

--- `func.pkg.fn`: what was the name is a package.
function Builder:__index(name)
  local packages = {}
  for i, package in ipairs(rawget(self, "packages")) do
    packages[i] = package
  end
  packages[#packages + 1] = rawget(self, "name")
  return builder(packages, name)
end

function Builder:__call(...)
  local first = ...
  if select("#", ...) == 1 and type(first) == "table" and first.is_expression then
    local made = make_of_one(rawget(self, "packages"), rawget(self, "name"), first)
    return made
  end
  return make(rawget(self, "packages"), rawget(self, "name"), ...)
end

--- Builders are kept until there are many: names may be made at run time.
local builders, count_of_builders = {}, 0
local MOST_BUILDERS = 1000

local function new_builder(name)
  if count_of_builders >= MOST_BUILDERS then
    builders, count_of_builders = {}, 0
  end
  local made = builder({}, (name:gsub("_$", "")))
  builders[name], count_of_builders = made, count_of_builders + 1
  return made
end

--- `func.any_name(…)`. One trailing underscore is dropped: `func.if_` is IF.
functions.func = setmetatable({}, {
  __index = function(_, name)
    local found = builders[name] or new_builder(name)
    return found
  end,
})

--- `count(x) FILTER (WHERE …)`.
local Filter = class("Filter", Expression)
Filter.kind = "filter"

local function filtered(func, conditions)
  local criterion = compound.conjunction(operator.and_, conditions)
  if not criterion then
    mistake.raise("ArgumentError", "filter needs a condition")
  end
  return setmetatable({
    func = func,
    criterion = criterion,
    type = func.type,
    sh = shape.of("filter", func.sh, criterion.sh),
  }, Filter)
end

local function check_function(self, where)
  if type(self) ~= "table" or not self.is_expression then
    mistake.raise("ArgumentError", where .. " needs a function, such as func.count()")
  end
end

function functions.filter(self, ...)
  check_function(self, "filter")
  local conditions = {}
  for i = 1, select("#", ...) do
    conditions[i] = coerce.criterion((select(i, ...)), "filter")
  end
  return filtered(self, conditions)
end
Function.filter = functions.filter

--- More conditions.
function Filter:filter(...)
  local conditions = { self.criterion }
  for i = 1, select("#", ...) do
    conditions[i + 1] = coerce.criterion((select(i, ...)), "filter")
  end
  return filtered(self.func, conditions)
end

function Filter:collect_froms(found)
  self.func:collect_froms(found)
  self.criterion:collect_froms(found)
end

--- `percentile_cont(x) WITHIN GROUP (ORDER BY …)`.
local WithinGroup = class("WithinGroup", Expression)
WithinGroup.kind = "within_group"

function functions.within_group(self, ...)
  check_function(self, "within_group")
  local order = {}
  for i = 1, select("#", ...) do
    order[i] = coerce.expression((select(i, ...)), "within_group"):self_group(operator.comma)
  end
  return setmetatable({
    func = self,
    order_by = order,
    type = self.type,
    sh = shape.of("within_group", self.sh, shape.of_list("order", order)),
  }, WithinGroup)
end

Function.within_group = functions.within_group
WithinGroup.filter = functions.filter

function WithinGroup:collect_froms(found)
  self.func:collect_froms(found)
  for _, item in ipairs(self.order_by) do
    item:collect_froms(found)
  end
end

--- `rank() OVER (PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)`.
---@class lunasa.sa.Over: lunasa.sa.Expression
---@field partition_by lunasa.sa.Expression[]
---@field order_by lunasa.sa.Expression[]
---@field frame? { unit: string, from: any, to: any }
local Over = class("Over", Expression)
Over.kind = "over"

--- One expression, or a list of them.
local function expressions(given, where)
  if given == nil then
    return {}
  end
  local list = (type(given) ~= "table" or given.is_element) and { given } or given
  local made = {}
  for i = 1, #list do
    local item = list[i]
    if type(item) == "string" then
      local message = "%s of a window needs columns: write sa.column('%s') for a name"
      mistake.raise("ArgumentError", message:format(where, item:sub(1, 40)))
    end
    made[i] = coerce.expression(item, where):self_group(operator.comma)
  end
  return made
end

local function check_frame(given)
  if type(given) ~= "table" or getmetatable(given) ~= nil then
    mistake.raise("ArgumentError", "the frame of a window is two bounds, rows = { -1, 0 }")
  end
end

local function bound(value)
  if types.is_null(value) then
    return false
  elseif type(value) ~= "number" or value % 1 ~= 0 then
    mistake.raise("ArgumentError", "the bound of a window is an integer or sa.NULL")
  end
  return value
end

local function frame_of(options)
  local rows, range = options.rows, options.range_
  if rows and range then
    mistake.raise("ArgumentError", "a window has 'rows' or 'range_', not both")
  elseif not (rows or range) then
    return nil, "none"
  end
  local given = rows or range
  check_frame(given)
  local frame = { unit = rows and "ROWS" or "RANGE", from = bound(given[1]), to = bound(given[2]) }
  return frame, ("%s %s %s"):format(frame.unit, tostring(frame.from), tostring(frame.to))
end

local read_over = options_of("over", "partition_by order_by rows range_")

local function over(self, options)
  check_function(self, "over")
  options = read_over(options)
  local partition = expressions(options.partition_by, "partition_by")
  local order = expressions(options.order_by, "order_by")
  local frame, text_of_frame = frame_of(options)
  local sh = shape.of("over", self.sh, shape.of_list("partition", partition))
  sh = shape.of("order", sh, shape.of_list("order", order))
  return setmetatable({
    func = self,
    partition_by = partition,
    order_by = order,
    frame = frame,
    type = self.type,
    sh = shape.of("frame", sh, text_of_frame),
  }, Over)
end

Function.over, Filter.over, WithinGroup.over = over, over, over
functions.over = over

function Over:collect_froms(found)
  self.func:collect_froms(found)
  for _, list in ipairs({ self.partition_by, self.order_by }) do
    for _, item in ipairs(list) do
      item:collect_froms(found)
    end
  end
end

return functions
