local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local MOST_RESULTS = 65536
local MORE = wire.STATUS.AUTOCOMMIT + wire.STATUS.MORE_RESULTS

--- Answers with so many results that others follow, in frames numbered from 1.
local function results(count)
  local frames, ok = {}, wire.ok({ status = MORE })
  for i = 1, count do
    frames[i] = wire.frame(i % 256, ok)
  end
  return table.concat(frames)
end

describe("the results of one statement", function()
  it("are at most " .. MOST_RESULTS, function()
    local talk = conversation.new()
    talk:log_in()
    local token = talk:ask("SELECT")
    talk:output()
    talk:server(results(MOST_RESULTS + 1))

    talk:fails("LIMIT", "more than " .. MOST_RESULTS .. " results")
    assert.is_true(talk:take(token).has_more)
  end)

  it("are counted for each statement anew", function()
    local talk = conversation.new()
    talk:log_in()
    for _ = 1, 2 do
      local token = talk:ask("SELECT")
      talk:output()
      talk:server(results(MOST_RESULTS))
      assert.equal("open", (talk.session:state()))
      talk:server(wire.frame((MOST_RESULTS + 1) % 256, wire.ok()))
      talk:wants("nothing")
      assert.is_true(talk:take(token).has_more)
    end
  end)
end)
