--- Identifiers of transactions, which only a server with a binary log has, and servers that track
--- nothing.
local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

local LOG = { "--log-bin=binlog", "--server-id=1" }
local FLAGS = {
  mariadb = LOG,
  mariadb_next = LOG,
  mysql = { "--log-bin=binlog", "--gtid-mode=ON", "--enforce-gtid-consistency=ON" },
}
local FORM = { mariadb = "^%d+%-1%-%d+$", mysql = "^%x+%-.*:%d+$" }

describe("a server with a binary log #live", function()
  server.each(function(db)
    describe(db.name, function()
      local private

      setup(function()
        private = server.throwaway({ name = db.name, flags = FLAGS[db.name] })
      end)

      teardown(function()
        private:down()
      end)

      it(
        "tells the identifier of each commit",
        task(function()
          local conn = lunasa.connect(private.url, { session_track = { gtid = true } })
          conn:query("CREATE TABLE notes (a INT) ENGINE=InnoDB")
          local first = conn:session_state().gtid
          assert.matches(FORM[db.kind], first)
          conn:query("INSERT INTO notes VALUES (1)")
          local second = conn:session_state().gtid
          assert.matches(FORM[db.kind], second)
          assert.are_not.equal(first, second)
          assert.equal("é", conn:scalar("SELECT ?", { "é" }))
          conn:reset()
          conn:query("INSERT INTO notes VALUES (2)")
          assert.matches(FORM[db.kind], conn:session_state().gtid)
          conn:close()
        end)
      )

      it(
        "tells it beside other variables, and beside all",
        task(function()
          for _, variables in ipairs({ { "wait_timeout" }, "*" }) do
            local track = { gtid = true, variables = variables, state_change = true }
            local conn = lunasa.connect(private.url, { session_track = track })
            conn:query("SET wait_timeout = 99")
            conn:query("CREATE OR REPLACE VIEW one AS SELECT 1 AS a")
            local state = conn:session_state()
            assert.equal("99", state.variables.wait_timeout)
            assert.matches(FORM[db.kind], state.gtid)
            conn:close()
          end
        end)
      )
    end)
  end)
end)

describe("a server that tracks nothing #live", function()
  server.each(function(db)
    describe(db.name, function()
      local private

      setup(function()
        private =
          server.throwaway({ name = db.name, flags = { "--session-track-system-variables=" } })
      end)

      teardown(function()
        private:down()
      end)

      for _, statement in ipairs({
        "SET NAMES gbk",
        "/**/SET/**/NAMES gbk",
        "SET character_set_client = gbk",
        "SET CHARACTER SET gbk",
      }) do
        it(
          ("is not trusted with text after %q"):format(statement),
          task(function()
            local conn = lunasa.connect(private.url)
            assert.equal("fine", conn:scalar("SELECT ?", { "fine" }))
            conn:query(statement)
            local ok, err = pcall(conn.scalar, conn, "SELECT ?", { "\xbf'" })
            assert.is_false(ok)
            assert.matches("cannot be escaped safely", tostring(err))
            conn:set_charset("utf8mb4")
            assert.equal("é", conn:scalar("SELECT ?", { "é" }))
            conn:close()
          end)
        )
      end

      -- A MariaDB that was started so cannot be talked out of it.
      local wakes = db.kind == "mysql" and it or function() end
      wakes(
        "tracks what the option asks for",
        task(function()
          local conn = lunasa.connect(private.url, { session_track = {} })
          conn:query("SET NAMES latin1")
          assert.equal("latin1", conn:session_state().variables.character_set_client)
          assert.equal("\233", conn:scalar("SELECT ?", { "\233" }))
          conn:close()
        end)
      )
    end)
  end)
end)

describe("connection attributes #live", function()
  it(
    "C24: are seen by MySQL's performance schema",
    task(function()
      local private = server.throwaway({
        name = "mysql",
        flags = {
          "--performance-schema=ON",
          "--performance-schema-session-connect-attrs-size=65536",
        },
      })
      local conn = lunasa.connect(private.url, {
        program_name = "spec",
        connect_attrs = { ["ключ"] = "значение", empty = "", long = ("x"):rep(1000) },
      })
      local seen = {}
      local sql = "SELECT ATTR_NAME, ATTR_VALUE FROM performance_schema.session_connect_attrs "
        .. "WHERE PROCESSLIST_ID = CONNECTION_ID()"
      for name, value in conn:query(sql):values() do
        seen[name] = value
      end
      assert.equal("lunasa", seen._client_name)
      assert.equal("spec", seen.program_name)
      assert.equal("значение", seen["ключ"])
      assert.equal(("x"):rep(1000), seen.long)
      assert.is_truthy(seen.empty == "" or seen.empty == lunasa.null)
      conn:close()
      private:down()
    end)
  )
end)
