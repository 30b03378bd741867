--- The methods of a cursor that make texts of parameters, one or many.
local call = require("lunasa.call")
local errors = require("lunasa.error")

local many = {}

--- What the class of cursors lends to methods in other files.
---@class lunasa.CursorInside
---@field open fun(cur: lunasa.Cursor): lunasa.Channel raises at the level of the method's caller
---@field listed fun(args: any): table? makes one parameter a list of one
---@field clear fun(cur: lunasa.Cursor) drops the rows that are left
---@field show fun(cur: lunasa.Cursor, source?: lunasa.CursorRows) sets the fields for a result

--- Adds its methods to the class of cursors.
---@param Cursor lunasa.Cursor the class
---@param inside lunasa.CursorInside
function many.add(Cursor, inside)
  --- Gives the text that `execute` would send now, in the text protocol.
  ---@param sql string
  ---@param args? any as for `execute`
  ---@return string
  function Cursor:mogrify(sql, args)
    local channel = inside.open(self)
    args = inside.listed(args)
    call.check_statement(sql, args, 3)
    if not args then
      return sql
    end
    local text, raw = channel.session:format(sql, args, self.settings.is_pyformat)
    if not text then
      errors.throw(errors.from_core(raw, sql), self.config.errors)
    end
    return text
  end
end

return many
