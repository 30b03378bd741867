--- Compiles statement N, which was built before, again and again. No server.

local sa_statements = require("bench.lib.sa_statements")

local function work(build, count)
  local statement = build(1)
  for _ = 1, count do
    sa_statements.compile(statement)
  end
end

return function(number)
  sa_statements.measure(number, 2000, work)
end
