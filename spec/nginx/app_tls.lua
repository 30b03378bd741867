--- What app.lua serves about TLS: connections with the options that the spec gives.
local lunasa = require("lunasa")

local app_tls = {}

--- Pools of one connection, by the text of their options.
---@type table<string, lunasa.Pool>
local pools = {}

local function pool_of(text)
  if not pools[text] then
    local options = lunasa.json.decode(text)
    options.maxsize = 1
    pools[text] = lunasa.create_pool(options)
  end
  return pools[text]
end

--- Opens a connection, looks at it, and closes it.
local function look(pool)
  return pool:with(function(conn)
    local seen = {
      value = conn:scalar("SELECT 14"),
      is_verified = conn.is_verified,
      is_resumed = conn.tls_resumed,
      version = conn.tls_version,
    }
    conn:close()
    return seen
  end)
end

--- Adds what is here to the routes of app.lua.
---@param routes table<string, function>
function app_tls.add(routes)
  function routes.tls(args)
    local ok, seen = lunasa.try(look, pool_of(args.options))
    if ok then
      return seen
    end
    return { errno = seen.errno, message = seen.message }
  end
end

return app_tls
