local server = require("spec.support.server")
local suite = require("spec.suite.init")

describe("MySQL #live", function()
  server.on("mysql", function(db)
    suite(db, getfenv())
  end)
end)
