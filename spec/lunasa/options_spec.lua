local errors = require("lunasa.error")
local options = require("lunasa.options")

--- Stands for lunasa.connect: the position of a mistake is that of its caller.
local function connect(...)
  local config = options.connect(...)
  return config
end

local function problem_of(work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok)
  assert.is_true(errors.is_error(err, "ArgumentError"))
  return err.message
end

describe("lunasa.options", function()
  local getenv = os.getenv
  local environment

  before_each(function()
    environment = { USER = "me" }
    os.getenv = function(name) -- luacheck: ignore 122
      return environment[name]
    end
  end)

  after_each(function()
    os.getenv = getenv -- luacheck: ignore 122
    options.set_default_url(nil)
  end)

  describe(".connect", function()
    it("fills in every default", function()
      assert.same({
        autocommit = nil,
        bigint = "auto",
        bit = "string",
        cancel = "kill",
        cancel_timeout = 2,
        stream_discard_limit = 2 ^ 20,
        tinyint1 = "number",
        local_infile = false,
        charset = "utf8mb4",
        connect_attrs = {},
        connect_timeout = 10,
        datetime = "string",
        decimal = "string",
        dialect = "mysql",
        echo = false,
        errors = "object",
        found_rows = false,
        get_server_public_key = false,
        host = "h",
        host_policy = "order",
        json = "string",
        max_allowed_packet = 1073741824,
        max_stmt_length = 1024000,
        compress = false,
        compress_threshold = 150,
        multi_statements = false,
        null = "null",
        paramstyle = "qmark",
        password = "",
        port = 3306,
        protocol = "text",
        statement_cache_size = 256,
        ssl = { mode = "preferred" },
        user = "me",
      }, connect({ host = "h" }))
    end)

    it("knows what people call character sets", function()
      assert.equal("utf8mb4", connect({ host = "h", charset = "utf8" }).charset)
      assert.equal("utf8mb4", connect({ host = "h", charset = "UTF-8" }).charset)
      assert.equal("latin1", connect({ host = "h", charset = "iso-8859-1" }).charset)
      assert.equal("utf8mb3", connect({ host = "h", charset = "utf8mb3" }).charset)
    end)

    it("reads several hosts", function()
      local hosts = connect({
        hosts = { "a", "b:3307", "[::1]:3308", "::1", { host = "c" } },
        port = 1,
      }).hosts

      assert.same({
        { host = "a" },
        { host = "b", port = 3307 },
        { host = "::1", port = 3308 },
        { host = "::1" },
        { host = "c" },
      }, hosts)
      assert.same({ { host = "a" }, { host = "b" } }, connect("mysql://u@/d?hosts=a,b").hosts)
    end)

    it("accepts and ignores what means nothing here", function()
      local config = connect({ host = "h", use_unicode = true, loop = {}, serialize = true })

      assert.equal("h", config.host)
    end)

    it("takes other names of options", function()
      local config = connect({ host = "h", query_timeout = 3, stmt_cache = 9, cancel = "close" })

      assert.same(
        { 3, 9, 0 },
        { config.timeout, config.statement_cache_size, config.cancel_timeout }
      )
    end)

    it("turns client flags into options where there are such", function()
      local config = connect({ host = "h", client_flag = { "CLIENT_FOUND_ROWS", "interactive" } })

      assert.is_true(config.found_rows)
      assert.same({ FOUND_ROWS = 2, INTERACTIVE = 1024 }, config.client_flag)
      assert.is_true(connect({ host = "h", client_flag = 65536 }).multi_statements)
    end)

    it("gives a fresh table and leaves the given ones alone", function()
      local given = { host = "h", connect_attrs = { a = "b" }, ssl = { ca = "x" } }

      local config = connect(given)

      config.connect_attrs.a, config.ssl.mode = "c", "disabled"
      assert.same({ host = "h", connect_attrs = { a = "b" }, ssl = { ca = "x" } }, given)
      assert.not_equal(config, connect(given))
    end)

    it("finds a user in the environment", function()
      environment = { LOGNAME = "other" }
      assert.equal("other", connect({ host = "h" }).user)
      environment = {}
      assert.equal("root", connect({ host = "h" }).user)
    end)

    it("drops host and port for a unix socket", function()
      local config = connect({ unix_socket = "/run/s", port = 3307 })

      assert.is_nil(config.host)
      assert.is_nil(config.port)
      assert.same({ mode = "disabled" }, config.ssl)
    end)

    it("takes other names of options", function()
      local config = connect({ db = "d", passwd = "p", socket = "/s" })

      assert.same({ "d", "p", "/s" }, { config.database, config.password, config.unix_socket })
    end)

    it("keeps false apart from nothing", function()
      assert.is_false(connect({ host = "h", autocommit = false }).autocommit)
      assert.is_false(connect({ host = "h", connect_timeout = false }).connect_timeout)
      assert.is_nil(connect({ host = "h" }).timeout)
    end)
  end)

  describe("a URL", function()
    it("gives parts, and options with their types", function()
      local config = connect(
        "mariadb://u:p%40@h:3307/d?connect_timeout=2.5&echo=on&multi_statements"
          .. "&max_allowed_packet=65536&charset=latin1&timeout=off"
      )

      assert.equal("mariadb", config.dialect)
      assert.same(
        { "u", "p@", "h", 3307, "d" },
        { config.user, config.password, config.host, config.port, config.database }
      )
      assert.same({ 2.5, true, true, 65536, "latin1", false }, {
        config.connect_timeout,
        config.echo,
        config.multi_statements,
        config.max_allowed_packet,
        config.charset,
        config.timeout,
      })
    end)

    it("names algorithms of compression with commas", function()
      local function compress(text)
        return connect("mysql://h?compress=" .. text).compress
      end
      assert.same({ "zstd", "zlib" }, compress("true"))
      assert.same({ "zlib", "zstd" }, compress("zlib,zstd"))
      assert.same({ "zlib" }, compress("zlib"))
      assert.is_false(compress("false"))
      for _, wrong in ipairs({ "lz4", "", "zlib,", "zlib,zlib", "zstd,zlib,zstd" }) do
        assert.is_false(pcall(compress, wrong), wrong)
      end
      local twice = { "zlib", "zlib" }
      for _, wrong in ipairs({ {}, { 1 }, { a = "zlib" }, twice, { [2] = "zlib" }, 1 }) do
        assert.is_false(pcall(connect, { host = "h", compress = wrong }))
      end
    end)

    it("may name a socket, under both names", function()
      assert.equal("/s", connect("mysql:///d?unix_socket=/s").unix_socket)
      assert.equal("/s", connect("mysql://u@localhost/d?socket=/s").unix_socket)
    end)

    it("is overruled by a table", function()
      local config = connect("mysql://u:p@h/d?charset=latin1", { charset = "ascii", user = "v" })

      assert.same({ "v", "h", "ascii" }, { config.user, config.host, config.charset })
      assert.equal("h", connect({ url = "mysql://u@i/d", host = "h" }).host)
    end)

    it("loses its socket to a host in a table", function()
      local config = connect("mysql:///d?socket=/s", { host = "h" })

      assert.is_nil(config.unix_socket)
      assert.equal("h", config.host)
    end)

    for text, message in pairs({
      ["mysq://h"] = "unknown scheme 'mysq' — did you mean 'mysql'?",
      ["postgresql://h"] = "unknown scheme 'postgresql'",
      ["mysql://h?usr=x"] = "unknown option 'usr' — did you mean 'user'?",
      ["mysql://u@h?user=root"] = "option 'user' is in the URL already",
      ["mysql://h/d?db=e"] = "option 'db' is in the URL already",
      ["mysql://h?echo=maybe"] = "option 'echo' must be a boolean, got string",
      ["mysql://h?connect_timeout=soon"] = "option 'connect_timeout' must be a number of seconds, "
        .. "or false, got string",
      ["mysql://h?connect_attrs=x"] = "option 'connect_attrs' must be a table of strings by name, "
        .. "got string",
    }) do
      it("is refused: " .. text, function()
        assert.equal(message, problem_of(connect, text))
      end)
    end

    it("that is bad shows no password", function()
      assert.is_nil(problem_of(connect, "mysql://u:secret"):find("secret", 1, true))
    end)
  end)

  describe("the default URL", function()
    it("is the one that was set, before LUNASA_URL", function()
      environment.LUNASA_URL = "mysql://env/d"
      assert.equal("env", connect().host)

      options.set_default_url("mysql://set/d")
      assert.equal("set", connect().host)
    end)

    it("also serves a table that names no server", function()
      options.set_default_url("mysql://u:p@set/d")

      local config = connect({ echo = true })

      assert.same({ "set", true }, { config.host, config.echo })
    end)

    it("never receives the credentials meant for another server", function()
      options.set_default_url("mysql://set/d")

      for _, named in ipairs({ "user", "password", "passwd", "database", "db" }) do
        assert.equal("localhost", connect({ [named] = "x" }).host)
      end
      assert.equal("localhost", connect({ port = 3307 }).host)
    end)

    it("is missed with an explanation", function()
      environment.LUNASA_URL = ""

      assert.matches("^no database is named: give a URL such as ", problem_of(connect))
      assert.matches("^no database is named", problem_of(connect, {}))
    end)
  end)

  describe("a mistake", function()
    for _, case in ipairs({
      { { usr = "x", host = "h" }, "unknown option 'usr' — did you mean 'user'?" },
      { { username = "x", host = "h" }, "unknown option 'username' — did you mean 'user'?" },
      { { hostname = "h" }, "unknown option 'hostname' — did you mean 'host'?" },
      { { colour = 1, host = "h" }, "unknown option 'colour'" },
      { { "h", host = "h" }, "unknown option '1'" },
      { { maxsize = 1, host = "h" }, "option 'maxsize' belongs to lunasa.create_pool" },
      { { pool_recycle = 1, host = "h" }, "option 'pool_recycle' belongs to lunasa.create_pool" },
      {
        { port = "3306" },
        "option 'port' must be an integer from 1 to 65535, got string",
      },
      { { port = 0 }, "option 'port' must be an integer from 1 to 65535, got number" },
      { { port = 1.5 }, "option 'port' must be an integer from 1 to 65535, got number" },
      {
        { password = 1234 },
        "option 'password' must be a string without NUL bytes, or a function, got number",
      },
      {
        { charset = "utf8mb5", host = "h" },
        "unknown character set 'utf8mb5' — did you mean 'utf8mb3'?",
      },
      {
        { charset = "utf16", host = "h" },
        "the character set utf16 cannot be a client's: use utf8mb4",
      },
      {
        { session = { sql_mode = "ANSI" }, host = "h" },
        "option 'session' cannot set sql_mode: use the option 'sql_mode'",
      },
      {
        { session = { ["a = 1, b"] = 1 }, host = "h" },
        "option 'session' must be a table of strings, numbers and booleans by names of session "
          .. "variables, got table",
      },
      {
        { client_flag = "SSL", host = "h" },
        "option 'client_flag' cannot have SSL: use the option ssl",
      },
      {
        { client_flag = 32, host = "h" },
        "option 'client_flag' cannot have COMPRESS: use compress = true",
      },
      {
        { client_flag = "NOTHING", host = "h" },
        "option 'client_flag' must be a number, or names of client flags such as 'FOUND_ROWS', got "
          .. "string",
      },
      {
        { isolation_level = "none", host = "h" },
        "option 'isolation_level' must be 'read uncommitted', 'read committed', 'repeatable read' "
          .. "or 'serializable', got string",
      },
      {
        { hosts = {} },
        "option 'hosts' must be a list of 'host', 'host:port' or { host = …, port = … }, with at "
          .. "least one, got table",
      },
      {
        { bind_address = "somewhere", host = "h" },
        "option 'bind_address' must be an address in numbers, such as '192.0.2.1', got string",
      },
      {
        { allow_cleartext = true, host = "h" },
        "option 'allow_cleartext' cannot be true: a password in clear leaves over TLS with a "
          .. "verified certificate (ssl = true) or a unix socket, where no option is needed, and "
          .. "nowhere else",
      },
      { { user = "a\0b" }, "option 'user' must be a string without NUL bytes, got string" },
      { { host = true }, "option 'host' must be a string without NUL bytes, got boolean" },
      {
        { charset = "x' y", host = "h" },
        "unknown character set 'x??y'",
      },
      {
        { bigint = "str", host = "h" },
        "option 'bigint' must be one of 'auto', 'int64', 'string', 'number', got 'str'",
      },
      {
        { timeout = -1, host = "h" },
        "option 'timeout' must be a number of seconds, or false, got number",
      },
      {
        { connect_timeout = 0 / 0, host = "h" },
        "option 'connect_timeout' must be a number of seconds, or false, got number",
      },
      {
        { cancel_timeout = false, host = "h" },
        "option 'cancel_timeout' must be a number of seconds, got boolean",
      },
      { { autocommit = 1, host = "h" }, "option 'autocommit' must be a boolean, got number" },
      {
        { connect_attrs = { 1 }, host = "h" },
        "option 'connect_attrs' must be a table of strings by name, got table",
      },
    }) do
      it("is explained: " .. case[2], function()
        assert.equal(case[2], problem_of(connect, case[1]))
      end)
    end

    it("is that of giving one option under two names", function()
      local message = problem_of(connect, { db = "a", database = "b" })

      assert.matches("^options '%w+' and '%w+' are the same$", message)
    end)

    it("is that of giving neither a URL nor a table", function()
      assert.equal("a URL or a table of options is needed, got number", problem_of(connect, 5))
    end)

    it("is placed where lunasa.connect was called", function()
      local line = debug.getinfo(1, "l").currentline + 2
      local ok, err = pcall(function()
        local config = connect({ usr = "x" })
        return config
      end)

      assert.is_false(ok)
      assert.matches("options_spec.lua:" .. line .. "$", err.position)
    end)
  end)

  describe("ssl", function()
    local function ssl_of(ssl, more)
      local given = { host = "h", ssl = ssl }
      for name, value in pairs(more or {}) do
        given[name] = value
      end
      return connect(given).ssl
    end

    it("is preferred over TCP and off over a unix socket", function()
      assert.same({ mode = "preferred" }, ssl_of(nil))
      assert.same({ mode = "disabled" }, connect({ unix_socket = "/s" }).ssl)
    end)

    it("is off only when told so", function()
      assert.same({ mode = "disabled" }, ssl_of(false))
      assert.same({ mode = "disabled" }, ssl_of({ mode = "disabled" }))
    end)

    it("verifies the name whenever it is asked for without a mode", function()
      assert.same({ mode = "verify-identity" }, ssl_of(true))
      assert.same({ mode = "verify-identity" }, ssl_of({}))
      assert.same({ mode = "verify-identity", ca = "ca.pem" }, ssl_of({ ca = "ca.pem" }))
      assert.same({ mode = "verify-identity", ca = "x" }, ssl_of(nil, { ssl_ca = "x" }))
    end)

    it("takes a mode as text, in MySQL's spelling too", function()
      assert.same({ mode = "required" }, ssl_of("required"))
      assert.same({ mode = "verify-ca" }, ssl_of({ mode = "VERIFY_CA" }))
    end)

    it("is put together from a URL", function()
      local function of(query)
        return connect("mysql://h?" .. query).ssl
      end

      assert.same({ mode = "verify-identity" }, of("ssl=true"))
      assert.same({ mode = "disabled" }, of("ssl=off"))
      assert.same({ mode = "required" }, of("ssl=required"))
      assert.same({ mode = "verify-ca", ca = "/c" }, of("ssl_mode=VERIFY_CA&ssl_ca=/c"))
      assert.same({ mode = "verify-identity", server_name = "n" }, of("ssl&ssl_server_name=n"))
    end)

    it("takes a certificate of the client", function()
      local ssl = connect("mysql://h?ssl_cert=/c&ssl_key=/k").ssl

      assert.same({ mode = "verify-identity", cert = "/c", key = "/k" }, ssl)
      assert.equal("p", ssl_of({ cert = "/c", key = "/k", key_password = "p" }).key_password)
    end)

    it("in a table replaces all that a URL says", function()
      local config = connect("mysql://h?ssl_mode=required&ssl_ca=/c", { ssl = { ca = "/d" } })

      assert.same({ mode = "verify-identity", ca = "/d" }, config.ssl)
    end)

    it("needs a name to verify over a unix socket", function()
      assert.equal(
        "option 'ssl' needs a server_name to verify over a unix socket",
        problem_of(connect, { unix_socket = "/s", ssl = true })
      )
      assert.equal(
        "db1",
        connect({ unix_socket = "/s", ssl = { server_name = "db1" } }).ssl.server_name
      )
    end)

    it("refuses what it does not know", function()
      assert.matches("must be one of disabled, preferred", problem_of(ssl_of, "verify"))
      assert.matches("must be one of disabled, preferred", problem_of(ssl_of, { mode = "on" }))
      assert.matches("a table of strings by name: mode, ca", problem_of(ssl_of, { cafile = "x" }))
      assert.matches("a table of strings by name: mode, ca", problem_of(ssl_of, { ca = true }))
      assert.matches("a boolean, a mode or a table, got number", problem_of(ssl_of, 1))
    end)
  end)

  describe(".pool", function()
    it("fills in the defaults of a pool, apart from its connections'", function()
      local config, pool_config = options.pool("mysql://h", { maxsize = 3, echo = true })

      assert.same({
        acquire_timeout = 30,
        maxsize = 3,
        minsize = 1,
        order = "lifo",
        pre_ping = false,
        reset_on_release = "rollback",
      }, pool_config)
      assert.is_true(config.echo)
      assert.is_nil(config.maxsize)
    end)

    it("takes pool_recycle, and -1 for never", function()
      local _, recycled = options.pool("mysql://h", { pool_recycle = 60 })
      local _, kept = options.pool("mysql://h", { pool_recycle = -1 })

      assert.equal(60, recycled.max_lifetime)
      assert.is_false(kept.max_lifetime)
    end)

    it("takes no limit, and seconds before a ping", function()
      local _, pool_config = options.pool("mysql://h?maxsize=0&acquire_timeout=off&pre_ping=5")

      assert.equal(0, pool_config.maxsize)
      assert.is_false(pool_config.acquire_timeout)
      assert.equal(5, pool_config.pre_ping)
    end)

    it("refuses sizes that cannot be", function()
      assert.equal(
        "minsize should be zero or greater",
        problem_of(options.pool, "mysql://h", { minsize = -1 })
      )
      assert.equal(
        "maxsize should be not less than minsize",
        problem_of(options.pool, "mysql://h", { minsize = 5, maxsize = 4 })
      )
      assert.equal(
        "option 'on_connect' must be a function, got string",
        problem_of(options.pool, "mysql://h?on_connect=x")
      )
    end)
  end)

  describe(".call", function()
    it("gives back the table that it checked", function()
      local given = { rows = "array", timeout = false, null = "nil" }

      assert.equal(given, options.call(given))
    end)

    it("refuses what a call cannot change", function()
      assert.equal(
        "unknown option 'rwos' — did you mean 'rows'?",
        problem_of(options.call, { rwos = "array" })
      )
      assert.equal(
        "option 'multi_statements' belongs to lunasa.connect",
        problem_of(options.call, { multi_statements = true })
      )
      assert.equal(
        "option 'rows' must be one of 'dict', 'array', got 'list'",
        problem_of(options.call, { rows = "list" })
      )
      assert.equal("options must be a table, got string", problem_of(options.call, "array"))
    end)
  end)
end)
