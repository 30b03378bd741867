--- Builds statement N, finds what was compiled of its shape, collects its parameters. No server.

local sa_statements = require("bench.lib.sa_statements")

local function work(build, count)
  for i = 1, count do
    sa_statements.find(build(i))
  end
end

return function(number)
  sa_statements.measure(number, 200000, work)
end
