--- The compliance suite: what must hold for every database.

local database = require("spec.suite.database")

local THEMES = {
  "connect",
  "tls",
  "tls_options",
  "tls_sessions",
  "accounts",
  "change_user",
  "commands",
  "placeholders",
  "escaping",
  "values",
  "value_options",
  "results",
  "columns",
  "multi_results",
  "streams",
  "infile",
  "large",
  "transactions",
  "session",
  "pipeline",
  "limits",
  "tasks",
  "loss",
  "compression",
}

--- Describes all of it for one server. Busted's names are in the environment of a spec file only,
--- so the themes are given that.
---@param server spec.Server
---@param environment table
return function(server, environment)
  database.describe(server, function(db)
    for _, theme in ipairs(THEMES) do
      setfenv(require("spec.suite." .. theme), environment)(db)
    end
  end)
end
