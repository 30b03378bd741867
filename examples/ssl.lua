--- Talks through TLS to a server whose certificate an authority of yours signed: aiomysql's
--- example_ssl.py, but for the account's plugin, which the server names by itself. A private
--- server of `--server` is on a unix socket, without TLS.
---
---     lunasa --url mysql://root:password@127.0.0.1:3306 examples/ssl.lua ca.pem
local lunasa = require("lunasa")

local ca = ...

-- The certificate is verified, the name of the host is not.
local pool = lunasa.create_pool(nil, { ssl = { mode = "verify-ca", ca = ca } })

pool:with(function(conn)
  conn:with_cursor(function(cur)
    -- Run simple command
    cur:execute("SHOW DATABASES;")
    local value = cur:fetchall()

    local values = {}
    for _, item in ipairs(value) do
      values[item[1]] = true
    end
    -- Spot check the answers, we should at least have mysql and information_schema
    assert(values["mysql"], 'Could not find the "mysql" table')
    assert(values["information_schema"], 'Could not find the "information_schema" table')

    -- Check TLS variables
    cur:execute("SHOW STATUS LIKE 'Ssl_version%';")
    value = cur:fetchone()

    -- The connection has TLS
    assert(value[2]:sub(1, 3) == "TLS", "Not connected to the database with TLS")
    print(value[1], value[2])
  end)
end)
pool:close()
pool:wait_closed()
