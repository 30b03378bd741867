--- Lets a harness for SQL texts run its cases through lunasa.sa.
local sa = require("lunasa.sa")

local env = setmetatable({
  callable_42 = function()
    return 42
  end,
}, { __index = sa })

--- Values as the harness names them.
local TAGS = { decimal = "dec", datetime = "dt", date = "date", time = "time" }

local function encode(value)
  local mark = type(value) == "table" and getmetatable(value).__lunasa
  local text = tostring(value)
  if mark == "interval" then
    return "delta:" .. value.seconds
  end
  return TAGS[mark] and TAGS[mark] .. ":" .. text or text
end

return {
  env = env,
  encode = encode,
  compile = function(statement, dialect, options)
    local compiled = statement:compile({
      dialect = dialect,
      literal_binds = options.literal_binds,
      column_keys = options.column_keys,
    })
    return compiled:construct(options.params)
  end,
  script = function(list, dialect)
    local texts = {}
    for _, statement in ipairs(list) do
      -- All cases share their tables, and some have given these an index.
      if statement.kind ~= "create_index" then
        texts[#texts + 1] = statement:compile({ dialect = dialect }).string
      end
    end
    return texts
  end,
}
