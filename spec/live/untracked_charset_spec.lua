--- A session that was told not to say when its character set changes: text is not escaped by guess.
local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

local BY_HAND = {
  "SET NAMES gbk",
  "/**/SET NAMES gbk",
  "SET/**/NAMES gbk",
  "-- x\nSET NAMES gbk",
  "SET character_set_client = gbk",
  "DO 1; SET NAMES gbk",
  "PREPARE p FROM 'SET NAMES gbk'; EXECUTE p",
}

describe("a session that does not tell its character set", function()
  server.each(function(db)
    for _, statement in ipairs(BY_HAND) do
      it(
        ("refuses text after %q on %s"):format(statement, db.name),
        task(function()
          local conn = lunasa.connect(db.url, { multi_statements = true })
          conn:query("SET session_track_system_variables = ''")
          assert.equal("fine", conn:scalar("SELECT ?", { "fine" }))
          conn:query(statement)

          local _, err = pcall(conn.scalar, conn, "SELECT ?", { "\xbf'" })

          assert.matches("cannot be escaped safely", tostring(err))
          conn:close()
        end)
      )
    end
  end)
end)
