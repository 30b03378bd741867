--- A SELECT that is text, with the columns that it is said to have.
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local query = require("lunasa.sa.selectable.query")
local shape = require("lunasa.sa.shape")
local text = require("lunasa.sa.expression.text")

local text_select = {}

---@class lunasa.sa.TextSelect: lunasa.sa.Query
---@field text lunasa.sa.Text
---@field columns lunasa.sa.Expression[]
local TextSelect = class("TextSelect", query.Query)
TextSelect.kind = "text_select"

--- Types by name come in no order: they are known by name only.
local function read(...)
  local columns = {}
  for i = 1, select("#", ...) do
    local one = select(i, ...)
    if type(one) ~= "table" then
      local message = "columns needs sa.column(name, type), or types by name"
      mistake.raise("ArgumentError", message)
    end
    if one.is_expression then
      columns[#columns + 1] = one
    else
      local names = {}
      for name in pairs(one) do
        names[#names + 1] = name
      end
      table.sort(names)
      for _, name in ipairs(names) do
        columns[#columns + 1] = text.column(name, one[name])
      end
    end
  end
  return columns
end

---@param given lunasa.sa.Text
---@param ... table
---@return lunasa.sa.TextSelect
function text_select.new(given, ...)
  local columns = read(...)
  return setmetatable({
    text = given,
    columns = columns,
    order_by_ = {},
    sh = shape.of("text_select", given.sh, shape.of_list("columns", columns)),
  }, TextSelect)
end

--- Clauses belong into the text.
for _, name in ipairs({
  "order_by",
  "group_by",
  "limit",
  "offset",
  "slice",
  "add_cte",
  "with_for_update",
}) do
  TextSelect[name] = function()
    local message = "this SELECT is text: write %s into it, or select from its subquery()"
    mistake.raise("InvalidRequestError", message:format(name))
  end
end

function TextSelect:result_columns()
  local named = {}
  for i, one in ipairs(self.columns) do
    named[i] = { expression = one, name = one:result_name(), key = one:result_name() }
  end
  return named
end

return text_select
