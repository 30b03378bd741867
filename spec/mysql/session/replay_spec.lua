local conversation = require("spec.mysql.session.conversation")
local fixture = require("spec.mysql.fixture")

local function config(user, password, more)
  local all = {
    user = user,
    password = password,
    database = "test",
    connect_attrs = { program_name = "spec" },
  }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

local function results(server)
  local commands = { "SET @a = 1", "SELECT @a" }
  return {
    server .. "-results",
    config("root", "", { multi_statements = true, init_commands = commands }),
  }
end

local function idle(server)
  return { server .. "-idle", config("root", "", { init_commands = { "SET wait_timeout = 1" } }) }
end

local MARIADB, MYSQL = "mariadb-10.11.19", "mysql-9.7.4"
local TLS = { tls = "required" }

local CONVERSATIONS = {
  { MARIADB .. "-commands", config("root", "") },
  { MARIADB .. "-eof", config("root", "") },
  { MARIADB .. "-native", config("native", "native-pw") },
  { MARIADB .. "-refused", config("native", "wrong") },
  {
    MARIADB .. "-switch",
    config("native", "native-pw", { auth_plugin = "caching_sha2_password" }),
  },
  { MARIADB .. "-tls", config("tls", "tls-pw", TLS) },
  results(MARIADB),
  idle(MARIADB),
  { MYSQL .. "-commands", config("root", "") },
  { MYSQL .. "-eof", config("root", "") },
  { MYSQL .. "-sha2-empty", config("sha2empty", "") },
  { MYSQL .. "-sha2-fast", config("sha2", "sha2-pw") },
  { MYSQL .. "-sha2-key", config("sha2", "sha2-pw", { get_server_public_key = true }) },
  { MYSQL .. "-sha2-refused", config("longpw", ("x"):rep(240)) },
  { MYSQL .. "-sha2-socket", config("home", "home-pw", { database = "home" }), true },
  { MYSQL .. "-sha2-tls", config("tls", "tls-pw", TLS) },
  { MYSQL .. "-sha256", config("sha256", "sha256-pw") },
  { MYSQL .. "-switch", config("sha2", "sha2-pw", { auth_plugin = "mysql_native_password" }) },
  results(MYSQL),
  idle(MYSQL),
}

local function every_prefix(name, options, is_local)
  local steps = fixture.load(name)
  for cut = 1, #steps do
    if steps[cut].who == "server" then
      for size = 0, #steps[cut].bytes - 1 do
        local talk = conversation.new(options, is_local)
        for i = 1, cut - 1 do
          conversation.play(steps[i], talk)
        end
        talk:server(steps[cut].bytes:sub(1, size))
        talk.session:hangup()
        talk:wants("closed")
      end
    end
  end
end

describe("a session with a real server", function()
  for _, case in ipairs(CONVERSATIONS) do
    local name, options, is_local = case[1], case[2], case[3]

    conversation.it("says again what it said in " .. name, function(talk)
      conversation.replay(name, talk)
    end, options, is_local)

    it("is over wherever the server stops in " .. name, function()
      every_prefix(name, options, is_local)
    end)
  end
end)
