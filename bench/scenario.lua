--- Runs one scenario: the workload that WORKLOAD names, as the peer in the first argument.
---
--- A peer has the files of its folder. A name that ends in a number, such as sa_build_3, is the
--- file without it, called with the number.

local lunasa = require("lunasa")

package.path = arg[0]:match("^(.*)/") .. "/../?.lua;" .. package.path
local measure = require("bench.lib.measure")

local FOLDERS = {
  lunasa = "bench.scenarios.",
  ["lunasa-packed"] = "bench.scenarios.packed.",
  ["lunasa-column"] = "bench.scenarios.column.",
}

measure.peer = arg[1]
measure.version = ("%s, %s"):format(lunasa._VERSION, jit.version)

local name, number = measure.workload:match("^(.-)_(%d+)$")
local module = FOLDERS[measure.peer] .. (name or measure.workload)
if package.searchpath(module, package.path) then
  require(module)(tonumber(number))
else
  measure.skip("not for this peer")
end
