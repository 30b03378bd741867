--- Rows of a result as something else: one value of each, or a plain table by name.
local mistake = require("lunasa.sa.mistake")
local not_iterable = require("lunasa.not_iterable")
local row = require("lunasa.engine.row")

local view = {}

---@class lunasa.ResultView
---@field private result lunasa.ResultProxy
---@field private convert fun(row: lunasa.RowProxy, key: any): any
---@field private key any
local View = { __name = "lunasa.ResultView", __call = not_iterable("result") }
View.__index = View

--- Methods that give one row.
for _, name in ipairs({ "fetchone", "first", "one", "one_or_none" }) do
  View[name] = function(self)
    local found = self.result[name](self.result)
    return found and self.convert(found, self.key)
  end
end

--- Methods that give several. A NULL leaves a hole among single values, so the list has its length
--- in `n`.
for _, name in ipairs({ "fetchmany", "fetchall" }) do
  View[name] = function(self, size)
    local rows = self.result[name](self.result, size)
    local count = #rows
    for i = 1, count do
      rows[i] = self.convert(rows[i], self.key)
    end
    rows.n = count
    return rows
  end
end
View.all = View.fetchall

--- Iterates: `for value in res:scalars():rows() do`. NULL is lunasa.null here, because nil would
--- end the loop.
---@return fun(): any
function View:rows()
  local next_row, of = self.result:rows()
  return function()
    local found = next_row(of)
    if found == nil then
      return nil
    end
    local value = self.convert(found, self.key)
    if value == nil then
      return require("lunasa.null")
    end
    return value
  end
end

function View:close()
  self.result:close()
end

function View:keys()
  return self.result:keys()
end

local function value_at(found, key)
  return found[key]
end

--- Adds its methods to the class of results.
---@param ResultProxy lunasa.ResultProxy the class
function view.add(ResultProxy)
  --- Gives one value of each row.
  ---@param column? integer|string|lunasa.sa.Expression the first
  ---@return lunasa.ResultView
  function ResultProxy:scalars(column)
    if not self.returns_rows then
      self:rows() -- raises
    elseif column ~= nil and type(column) ~= "table" and type(column) ~= "string" then
      if type(column) ~= "number" then
        mistake.raise("ArgumentError", "scalars needs a column: a position, a name or a Column")
      end
    end
    return setmetatable({ result = self, convert = value_at, key = column or 1 }, View)
  end

  --- Gives each row as a plain table by name; NULLs are not in it.
  ---@return lunasa.ResultView
  function ResultProxy:mappings()
    if not self.returns_rows then
      self:rows() -- raises
    end
    return setmetatable({ result = self, convert = row.functions.as_dict }, View)
  end
end

return view
