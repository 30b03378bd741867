--- The functions of aiomysql that escape without a connection, and why there are none.
local errors = require("lunasa.error")

local escape = {}

local WHY = "lunasa.%s does not exist: how a value is escaped depends on the SQL mode and the "
  .. "character set of the session. Use placeholders, or %s"

local function define(name, instead)
  escape[name] = function()
    errors.raise("NotSupportedError", WHY:format(name, instead), nil, 2)
  end
end

define("escape_string", "conn:escape_string(s)")
define("escape_sequence", "conn:escape(list)")
define("escape_dict", "conn:escape(value) for each value")

return escape
