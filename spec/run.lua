--- usage: lunasa spec/run.lua [busted's arguments]
---
--- Runs the specs in the main task, so that they may wait for a database.

-- The entry `lua` of .busted is for those who have no runner.
table.insert(arg, 1, "--ignore-lua")

-- And the entry `cpath`: what specs call of C is of the runner's own build, with its sanitizers.
local build = arg[-1]:match("^(.+)/")
if build then
  table.insert(arg, 1, ("--cpath=%s/lib/?.so"):format(build))
end

local function run()
  require("busted.runner")({ standalone = false })
end

local ok, err = pcall(run)
if not ok then
  -- After a failure of specs, which it has reported, busted raises nil.
  if err ~= nil then
    io.stderr:write(tostring(err), "\n")
  end
  os.exit(1)
end
