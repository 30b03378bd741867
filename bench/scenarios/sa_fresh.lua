--- Builds and compiles statement N. No server.

local sa_statements = require("bench.lib.sa_statements")

local function work(build, count)
  for i = 1, count do
    sa_statements.compile(build(i))
  end
end

return function(number)
  sa_statements.measure(number, 2000, work)
end
