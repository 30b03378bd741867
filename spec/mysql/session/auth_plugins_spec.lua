local conversation = require("spec.mysql.session.conversation")
local core = require("lunasa.core")
local driver = require("lunasa.driver.mysql")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local LONG = ("0123456789abcdef"):rep(2)
local SALT = ("s"):rep(18)

--- MariaDB has no further factors, whose packets look like questions of its dialog.
local MARIADB = { capabilities = wire.ALL - 0x10000000 }

local function greet(talk, fields)
  talk:server(wire.frame(0, wire.greeting(fields)))
  return talk:output()
end

--- What we answer to a switch, without its header.
local function switch(talk, plugin, data)
  greet(talk, MARIADB)
  talk:server(wire.frame(2, wire.auth_switch(plugin, data)))
  return talk:output():sub(5)
end

--- The same inside TLS.
local function switch_inside_tls(talk, is_verified, plugin, data)
  greet(talk)
  talk.session:encrypted(is_verified)
  talk:output()
  talk:server(wire.frame(3, wire.auth_switch(plugin, data)))
end

local function with(options)
  options.password = options.password or "secret"
  return options
end

describe("sha256_password", function()
  it_talks("sends the password inside TLS", function(talk)
    switch_inside_tls(talk, false, "sha256_password")
    talk:client_sends(wire.frame(4, "secret\0"))
  end, with({ tls = "required" }))

  it_talks("says that there is no password", function(talk)
    assert.equal("\0", switch(talk, "sha256_password"))
  end)

  it_talks("asks for the key over a unix socket", function(talk)
    assert.equal("\1", switch(talk, "sha256_password"))
  end, with({}), true)

  it_talks("asks for the key where it may", function(talk)
    assert.equal("\1", switch(talk, "sha256_password"))
    talk:server(wire.frame(4, "\1no key"))
    talk:fails("AUTH", "not an RSA key")
    talk:client_sends("")
  end, with({ get_server_public_key = true }))

  it_talks("sends the password to nobody who might be overheard", function(talk)
    assert.equal("", switch(talk, "sha256_password"))
    talk:fails("AUTH", "not encrypted")
  end, with({}))

  it_talks("sends nothing because of a greeting", function(talk)
    assert.is_truthy(greet(talk, { plugin = "sha256_password" }):find("mysql_native_password\0"))
  end, with({ get_server_public_key = true }))

  it_talks("refuses data after the password", function(talk)
    switch_inside_tls(talk, false, "sha256_password")
    talk:output()
    talk:server(wire.frame(5, "\1x"))
    talk:fails("PROTOCOL", "unexpected data in sha256_password")
  end, with({ tls = "required" }))
end)

for _, plugin in ipairs({ "mysql_clear_password", "dialog" }) do
  local data = plugin == "dialog" and "\4Password: " or ""

  describe(plugin, function()
    it_talks("sends the password inside TLS that is verified", function(talk)
      switch_inside_tls(talk, true, plugin, data)
      talk:client_sends(wire.frame(4, "secret\0"))
    end, with({ tls = "required" }))

    it_talks("sends the password over a unix socket", function(talk)
      assert.equal("secret\0", switch(talk, plugin, data))
    end, with({}), true)

    it_talks("sends nothing inside TLS that is not verified", function(talk)
      switch_inside_tls(talk, false, plugin, data)
      talk:fails("AUTH", plugin .. " wants the password itself, .* verified certificate")
      talk:client_sends("")
    end, with({ tls = "required" }))

    it_talks("sends nothing in the open, whatever the key", function(talk)
      assert.equal("", switch(talk, plugin, data))
      talk:fails("AUTH", "verified certificate")
    end, with({ get_server_public_key = true }))

    it_talks("sends nothing because of a greeting", function(talk)
      local sent = greet(talk, { plugin = plugin })
      assert.is_nil(sent:find("secret", 1, true))
      assert.is_truthy(sent:find("mysql_native_password\0", 1, true))
    end, with({}), true)

    it_talks("begins with the password where it was chosen", function(talk)
      assert.is_truthy(greet(talk):find("root\0\7secret\0" .. plugin .. "\0", 1, true))
    end, with({ auth_plugin = plugin }), true)

    it_talks("refuses to begin where it was chosen in the open", function(talk)
      assert.equal("", greet(talk))
      talk:fails("AUTH", "verified certificate")
    end, with({ auth_plugin = plugin }))
  end)
