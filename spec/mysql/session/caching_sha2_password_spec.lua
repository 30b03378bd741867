local conversation = require("spec.mysql.session.conversation")
local wire = require("spec.mysql.wire")

local it_talks = conversation.it
local FAST, FULL = "\1\3", "\1\4"
local KEY_REQUEST = "\1\0\0\3\2"
local SECRET = { password = "secret" }

local function with(options)
  options.password = options.password or "secret"
  return options
end

local function greet(talk)
  talk:server(wire.frame(0, wire.greeting({ plugin = "caching_sha2_password" })))
  return talk:output()
end

local function shell(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function with_file(content, use)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  local result = use(path)
  os.remove(path)
  return result
end

-- The password in an RSA answer: OAEP, then the scramble over it again and again.
local function decrypt(answer, private_key)
  local masked = with_file(answer, function(answer_path)
    return with_file(private_key, function(key_path)
      return shell(
        ("openssl pkeyutl -decrypt -inkey %s -in %s -pkeyopt rsa_padding_mode:oaep"):format(
          key_path,
          answer_path
        )
      )
    end)
  end)
  local bit = require("bit")
  local at = 0
  return (
    masked:gsub(".", function(byte)
      local mask = wire.SCRAMBLE:byte(at % #wire.SCRAMBLE + 1)
      at = at + 1
      return string.char(bit.bxor(byte:byte(), mask))
    end)
  )
end

local function new_key(kind)
  local private = shell("openssl genpkey 2>/dev/null -algorithm " .. kind)
  local public = with_file(private, function(path)
    return shell("openssl pkey -pubout -in " .. path)
  end)
  return private, public
end

local private_key, public_key = new_key("RSA -pkeyopt rsa_keygen_bits:2048")

describe("caching_sha2_password", function()
  it_talks("sends a digest, and is in when the server knows it", function(talk)
    assert.is_truthy(greet(talk):find("root\0\32", 1, true))
    talk:server(wire.frame(2, FAST))
    talk:client_sends("")
    talk:server(wire.frame(3, wire.ok()))
    assert.equal("open", (talk.session:state()))
  end, SECRET)

  it_talks("sends nothing for no password", function(talk)
    assert.is_truthy(greet(talk):find("root\0\0caching_sha2_password", 1, true))
    talk:server(wire.frame(2, wire.ok()))
    assert.equal("open", (talk.session:state()))
  end)

  it_talks("sends the password inside TLS", function(talk)
    greet(talk)
    talk.session:encrypted(false)
    talk:output()
    talk:server(wire.frame(3, FULL))
    talk:client_sends(wire.frame(4, "secret\0"))
    talk:server(wire.frame(5, wire.ok()))
    assert.equal("open", (talk.session:state()))
  end, with({ tls = "required" }))

  it_talks("sends the password over a unix socket", function(talk)
    greet(talk)
    talk:server(wire.frame(2, FULL))
    talk:client_sends(wire.frame(3, "secret\0"))
  end, SECRET, true)

  it_talks("sends the password to nobody who might be overheard", function(talk)
    greet(talk)
    talk:server(wire.frame(2, FULL))
    talk:fails("AUTH", "not encrypted")
    talk:client_sends("")
  end, SECRET)

  it_talks("keeps the password from a server that was to have TLS and has none", function(talk)
    talk:server(wire.frame(
      0,
      wire.greeting({
        plugin = "caching_sha2_password",
        capabilities = wire.ALL - wire.CAPABILITY.SSL,
      })
    ))
    talk:output()
    talk:server(wire.frame(2, FULL))
    talk:fails("AUTH", "not encrypted")
  end, with({ tls = "preferred" }))

  it_talks("encrypts the password under the key it was given", function(talk)
    greet(talk)
    talk:server(wire.frame(2, FULL))
    local answer = talk:output()
    assert.equal("\0\1\0\3", answer:sub(1, 4))
    assert.equal("secret\0", decrypt(answer:sub(5), private_key))
  end, with({ server_public_key = public_key }))

  it_talks("encrypts the password under the key that it asked for", function(talk)
    greet(talk)
    talk:server(wire.frame(2, FULL))
    talk:client_sends(KEY_REQUEST)
    talk:server(wire.frame(4, "\1" .. public_key))
    local answer = talk:output()
    assert.equal("\0\1\0\5", answer:sub(1, 4))
    assert.equal(("x"):rep(200) .. "\0", decrypt(answer:sub(5), private_key))
  end, with({ password = ("x"):rep(200), get_server_public_key = true }))

  it_talks("refuses a password that the key cannot hold", function(talk)
    greet(talk)
    talk:server(wire.frame(2, FULL))
    talk:fails("AUTH", "too long for the server's RSA key")
    talk:client_sends("")
  end, with({ password = ("x"):rep(214), server_public_key = public_key }))

  for name, key in pairs({
    ["nothing"] = "",
    ["garbage"] = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ["half a key"] = public_key:sub(1, #public_key / 2),
    ["a short key"] = select(2, new_key("RSA -pkeyopt rsa_keygen_bits:1024")),
    ["a key for curves"] = select(2, new_key("ED25519")),
    ["our own private key"] = private_key,
  }) do
    it_talks("encrypts nothing under " .. name, function(talk)
      greet(talk)
      talk:server(wire.frame(2, FULL))
      talk:client_sends(KEY_REQUEST)
      talk:server(wire.frame(4, "\1" .. key))
      talk:fails("AUTH", "not an RSA key")
      talk:client_sends("")
    end, with({ get_server_public_key = true }))
  end

  for name, payloads in pairs({
    ["no data"] = { "\1" },
    ["an unknown state"] = { "\1\5" },
    ["two states at once"] = { "\1\3\3" },
    ["a key that nobody asked for"] = { "\1" .. public_key },
    ["success twice"] = { FAST, FAST },
    ["a demand after success"] = { FAST, FULL },
  }) do
    it_talks("refuses " .. name, function(talk)
      greet(talk)
      for i, payload in ipairs(payloads) do
        talk:server(wire.frame(1 + i, payload))
      end
      talk:fails("PROTOCOL", "unexpected data in caching_sha2_password")
      talk:client_sends("")
    end, with({ server_public_key = public_key }))
  end

  it_talks("sends the password once", function(talk)
    greet(talk)
    talk:server(wire.frame(2, FULL))
    talk:client_sends(wire.frame(3, "secret\0"))
    talk:server(wire.frame(4, FULL))
    talk:fails("PROTOCOL", "unexpected data")
    talk:client_sends("")
  end, SECRET, true)
end)
