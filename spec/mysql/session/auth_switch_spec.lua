local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local NATIVE, SHA2 = "mysql_native_password", "caching_sha2_password"

local function greet(talk, plugin)
  talk:server(wire.frame(0, wire.greeting({ plugin = plugin })))
  return talk:output()
end

describe("an auth switch", function()
  it_talks("is answered with the other plugin's answer alone", function(talk)
    greet(talk, SHA2)
    talk:server(wire.frame(2, wire.auth_switch(NATIVE)))
    assert.equal("\20\0\0\3", talk:output():sub(1, 4))
    talk:server(wire.frame(4, wire.ok()))
    assert.equal(NATIVE, talk.session:facts().auth_plugin)
  end, { password = "secret" })

  it_talks("to the same plugin takes the new scramble", function(talk)
    local first = greet(talk, NATIVE)
    talk:server(wire.frame(2, wire.auth_switch(NATIVE, ("z"):rep(20) .. "\0")))
    local second = talk:output():sub(5)
    assert.equal(20, #second)
    assert.is_nil(first:find(second, 1, true))
    talk:server(wire.frame(4, wire.auth_switch(NATIVE)))
    assert.is_truthy(first:find(talk:output():sub(5), 1, true))
  end, { password = "secret" })

  it_talks("takes a scramble with or without its NUL", function(talk)
    greet(talk, SHA2)
    talk:server(wire.frame(2, wire.auth_switch(NATIVE, wire.SCRAMBLE)))
    local one = talk:output():sub(5)
    talk:server(wire.frame(4, wire.auth_switch(NATIVE, wire.SCRAMBLE .. "\0")))
    assert.equal(one, talk:output():sub(5))
  end, { password = "secret" })

  it_talks("is answered with nothing where there is no password", function(talk)
    greet(talk, SHA2)
    talk:server(wire.frame(2, wire.auth_switch(NATIVE)))
    talk:client_sends("\0\0\0\3")
  end)

  for _, size in ipairs({ 0, 1, 8, 19, 21, 22, 300 }) do
    it_talks("with a scramble of " .. size .. " bytes is refused", function(talk)
      greet(talk, NATIVE)
      talk:server(wire.frame(2, wire.auth_switch(NATIVE, ("s"):rep(size))))
      talk:fails("PROTOCOL", "scramble of " .. size .. " bytes")
      talk:client_sends("")
    end, { password = "secret" })
  end

  it_talks("to mysql_old_password is refused", function(talk)
    greet(talk, NATIVE)
    talk:server(wire.frame(2, "\254"))
    talk:fails("AUTH", "mysql_old_password")
    talk:client_sends("")
  end, { password = "secret" })

  for _, plugin in ipairs({ "auth_gssapi_client", "mysql_old_password", "", "x" }) do
    it_talks("C22: to '" .. plugin .. "' is refused before a secret is sent", function(talk)
      greet(talk, NATIVE)
      talk:server(wire.frame(2, wire.auth_switch(plugin)))
      talk:fails("AUTH", "plugin '" .. plugin .. "', which is not supported")
      talk:client_sends("")
    end, { password = "secret" })
  end

  it_talks("to a plugin with a hostile name is refused in readable words", function(talk)
    greet(talk, NATIVE)
    talk:server(wire.frame(2, wire.auth_switch("\27[2J" .. ("n"):rep(100000))))
    talk:fails("AUTH", "plugin '%?%[2Jn+', which is not supported")
  end)

  it_talks("without an end to its name is refused", function(talk)
    greet(talk, NATIVE)
    talk:server(wire.frame(2, "\254mysql_native_password"))
    talk:fails("PROTOCOL", "AuthSwitchRequest")
  end)

  it_talks("is not followed for ever", function(talk)
    greet(talk, NATIVE)
    for round = 1, 2 do
      talk:server(wire.frame(2 * round, wire.auth_switch(round % 2 == 0 and NATIVE or SHA2)))
      talk:wants("write")
      talk:output()
    end
    talk:server(wire.frame(6, wire.auth_switch(NATIVE)))
    talk:fails("LIMIT", "another authentication plugin more than 2 times")
    talk:client_sends("")
  end, { password = "secret" })

  for name, payload in pairs({
    ["an empty packet"] = "",
    ["a column count"] = "\3",
    ["LOCAL INFILE"] = "\251/etc/passwd",
    ["an OK that is cut"] = "\0\0\0\2",
    ["an ERR that is cut"] = "\255\1",
  }) do
    it_talks("is not what " .. name .. " looks like", function(talk)
      greet(talk, NATIVE)
      talk:server(wire.frame(2, payload))
      talk:fails("PROTOCOL", "malformed packet")
      talk:client_sends("")
    end, { password = "secret" })
  end
end)

describe("mysql_native_password", function()
  it_talks("refuses more data", function(talk)
    greet(talk, NATIVE)
    talk:server(wire.frame(2, "\1\4"))
    talk:fails("PROTOCOL", "unexpected data in mysql_native_password")
    talk:client_sends("")
  end, { password = "secret" })
end)