end

describe("dialog", function()
  local answers = with({ auth_answers = { "123456", "yes" } })

  it_talks("answers questions in order", function(talk)
    assert.equal("secret\0", switch(talk, "dialog", "\4Password: "))
    talk:server(wire.frame(4, "\2Code: "))
    talk:client_sends(wire.frame(5, "123456\0"))
    talk:server(wire.frame(6, "\1\3Sure? "))
    talk:client_sends(wire.frame(7, "yes\0"))
    talk:server(wire.frame(8, wire.ok()))
    assert.equal("dialog", talk.session:facts().auth_plugin)
  end, answers, true)

  it_talks("says what it was asked and cannot answer", function(talk)
    switch(talk, "dialog", "\4Password: ")
    talk:server(wire.frame(4, "\1\2Your \27[2Jcode: "))
    talk:fails("AUTH", "the server asks 'Your %?%[2Jcode: ', and option auth_answers has no answer")
    talk:client_sends("")
  end, with({}), true)

  it_talks("sends the password before a question where the server waits for it", function(talk)
    assert.equal("secret\0", switch(talk, "dialog", ""))
    talk:server(wire.frame(4, "\4Code: "))
    talk:client_sends(wire.frame(5, "123456\0"))
  end, answers, true)

  it_talks("is asked no more than a login may last", function(talk)
    greet(talk)
    talk:server(wire.frame(2, wire.auth_switch("dialog", "\4a")))
    talk:output()
    for round = 2, 9 do
      talk:server(wire.frame(2 * round, "\1\2b"))
      talk:output()
    end
    talk:server(wire.frame(20, "\1\2b"))
    talk:fails("AUTH", "no answer left")
  end, with({ auth_answers = { "1", "2", "3", "4", "5", "6", "7", "8" } }), true)

  for name, payload in pairs({
    ["a question after the last"] = "\2Again: ",
    ["data after the last"] = "\1\1",
  }) do
    it_talks("refuses " .. name, function(talk)
      switch(talk, "dialog", "\5Password: ")
      talk:server(wire.frame(4, payload))
      talk:fails("PROTOCOL", "unexpected data in dialog")
      talk:client_sends("")
    end, answers, true)
  end

  for _, data in ipairs({ "Password", "\1", "\6?", "\8" }) do
    it_talks("refuses what is no question: " .. conversation.hex(data), function(talk)
      assert.equal("", switch(talk, "dialog", data))
      talk:fails("PROTOCOL", "no question of dialog")
    end, answers, true)
  end
end)

describe("client_ed25519", function()
  -- The password "secret" has the public key of MariaDB's manual; RFC 8032 makes the rest.
  local SIGNATURE = "db 2e 9c 54 b8 d7 e4 28 dd 00 ce 16 70 53 e5 fa e7 95 9a 28 fb 6c 02 bb "
    .. "63 49 07 fb 88 67 ea 3d b8 72 0b cf f4 eb fd 7c cd 67 f3 31 45 1c a0 60 "
    .. "56 6d 67 fb af 78 d1 4d ba 83 93 78 de 3e 5b 0f "

  it_talks("signs the scramble", function(talk)
    assert.equal(SIGNATURE, conversation.hex(switch(talk, "client_ed25519", LONG)))
  end, with({}))

  it_talks("takes a scramble with its NUL, or with MariaDB's 0x01", function(talk)
    assert.equal(SIGNATURE, conversation.hex(switch(talk, "client_ed25519", LONG .. "\0")))
    talk:server(wire.frame(4, wire.auth_switch("client_ed25519", "\1" .. LONG)))
    assert.equal(SIGNATURE, conversation.hex(talk:output():sub(5)))
  end, with({}))

  for _, size in ipairs({ 0, 20, 31, 33, 64 }) do
    it_talks("refuses a scramble of " .. size .. " bytes", function(talk)
      assert.equal("", switch(talk, "client_ed25519", ("x"):rep(size)))
      talk:fails("PROTOCOL", "scramble of " .. size .. " bytes instead of 32")
    end, with({}))
  end

  it_talks("refuses more data", function(talk)
    switch(talk, "client_ed25519", LONG)
    talk:server(wire.frame(4, "\1x"))
    talk:fails("PROTOCOL", "unexpected data in client_ed25519")
  end, with({}))

  it_talks("waits for its scramble when it was chosen", function(talk)
    assert.is_truthy(greet(talk):find("root\0\0client_ed25519\0", 1, true))
  end, with({ auth_plugin = "client_ed25519" }))
end)

