--- The compliance suite: what must hold for every database.

local database = require("spec.suite.database")

local THEMES = {
  "connect",
  "connection_fields",
  "connection_methods",
  "connection_options",
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
  "column_batches",
  "multi_results",
  "statements",
  "executemany",
  "cursor_many",
  "callproc",
  "mogrify",
  "encoders",
  "conv",
  "conv_reading",
  "streams",
  "rows_ahead",
  "cursors",
  "cursor_rows",
  "cursor_columns",
  "cursor_results",
  "cursor_streams",
  "cursor_docs",
  "infile",
  "large",
  "transactions",
  "pool",
  "pool_hazards",
  "session",
  "pipeline",
  "limits",
  "tasks",
  "waiting_alone",
  "statement_limits",
  "query_attributes",
  "loss",
  "observability",
  "metrics",
  "compression",
  "parity_basic",
  "parity_bulk",
  "parity_cursors",
  "parity_pool",
  "parity_issues",
  "parity_names",
  "engine",
  "engine_execute",
  "engine_rows",
  "engine_statements",
  "engine_types",
  "engine_transactions",
  "engine_blocks",
  "engine_twophase",
  "ddl",
  "ddl_docs",
  "reflection",
  "engine_events",
  "engine_docs",
  "engine_hazards",
  "engine_losses",
  "parity_sa",
  "parity_sa_engine",
  "defects",
}

--- Ways in which the same must hold: themes that are run again with other options. Each costs its
--- time once more on each server, so these are the ones that move bytes.
local VARIANTS = {
  {
    name = "over TLS",
    prefix = "tls",
    options = { ssl = "required" },
    themes = { "commands", "values", "results", "multi_results", "large" },
  },
  {
    name = "in the binary protocol",
    prefix = "binary",
    options = { protocol = "binary" },
    themes = {
      "placeholders",
      "values",
      "value_options",
      "conv",
      "conv_reading",
      "results",
      "columns",
      "streams",
      "rows_ahead",
      "cursor_rows",
      "cursor_columns",
      "cursor_results",
      "large",
      "pipeline",
      "tasks",
    },
  },
}

--- Describes all of it for one server. Busted's names are in the environment of a spec file only,
--- so the themes are given that.
---@param server spec.Server
---@param environment table
return function(server, environment)
  local function describe_themes(themes, db)
    for _, theme in ipairs(themes) do
      setfenv(require("spec.suite." .. theme), environment)(db)
    end
  end

  database.describe(server, function(db)
    describe_themes(THEMES, db)
    for _, variant in ipairs(VARIANTS) do
      environment.describe(variant.name, function()
        describe_themes(variant.themes, db:with_options(variant.options, variant.prefix))
      end)
    end
  end)
end
