--- What a connection knows: its fields, kept current, and the methods that tell.

local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  local server = db.server

  describe("the fields of a connection", function()
    db:it("C26: tell where it goes to, and who is there", function(conn)
      assert.equal(("socket %s:%d"):format(server.host, server.port), conn.host_info)
      assert.equal(conn.host_info, conn:get_host_info())
      assert.equal(10, conn.protocol_version)
      assert.equal(10, conn:get_proto_info())
      assert.equal(conn:scalar("SELECT VERSION()"), conn:get_server_info())
      assert.equal(db.kind, conn.server_vendor)
      local major, minor, patch = conn.server_version:match("^(%d+)%.(%d+)%.(%d+)")
      assert.equal(major * 10000 + minor * 100 + patch, conn.server_version_number)
      assert.equal(conn:scalar("SELECT CONNECTION_ID()"), conn:thread_id())
    end)

    db:it("C26: tell of a unix socket", function()
      local conn = db:closing(lunasa.connect({ unix_socket = server.socket, user = "root" }))

      assert.equal("Localhost via UNIX socket: " .. server.socket, conn.host_info)
    end)

    db:it("tell when it was made and used", function(conn)
      local made, used = conn.connected_time, conn.last_usage
      assert.is_true(made <= lunasa.now() and lunasa.now() - made < 5)

      lunasa.sleep(0.02)
      conn:ping()

      assert.equal(made, conn.connected_time)
      assert.is_true(conn.last_usage > used)
      assert.is_true(conn.last_usage <= lunasa.now())
    end)

    db:it("C9: follow the default database", function(conn)
      assert.same({ db.schema, db.schema }, { conn.database, conn.db })

      conn:select_db("test")
      assert.same({ "test", "test" }, { conn.database, conn.db })

      conn:query(("USE `%s`"):format(db.schema))
      assert.equal(db.schema, conn.db)

      assert.equal(1049, failure(conn.select_db, conn, "lunasa_nowhere").errno)
      assert.equal(db.schema, conn.db)
    end)

    db:it("follow the character set", function()
      local conn = db:connect({ charset = "latin1", collation = "latin1_german1_ci" })
      assert.same(
        { "latin1", "cp1252", "latin1_german1_ci" },
        { conn.charset, conn.encoding, conn.collation }
      )

      conn:set_charset("utf8mb4")
      assert.same({ "utf8mb4", "utf8" }, { conn.charset, conn.encoding })
      assert.is_nil(conn.collation)
      assert.equal("utf8mb4", conn:character_set_name())

      conn:query("SET NAMES ascii")
      assert.equal("ascii", conn.charset)
    end)

    db:it("C12: follow the transaction", function(conn)
      assert.is_false(conn.in_transaction)
      conn:begin()
      assert.is_true(conn.in_transaction)
      assert.equal(1, conn.server_status % 2)
      conn:commit()
      assert.is_false(conn.in_transaction)
      assert.is_false(conn:get_transaction_status())
    end)

    db:it("C12: see the transaction of a SELECT with autocommit off", function()
      local conn = db:connect({ autocommit = false })
      local t = db:table(conn, "v INT")
      assert.is_false(conn:get_transaction_status())

      conn:query("SELECT * FROM " .. t)

      assert.is_true(conn:get_transaction_status())
      conn:rollback()
      assert.is_false(conn:get_transaction_status())
    end)

    db:it("have the flags by their names", function(conn)
      local function has(number, flag)
        return math.floor(number / flag) % 2 == 1
      end

      assert.is_true(has(conn.server_status, lunasa.SERVER_STATUS.STATUS_AUTOCOMMIT))
      assert.is_true(has(conn.server_capabilities, lunasa.CLIENT.PROTOCOL_41))
      assert.is_false(has(conn.server_capabilities, lunasa.CLIENT.FOUND_ROWS))
    end)

    db:it(
      "K21: count warnings, which show_warnings gives, and nothing asks for them",
      function(conn)
        conn:query("SET sql_mode = ''")
        local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v TINYINT")
        conn:execute(("INSERT INTO %s (v) VALUES (1000), (2)"):format(t))

        assert.equal(1, conn.warning_count)
        assert.equal("Records: 2  Duplicates: 0  Warnings: 1", conn.info)
        local warnings = conn:show_warnings()
        assert.equal(1, #warnings)
        assert.same(
          { "Warning", 1264, warnings[1].message },
          { warnings[1].level, warnings[1].code, warnings[1][3] }
        )
        assert.same(warnings[1].code, warnings[1][2])
        assert.matches("Out of range", warnings[1].message)
      end
    )

    db:it("are busy while a statement runs", function(conn)
      assert.is_false(conn.busy)
      local task = lunasa.spawn(conn.query, conn, "SELECT SLEEP(0.05)")
      lunasa.sleep(0)

      assert.is_true(conn.busy)
      task:join()
      assert.is_false(conn.busy)
    end)

    db:it("C18: see that the server closed it, before anybody uses it", function(conn)
      assert.is_false(conn.closed)
      db:connect():kill(conn:thread_id())
      while not conn.closed do
        lunasa.sleep(0.001)
      end

      assert.is_true(failure(conn.query, conn, "SELECT 1"):is_disconnect())
    end)

    db:it("let echo be written", function(conn)
      assert.is_false(conn.echo)
      local messages = require("spec.support.task").logged(function()
        conn.echo = true
        conn:query("SELECT 'shown'")
        conn.echo = false
        conn:query("SELECT 'not shown'")
      end)

      assert.same({ "info: SELECT 'shown'" }, messages)
    end)

    db:it("tell of encryption, and of the login", function()
      local conn = db:connect({ ssl = "required" })

      assert.is_string(conn.ssl_cipher)
      assert.equal(conn.tls_cipher, conn.ssl_cipher)
      assert.is_string(conn.auth_plugin)
      assert.is_nil(db:connect({ ssl = false }).ssl_cipher)
    end)

    db:it("have the names of errors", function(conn)
      local err = failure(conn.query, conn, "selec")

      assert.is_true(err:is(conn.ProgrammingError))
      assert.is_true(err:is(lunasa.ProgrammingError))
      assert.is_true(err:is(lunasa.err.DatabaseError))
      assert.is_true(err:is(lunasa.MySQLError))
      assert.same({ 1064, err.message }, { err[1], err[2] })
      assert.equal(lunasa.ER.PARSE_ERROR, err.errno)
    end)
  end)

  describe("the last statement", function()
    db:it("is counted by affected_rows and insert_id", function(conn)
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v INT")

      conn:execute(("INSERT INTO %s (v) VALUES (1), (2), (3)"):format(t))
      assert.same({ 3, 1 }, { conn:affected_rows(), conn:insert_id() })

      conn:query("SELECT * FROM " .. t)
      assert.same({ 3, 0 }, { conn:affected_rows(), conn:insert_id() })
      assert.equal("", conn.info)

      for _ in conn:rows("SELECT * FROM " .. t) do
      end
      assert.equal(-1, conn:affected_rows())
    end)

    db:it("is none of those that the driver runs", function(conn)
      conn:query("SET sql_mode = ''")
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v TINYINT")
      conn:transaction(function()
        conn:execute(("INSERT INTO %s (v) VALUES (1000)"):format(t))
      end)
      conn:show_warnings()
      conn:ping()
      conn:select_db(db.schema)
      conn:autocommit(false)
      conn:savepoint("a")
      conn:commit()

      assert.same({ 1, 1, 1 }, { conn:affected_rows(), conn:insert_id(), conn.warning_count })
    end)

    db:it("has further results for next_result", function()
      local conn = db:connect({ multi_statements = true, protocol = "text" })
      local t = db:table(conn, "id INT AUTO_INCREMENT PRIMARY KEY, v INT")
      conn:query(("INSERT INTO %s (v) VALUES (1); SELECT 7 AS a; DELETE FROM %s"):format(t, t))

      assert.same({ 1, 1 }, { conn:affected_rows(), conn:insert_id() })
      assert.equal(7, conn:next_result()[1].a)
      assert.same({ 1, 0 }, { conn:affected_rows(), conn:insert_id() })
      assert.equal(1, conn:next_result().affected_rows)
      assert.is_nil(conn:next_result())
    end)

    db:it("K10: has none once another one was run", function()
      local conn = db:connect({ multi_statements = true, protocol = "text" })
      conn:query("SELECT 1; SELECT 2")
      conn:query("SELECT 3")

      assert.is_nil(conn:next_result())
    end)

    db:it("K11: raises where it failed", function()
      local conn = db:connect({ multi_statements = true, protocol = "text" })
      conn:query("SELECT 1; SELECT * FROM nowhere")

      assert.equal(1146, failure(conn.next_result, conn).errno)
      assert.equal(1, conn:scalar("SELECT 1"))
    end)
  end)
end
