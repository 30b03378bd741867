local server = require("spec.support.server")
local suite = require("spec.suite.init")

describe("MariaDB 11.8 #live", function()
  server.on("mariadb_next", function(db)
    suite(db, getfenv())
  end)
end)
