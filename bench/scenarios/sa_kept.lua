--- Finds what was compiled of statement N, which is kept, and collects its parameters. No server.

local sa_statements = require("bench.lib.sa_statements")

local function work(build, count)
  local statement = build(1)
  for _ = 1, count do
    sa_statements.find(statement)
  end
end

return function(number)
  sa_statements.measure(number, 2000000, work)
end
