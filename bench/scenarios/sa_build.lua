--- Builds statement N of lunasa.sa. No server.

local sa_statements = require("bench.lib.sa_statements")

local function work(build, count)
  for i = 1, count do
    build(i)
  end
end

return function(number)
  sa_statements.measure(number, 200000, work)
end
