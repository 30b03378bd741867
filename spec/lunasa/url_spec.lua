local errors = require("lunasa.error")
local url = require("lunasa.url")

local function parts_of(text)
  local parts = {}
  for name, value in pairs(url.parse(text)) do
    parts[name] = value
  end
  return parts
end

describe("lunasa.url", function()
  describe(".parse", function()
    it("reads every part", function()
      assert.same({
        scheme = "mysql",
        user = "user",
        password = "pw",
        host = "host",
        port = 3307,
        database = "db",
        options = { charset = "utf8mb4", echo = "true" },
      }, parts_of("mysql://user:pw@host:3307/db?charset=utf8mb4&echo"))
    end)

    for text, wanted in pairs({
      ["mysql://"] = { scheme = "mysql", options = {} },
      ["mysql:///"] = { scheme = "mysql", options = {} },
      ["mysql:///db"] = { scheme = "mysql", database = "db", options = {} },
      ["mysql://h"] = { scheme = "mysql", host = "h", options = {} },
      ["mysql://h:/"] = { scheme = "mysql", host = "h", options = {} },
      ["MariaDB://h?"] = { scheme = "mariadb", host = "h", options = {} },
      ["mysql+lunasa://u@/db"] = { scheme = "mysql", user = "u", database = "db", options = {} },
      ["mysql://u:@h"] = { scheme = "mysql", user = "u", host = "h", options = {} },
      ["mysql://[::1]:33"] = { scheme = "mysql", host = "::1", port = 33, options = {} },
      ["mysql://[fe80::1]/d"] = {
        scheme = "mysql",
        host = "fe80::1",
        database = "d",
        options = {},
      },
      ["mysql:///d?socket=/run/my.sock"] = {
        scheme = "mysql",
        database = "d",
        options = { socket = "/run/my.sock" },
      },
      ["mysql://h?a=&b=x=y&&c=%26"] = {
        scheme = "mysql",
        host = "h",
        options = { a = "", b = "x=y", c = "&" },
      },
    }) do
      it("reads " .. text, function()
        assert.same(wanted, parts_of(text))
      end)
    end

    it("decodes every part, and leaves '+' alone", function()
      local parts = parts_of("mysql://u%40x:p%2F%3A%23+%C3%A9@h%2Dx/d%20b?%61=%25")

      assert.equal("u@x", parts.user)
      assert.equal("p/:#+é", parts.password)
      assert.equal("h-x", parts.host)
      assert.equal("d b", parts.database)
      assert.same({ a = "%" }, parts.options)
    end)

    it("lets a password hold ':' and '@' undecoded", function()
      local parts = parts_of("mysql://u:a:b@c@h")

      assert.equal("a:b@c", parts.password)
      assert.equal("h", parts.host)
    end)

    for text, pattern in pairs({
      [""] = "does not begin with a scheme",
      ["localhost/db"] = "does not begin with a scheme",
      ["mysql:/db"] = "does not begin with a scheme",
      ["mysql+pymysql://h"] = "the driver 'pymysql'",
      ["mysql://u:secret"] = "the port is not a number",
      ["mysql://u:secret@h:0"] = "the port is not a number",
      ["mysql://u:secret@h:65536"] = "the port is not a number",
      ["mysql://u:secret@[::1"] = "the port is not a number",
      ["mysql://u:secret@::1"] = "the port is not a number",
      ["mysql://u:12/secret@h"] = "an '@' not percent%-encoded",
      ["mysql://u:12?secret@h"] = "an '@' not percent%-encoded",
      ["mysql://u:12#secret@h"] = "space or '#'",
      ["mysql://u:a secret@h"] = "space or '#'",
      ["mysql://u:secret%@h"] = "the password is not percent%-encoded properly",
      ["mysql://u:secret%0g@h"] = "the password is not percent%-encoded properly",
      ["mysql://u:secret%00@h"] = "the password is not percent%-encoded properly",
      ["mysql://h/secret/b"] = "a '/' too many",
      ["mysql://h?a=1&a=2"] = "the option 'a' is given twice",
      ["mysql://h?a=%"] = "an option is not percent%-encoded properly",
    }) do
      it(("refuses '%s' without showing a secret"):format(text), function()
        local ok, err = pcall(url.parse, text)

        assert.is_false(ok)
        assert.is_true(errors.is_error(err, "ArgumentError"))
        assert.matches(pattern, err.message)
        assert.is_nil(tostring(err):find("secret", 1, true))
      end)
    end

    it("refuses what is no string", function()
      assert.error_matches(function()
        url.parse({})
      end, "it is not a string but a table")
    end)
  end)

  describe(".build", function()
    for _, text in ipairs({
      "mysql://",
      "mysql:///db",
      "mysql://u@h",
      "mariadb://u%40x:p%2F%3A@[::1]:3307/d%20b?a=%26&socket=/run/s",
    }) do
      it("gives back " .. text, function()
        assert.equal(text, url.build(url.parse(text)))
      end)
    end

    it("writes a URL of a plain table", function()
      assert.equal("mysql://:p@h", url.build({ host = "h", password = "p" }))
    end)
  end)

  describe("tostring", function()
    it("hides the password", function()
      assert.equal("mysql://u:***@h/db", tostring(url.parse("mysql://u:p%40@h/db")))
    end)
  end)

  describe(".redact", function()
    for text, wanted in pairs({
      ["nothing here"] = "nothing here",
      ["mysql://h:3306/db"] = "mysql://h:3306/db",
      ["mysql://[::1]:3306/db"] = "mysql://[::1]:3306/db",
      ["mysql://u@h"] = "mysql://u@h",
      ["to mysql://u:p@h/db, 'mysql://v:q@i'"] = "to mysql://u:***@h/db, 'mysql://v:***@i'",
      ["mysql://u:p@q/r?s@h/db"] = "mysql://u:***@h/db",
      ["mysql://u:forgot-the-host"] = "mysql://u:***",
      ["mysql://h/d?password=p&a=1&passwd=q"] = "mysql://h/d?password=***&a=1&passwd=***",
    }) do
      it("turns " .. text .. " into " .. wanted, function()
        assert.equal(wanted, url.redact(text))
      end)
    end
  end)
end)
