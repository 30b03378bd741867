--- The pools that the routes of app.lua are asked to use, by name.
local lunasa = require("lunasa")

local app_pools = { registry = lunasa.metrics() }

local function variable(name, part)
  return os.getenv(("LUNASA_TEST_%s_%s"):format(name:upper(), part))
end

--- How long a statement that was given up may take to end, in seconds: longer than by default, for
--- slow machines.
local PATIENCE = 20

local DAYS = {
  [lunasa.FIELD_TYPE.DATE] = function(text, column)
    return column.name .. tonumber(text:sub(9))
  end,
}

---@param name string
---@param url string
---@return table<string, lunasa.Pool>
local function make_pools(name, url)
  local verified = { mode = "verify-identity", ca = os.getenv("LUNASA_TEST_CA") }
  local wrong = { mode = "verify-ca", ca = os.getenv("LUNASA_TEST_OTHER_CA") }
  local options = { unix_socket = variable(name, "SOCKET"), user = "root", database = "test" }
  return {
    [name] = lunasa.create_pool(url, {
      ssl = verified,
      maxsize = 4,
      cancel_timeout = PATIENCE,
    }),
    [name .. "_plain"] = lunasa.create_pool(url, { ssl = false, cancel_timeout = PATIENCE }),
    [name .. "_packed"] = lunasa.create_pool(url, {
      ssl = verified,
      compress = true,
      local_infile = true,
      conv = DAYS,
    }),
    [name .. "_loading"] = lunasa.create_pool(url, {
      ssl = false,
      local_infile = true,
      conv = DAYS,
    }),
    [name .. "_wrong_ca"] = lunasa.create_pool(url, { ssl = wrong }),
    [name .. "_socket"] = lunasa.create_pool(options),
    [name .. "_single"] = lunasa.create_pool(url, { maxsize = 1, acquire_timeout = 10 }),
    [name .. "_asked"] = lunasa.create_pool(url, {
      user = "tls",
      password = function(login)
        lunasa.sleep(0.001)
        return login.user .. "-pw"
      end,
    }),
    [name .. "_watched"] = lunasa.create_pool(url, {
      name = name .. "_watched",
      metrics = app_pools.registry,
      slow_query_time = 0,
      on_query = function(event)
        app_pools.on_query(event)
      end,
    }),
    [name .. "_pair"] = lunasa.create_pool(url, { maxsize = 2 }),
    [name .. "_pair_plain"] = lunasa.create_pool(url, { ssl = false, maxsize = 2 }),
  }
end

---@return table<string, lunasa.Pool>
function app_pools.make()
  local pools = {}
  for _, name in ipairs({ "mariadb", "mariadb_next", "mysql" }) do
    local url = variable(name, "URL")
    for key, pool in pairs(url and make_pools(name, url) or {}) do
      pools[key] = pool
    end
  end
  return pools
end

return app_pools
