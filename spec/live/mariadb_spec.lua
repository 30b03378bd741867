local server = require("spec.support.server")
local suite = require("spec.suite.init")

describe("MariaDB #live", function()
  server.on("mariadb", function(db)
    suite(db, getfenv())
  end)
end)
