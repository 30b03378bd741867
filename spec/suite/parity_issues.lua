--- What aiomysql's test_issues.py shows, where no other theme does: docs/aiomysql-parity.md.

local assert = require("luassert")
local database = require("spec.suite.database")
local lunasa = require("lunasa")

local failure = database.failure

---@param db spec.Database
return function(db)
  describe("what once went wrong elsewhere:", function()
    db:it("temporal NULLs, and a TIMESTAMP that is none", function(conn)
      local t = db:table(conn, "d DATE, t TIME, dt DATETIME, ts TIMESTAMP DEFAULT NOW()")
      conn:execute(("INSERT INTO %s (d, t, dt) VALUES (NULL, NULL, NULL)"):format(t))
      local row = conn:first("SELECT * FROM " .. t, nil, { datetime = "table", null = "nil" })

      assert.is_true(row.ts.year >= 2024)
      assert.is_nil(next(row, (next(row)))) -- it is the only one
    end)

    db:it("the server's own tables", function(conn)
      local tables = conn:query("SELECT * FROM information_schema.tables")
      local users = conn:query("SELECT * FROM mysql.user")

      assert.is_true(tables.rowcount > 50)
      assert.equal("def", tables[1].TABLE_CATALOG)
      assert.is_true(users.rowcount > 0)
      assert.equal(users.rowcount, #users:column("User"))
    end)

    db:it("a key over several columns, in another engine, and an index made later", function(conn)
      local name = db:table(conn, "n INT") .. "_isam"
      conn:execute("SET sql_mode = ''")
      conn:execute(([[CREATE TABLE %s (station INT NOT NULL DEFAULT 0,
        dh DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', echeance INT NOT NULL DEFAULT 0,
        me DOUBLE DEFAULT NULL, PRIMARY KEY (station, dh, echeance))
        ENGINE=MyISAM DEFAULT CHARSET=latin1]]):format(name))
      assert.equal(0, conn:query("SELECT * FROM " .. name).rowcount)
      conn:execute(("ALTER TABLE %s ADD INDEX idx_station (station)"):format(name))

      assert.equal(0, conn:query("SELECT * FROM " .. name).rowcount)
      assert.same({ 1, 0 }, { conn:execute(("INSERT INTO %s () VALUES ()"):format(name)) })
      assert.equal("0000-00-00 00:00:00", conn:first("SELECT * FROM " .. name).dh)
    end)

    db:it("names that are not ASCII", function(conn)
      conn:execute("CREATE TEMPORARY TABLE `heiße` (`größe` VARCHAR(32))")
      conn:execute("INSERT INTO heiße (größe) VALUES ('Piñata')")

      assert.same({ ["größe"] = "Piñata" }, conn:first("SELECT größe FROM heiße"))
      local err = failure(conn.query, conn, "SELECT größe FROM küche")
      assert.equal(1146, err.errno)
      assert.matches("küche", err.message, 1, true)
    end)

    db:it("a connection that ends itself", function(conn)
      local witness = db:connect()
      local id = conn:thread_id()

      failure(conn.execute, conn, "KILL " .. id)
      failure(conn.query, conn, "SHOW TABLES")

      local listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?"
      while witness:scalar(listed, { id }) > 0 do
        lunasa.sleep(0.001)
      end
      assert.is_true(conn.closed)
    end)

    db:it("a user variable, before and after it has a value", function(conn)
      local res = conn:query("SELECT @lunasa")
      assert.same({ 1, lunasa.null }, { res.rowcount, res:get(1, 1) })
      assert.equal(0, (conn:execute("SET @lunasa = 'bar'")))

      assert.equal("bar", conn:scalar("SELECT @lunasa"))
    end)

    db:it("a WHERE of thousands of comparisons", function(conn)
      local t = db:table(conn, "id INT PRIMARY KEY")
      conn:execute(("INSERT INTO %s VALUES (7)"):format(t))
      local comparisons = {}
      for i = 1, 10000 do
        comparisons[i] = ("%d=%d"):format(i, i)
      end
      local where = table.concat(comparisons, " AND ")

      assert.equal(7, conn:scalar(("SELECT id FROM %s WHERE %s"):format(t, where)))
    end)

    db:it("the end of a CALL, which the next statement does not see", function(conn)
      conn:execute("DROP PROCEDURE IF EXISTS parity_one")
      conn:execute("CREATE PROCEDURE parity_one() BEGIN SELECT 1; END")
      conn:query("CALL parity_one()")

      assert.equal(2, conn:scalar("SELECT 2"))
    end)

    db:it("tables of 200 and of 300 columns", function(conn)
      for _, count in ipairs({ 200, 300 }) do
        local columns = {}
        for i = 1, count do
          columns[i] = ("c%d INT"):format(i)
        end
        local t = db:table(conn, table.concat(columns, ", "))
        conn:execute(("INSERT INTO %s (c%d) VALUES (7)"):format(t, count))

        assert.equal(count, #conn:query("SELECT * FROM " .. t).names)
        assert.equal(7, conn:first("SELECT * FROM " .. t)["c" .. count])
      end
    end)

    db:it("bytes that are no text, in a statement that is", function(conn)
      local t = db:table(conn, "b VARBINARY(20), s VARCHAR(20)")
      local bytes = "\200\200\0'\\\255"
      local res = conn:query(("INSERT INTO %s VALUES (?, ?)"):format(t), {
        lunasa.binary(bytes),
        "ä",
      })

      assert.equal(0, res.warning_count)
      assert.same({ b = bytes, s = "ä" }, conn:first("SELECT * FROM " .. t))
    end)
  end)
end
