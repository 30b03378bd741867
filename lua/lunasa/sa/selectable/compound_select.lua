--- UNION, INTERSECT and EXCEPT of queries.
local class = require("lunasa.sa.class")
local mistake = require("lunasa.sa.mistake")
local query = require("lunasa.sa.selectable.query")
local selects = require("lunasa.sa.selectable.select")
local shape = require("lunasa.sa.shape")

local compound_select = {}

---@class lunasa.sa.CompoundSelect: lunasa.sa.Query
---@field keyword string
---@field parts lunasa.sa.Query[]
local CompoundSelect = class("CompoundSelect", query.Query)
CompoundSelect.kind = "compound_select"
CompoundSelect.appended = selects.Select.appended
compound_select.CompoundSelect = CompoundSelect

local NONE = {}

function CompoundSelect:copy()
  return setmetatable({
    keyword = self.keyword,
    parts = self.parts,
    order_by_ = self.order_by_,
    group_by_ = self.group_by_,
    limit_ = self.limit_,
    offset_ = self.offset_,
    lock = self.lock,
    ctes = self.ctes,
    ordered_at = self.ordered_at,
    bound = self.bound,
    sh = self.sh,
  }, CompoundSelect)
end
CompoundSelect.small_copy = CompoundSelect.copy

--- The columns are called as in the first part.
function CompoundSelect:result_columns()
  return self.parts[1]:result_columns()
end

local function check(parts, keyword)
  local width
  for i = 1, math.max(table.maxn(parts), 1) do
    local part = parts[i]
    if type(part) ~= "table" or not part.is_query then
      mistake.raise("ArgumentError", keyword .. " needs SELECTs")
    end
    local columns = #part:result_columns()
    width = width or columns
    if columns ~= width then
      local text = "all parts of %s have as many columns: the first has %d, part %d has %d"
      local message = text:format(keyword, width, i, columns)
      mistake.raise("CompileError", message)
    end
  end
end

local function make(keyword, parts)
  check(parts, keyword)
  return setmetatable({
    keyword = keyword,
    parts = parts,
    order_by_ = NONE,
    group_by_ = NONE,
    sh = shape.of_list(keyword, parts),
  }, CompoundSelect)
end
CompoundSelect.small_copy = CompoundSelect.copy

local KEYWORDS = {
  union = "UNION",
  union_all = "UNION ALL",
  intersect = "INTERSECT",
  intersect_all = "INTERSECT ALL",
  except_ = "EXCEPT",
  except_all = "EXCEPT ALL",
}

for name, keyword in pairs(KEYWORDS) do
  compound_select[name] = function(...)
    local made = make(keyword, { ... })
    return made
  end
  query.Query[name] = function(self, ...)
    local made = make(keyword, { self, ... })
    return made
  end
end

--- Names of the functions, for `lunasa.sa`.
compound_select.NAMES = KEYWORDS

return compound_select