describe("parsec", function()
  local function ask_salt(talk)
    assert.equal("", switch(talk, "parsec", LONG))
  end

  for _, prefix in ipairs({ "", "\1" }) do
    it_talks("signs both scrambles, with " .. #prefix .. " bytes before the salt", function(talk)
      ask_salt(talk)
      talk:server(wire.frame(4, prefix .. "P\0" .. SALT))
      local answer = talk:output()
      assert.equal("\96\0\0\5", answer:sub(1, 4))
      assert.equal(100, #answer)
      talk:server(wire.frame(6, wire.ok()))
      assert.equal("parsec", talk.session:facts().auth_plugin)
    end, with({}))
  end

  it_talks("makes each answer another one", function(talk)
    ask_salt(talk)
    talk:server(wire.frame(4, "P\0" .. SALT))
    local first = talk:output():sub(5)
    talk:server(wire.frame(6, wire.auth_switch("parsec", LONG)))
    talk:output()
    talk:server(wire.frame(8, "P\0" .. SALT))
    local second = talk:output():sub(5)
    assert.equal(#first, #second)
    assert.is_true(first ~= second)
  end, with({}))

  local NATIVE = wire.auth_switch("mysql_native_password", wire.SCRAMBLE .. "\0")

  local function hang_up_behind_parsec(talk, ...)
    switch_inside_tls(talk, true, "parsec", LONG)
    talk:output()
    talk:server(wire.frame(5, "P\0" .. SALT))
    talk:output()
    talk:server(wire.frame(7, NATIVE))
    talk:output()
    talk.session:hangup(...)
  end

  it_talks("is named when the server hangs up behind it inside TLS", function(talk)
    hang_up_behind_parsec(talk)
    talk:fails("IO", "closed the connection: .*parsec refuses the password")
  end, with({ tls = "required" }))

  it_talks("is named when the server resets the connection behind it inside TLS", function(talk)
    hang_up_behind_parsec(talk, "IO", "lost the connection: connection reset by peer")
    talk:fails("IO", "reset by peer: .*parsec refuses the password")
  end, with({ tls = "required" }))

  it_talks("is not blamed for a login that takes too long", function(talk)
    hang_up_behind_parsec(talk, "TIMEOUT", "too late")
    talk:fails("TIMEOUT", "too late$")
  end, with({ tls = "required" }))

  it_talks("is not blamed for who hangs up elsewhere", function(talk)
    ask_salt(talk)
    talk:server(wire.frame(4, "P\0" .. SALT))
    talk:output()
    talk:server(wire.frame(6, NATIVE))
    talk:output()
    talk.session:hangup()
    talk:fails("IO", "closed the connection$")
  end, with({}))

  for _, doublings in ipairs({ 4, 20, 255 }) do
    it_talks("refuses 1024 iterations doubled " .. doublings .. " times", function(talk)
      ask_salt(talk)
      talk:server(wire.frame(4, "P" .. string.char(doublings) .. SALT))
      talk:fails("LIMIT", "more than 8192 iterations")
      talk:client_sends("")
    end, with({}))
  end

  for name, payload in pairs({
    ["an unknown algorithm"] = "Q\0" .. SALT,
    ["a short salt"] = "P\0" .. SALT:sub(2),
    ["a long salt"] = "P\0" .. SALT .. "s",
    ["no salt"] = "P",
    ["nothing"] = "\1",
  }) do
    it_talks("refuses " .. name, function(talk)
      ask_salt(talk)
      talk:server(wire.frame(4, payload))
      talk:fails("PROTOCOL", "no salt of parsec")
      talk:client_sends("")
    end, with({}))
  end

  it_talks("refuses a second salt", function(talk)
    ask_salt(talk)
    talk:server(wire.frame(4, "P\0" .. SALT))
    talk:output()
    talk:server(wire.frame(6, "P\0" .. SALT))
    talk:fails("PROTOCOL", "unexpected data in parsec")
    talk:client_sends("")
  end, with({}))
end)

describe("an account with several factors", function()
  local function next_factor(plugin, data)
    return "\2" .. wire.auth_switch(plugin, data):sub(2)
  end

  it_talks("is asked for each password in turn", function(talk)
    greet(talk)
    talk:server(wire.frame(2, next_factor("mysql_clear_password")))
    talk:client_sends(wire.frame(3, "two\0"))
    talk:server(wire.frame(4, next_factor("dialog", "\5Code: ")))
    talk:client_sends(wire.frame(5, "three\0"))
    talk:server(wire.frame(6, wire.ok()))
    assert.equal("open", (talk.session:state()))
  end, with({ password2 = "two", password3 = "three" }), true)

  it_talks("may switch twice for each", function(talk)
    local n = 2
    greet(talk)
    for _ = 1, 2 do
      for _ = 1, 2 do
        talk:server(wire.frame(n, wire.auth_switch("mysql_native_password")))
        talk:output()
        n = n + 2
      end
      talk:server(wire.frame(n, next_factor("mysql_native_password")))
      talk:output()
      n = n + 2
    end
    talk:server(wire.frame(n, wire.ok()))
    assert.equal("open", (talk.session:state()))
  end, with({ password2 = "two", password3 = "three" }))

  it_talks("has to have its further passwords", function(talk)
    greet(talk)
    talk:server(wire.frame(2, next_factor("mysql_native_password")))
    talk:fails("AUTH", "give option password2")
    talk:client_sends("")
  end, with({}))

  it_talks("has to have its third password", function(talk)
    greet(talk)
    talk:server(wire.frame(2, next_factor("mysql_native_password")))
    talk:output()
    talk:server(wire.frame(4, next_factor("mysql_native_password")))
    talk:fails("AUTH", "give option password3")
    talk:client_sends("")
  end, with({ password2 = "two" }))

  it_talks("has three at most", function(talk)
    greet(talk)
    for round = 1, 2 do
      talk:server(wire.frame(2 * round, next_factor("mysql_native_password")))
      talk:output()
    end
    talk:server(wire.frame(6, next_factor("mysql_native_password")))
    talk:fails("LIMIT", "more than 3 passwords")
    talk:client_sends("")
  end, with({ password2 = "two", password3 = "three" }))

  it_talks("is no account of a server without that capability", function(talk)
    greet(talk, MARIADB)
    talk:server(wire.frame(2, next_factor("mysql_native_password")))
    talk:fails("PROTOCOL", "malformed packet")
    talk:client_sends("")
  end, with({ password2 = "two" }))

  it_talks("is not asked in the open for what is sent as it is", function(talk)
    greet(talk)
    talk:server(wire.frame(2, next_factor("mysql_clear_password")))
    talk:fails("AUTH", "verified certificate")
    talk:client_sends("")
  end, with({ password2 = "two" }))
end)

describe("auth_plugins", function()
  it_talks("refuses a switch to another one", function(talk)
    assert.equal("", switch(talk, "mysql_native_password"))
    talk:fails("AUTH", "plugin 'mysql_native_password', which option auth_plugins does not list")
  end, with({ auth_plugins = "caching_sha2_password,parsec" }))

  it_talks("chooses what a login begins with", function(talk)
    local sent = greet(talk, { plugin = "mysql_native_password" })
    assert.is_truthy(sent:find("root\0\32.*caching_sha2_password\0"))
  end, with({ auth_plugins = "caching_sha2_password" }))

  it_talks("lets the server's own plugin begin when it is listed", function(talk)
    local sent = greet(talk, { plugin = "caching_sha2_password" })
    assert.is_truthy(sent:find("caching_sha2_password\0", 1, true))
  end, with({ auth_plugins = "mysql_native_password,caching_sha2_password" }))

  it_talks("refuses a next factor of another one", function(talk)
    greet(talk)
    talk:server(wire.frame(2, "\2parsec\0" .. LONG))
    talk:fails("AUTH", "'parsec', which option auth_plugins does not list")
  end, with({ auth_plugins = "mysql_native_password", password2 = "two" }))

  for _, options in ipairs({
    { auth_plugins = "mysql_native_password,nonsense" },
    { auth_plugin = "nonsense" },
    { auth_plugin = "parsec", auth_plugins = "dialog" },
  }) do
    it("has plugins that exist: " .. (options.auth_plugins or options.auth_plugin), function()
      local config = setmetatable(options, { __index = { user = "root", charset = "utf8mb4" } })
      local session, err = core.session(driver, config, false)
      assert.is_nil(session)
      assert.equal("ARGUMENT", err.code)
      assert.matches("option auth_plugin", err.message)
    end)
  end
end)
