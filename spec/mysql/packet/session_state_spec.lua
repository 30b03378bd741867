local decoder = require("spec.mysql.decoder")
local fixture = require("spec.mysql.fixture")
local spec = require("lunasa_spec")
local wire = require("spec.mysql.wire")

local function state_of(name, statement)
  local payload = fixture.answer(name, statement)[1]
  return spec.ok(payload, wire.CAPABILITY.SESSION_TRACK).session_state
end

local function changes_by_name(state)
  local values = {}
  for _, change in ipairs(assert(spec.session_state(state))) do
    values[change.name] = change.value
  end
  return values
end

describe("Session State Information", function()
  for _, name in ipairs({ "mariadb-10.11.19-commands", "mysql-9.7.4-commands" }) do
    it("tells the schema in " .. name, function()
      assert.same(
        { { type = 1, name = "", value = "mysql" } },
        spec.session_state(state_of(name, "USE mysql"))
      )
    end)

    it("tells variables in " .. name, function()
      assert.same({
        character_set_client = "latin1",
        character_set_connection = "latin1",
        character_set_results = "latin1",
      }, changes_by_name(state_of(name, "SET NAMES latin1")))
    end)
  end

  it("may hold several variables in one entry", function()
    local pairs_of_one = wire.text("a") .. wire.text("1") .. wire.text("b") .. wire.text("2")

    assert.same({ a = "1", b = "2" }, changes_by_name(wire.change(0, pairs_of_one)))
    assert.same({}, spec.session_state(wire.change(0, "")))
  end)

  it("tells GTIDs behind their encoding", function()
    local gtid = wire.change(3, "\0" .. wire.text("uuid:1"))
    assert.same({ { type = 3, name = "", value = "uuid:1" } }, spec.session_state(gtid))
  end)

  it("takes the state-change flag as the digit that servers send", function()
    assert.same({ { type = 2, name = "", value = "1" } }, spec.session_state(wire.change(2, "1")))
  end)

  it("keeps what it does not know as it is", function()
    local unknown = wire.change(99, "\5??")
    assert.same({ { type = 99, name = "", value = "\5??" } }, spec.session_state(unknown))
  end)

  it("is refused at every point of truncation", function()
    local first = wire.change(1, wire.text("test"))
    local state = first .. wire.variable("autocommit", "OFF") .. wire.change(3, "\0\1x")
    local whole = { [0] = true, [#first] = true, [#state - 5] = true }

    decoder.refuses_truncation(spec.session_state, state, whole)
  end)

  it("is refused for hostile lengths, outside and inside", function()
    for _, length in ipairs(decoder.HOSTILE_LENGTHS) do
      assert.is_nil((spec.session_state("\1" .. length .. "abc")))
      assert.is_nil((spec.session_state(wire.change(1, length .. "abc"))))
      assert.is_nil((spec.session_state(wire.change(0, wire.text("a") .. length .. "abc"))))
    end
  end)

  it("is refused for trailing bytes in an entry", function()
    decoder.refuses(spec.session_state, wire.change(1, wire.text("test") .. "x"), "TRAILING")
    decoder.refuses(spec.session_state, wire.change(5, wire.text("a") .. "x"), "TRAILING")
  end)

  it("tells nothing of a state that is wrong at its end", function()
    local state = wire.change(1, wire.text("test")) .. "\1"
    decoder.refuses(spec.session_state, state, "TRUNCATED")
  end)
end)
