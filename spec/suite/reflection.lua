--- Reflection: what servers say of their tables, and tables made of that again.

local assert = require("luassert")
local clean_schema = require("spec.support.clean_schema")
local database = require("spec.suite.database")
local described = require("spec.support.described")
local lunasa = require("lunasa")
local sa = require("lunasa.sa")
local task = require("spec.support.task")
local zoo = require("spec.support.table_zoo")

local failure = database.failure

--- Types that servers call by another name.
local SYNONYMS = { REAL = true, NUMERIC = true }

--- Types that not all servers have.
local MARIADB = { mariadb = true, mariadb_next = true }
local ELSEWHERE = {
  UUID = MARIADB,
  INET4 = MARIADB,
  INET6 = MARIADB,
  VECTOR = { mariadb_next = true, mysql = true },
}

---@param db spec.Database
return function(db)
  local here, there = db.schema .. "_from", db.schema .. "_to"

  local function in_quotes(name)
    return "`" .. name:gsub("`", "``") .. "`"
  end

  --- Makes the tables of the zoo; gives their names.
  local function make_zoo(conn)
    local names = {}
    for _, one in ipairs(zoo) do
      if not one.on or one.on[db.name] then
        names[#names + 1] = one.name
        local definition = ("(%s) %s"):format(one.ddl, one.behind or "")
        conn:query("CREATE TABLE " .. in_quotes(one.name) .. " " .. definition)
      end
    end
    return names
  end

  describe("reflection", function()
    local engine

    --- A spec with a connection of the engine on the first schema; both are empty.
    local function it(name, body)
      db:it(name, function()
        engine = db:closing(sa.create_engine(db:options({ database = here })))
        local ok, err = pcall(engine.with, engine, body)
        clean_schema(db:connect(), here, there)
        if not ok then
          error(err, 0)
        end
      end)
    end

    setup(task(function()
      for _, schema in ipairs({ here, there }) do
        db:administrate("CREATE DATABASE " .. schema .. " CHARACTER SET latin1")
      end
    end))

    teardown(task(function()
      db:administrate("DROP DATABASE " .. there)
      db:administrate("DROP DATABASE " .. here)
    end))

    it("goes round: what was reflected, made elsewhere and reflected again is equal", function(conn)
      local names = make_zoo(conn.connection)
      local inspector, meta = sa.inspect(conn), sa.MetaData()
      local first = {}
      for i, name in ipairs(names) do
        first[i] = described(inspector, name)
      end
      -- MySQL itself cannot open some generated columns in a session without backslashes.
      local other = db.kind == "mysql" and "PIPES_AS_CONCAT" or "NO_BACKSLASH_ESCAPES"
      for _, mode in ipairs({ "ANSI_QUOTES", other, "" }) do
        -- Without quotes MySQL writes expressions in another way.
        local is_quoted = db.kind == "mysql" and 1 or 0
        local sql = "SET sql_mode = '%s', sql_quote_show_create = %d"
        conn.connection:query(sql:format(mode, is_quoted))
        inspector:clear_cache()
        for i, name in ipairs(names) do
          assert.same(first[i], described(inspector, name), name)
        end
      end
      local messages = task.logged(function()
        meta:reflect({ bind = conn })
      end)
      assert.same({}, messages)

      conn.connection:query("USE " .. there)
      meta:create_all(conn)
      inspector = sa.inspect(conn)
      assert.equal(#names, #inspector:get_table_names())
      for i, name in ipairs(names) do
        assert.same(first[i], described(inspector, name), name)
      end

      meta:drop_all(conn)
      inspector:clear_cache()
      assert.same({}, inspector:get_table_names())
    end)

    it("knows every type that lunasa has", function(conn)
      local seen, missing = {}, {}
      for _, name in ipairs(make_zoo(conn.connection)) do
        for _, column in ipairs(sa.inspect(conn):get_columns(name)) do
          seen[column.type.word or column.type.kind:upper()] = true
        end
      end
      for name, type_ in pairs(require("lunasa.dialects.mysql.types").own) do
        local is_here = not ELSEWHERE[name] or ELSEWHERE[name][db.name]
        if is_here and not SYNONYMS[name] and not seen[type_().word or type_().kind:upper()] then
          missing[#missing + 1] = name
        end
      end
      assert.same({}, missing)
    end)

    it("goes round from one schema to another by their names", function(conn)
      conn.connection:query("CREATE TABLE p (id INT PRIMARY KEY)")
      conn.connection:query(
        "CREATE TABLE c (p INT, CONSTRAINT k FOREIGN KEY (p) REFERENCES p (id))"
      )
      conn.connection:query(
        ("CREATE TABLE %s.far (p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES %s.p (id))"):format(
          there,
          here
        )
      )
      conn.connection:query("USE " .. there)
      local inspector, meta = sa.inspect(conn), sa.MetaData()
      assert.equal(there, inspector:get_default_schema_name())
      assert.same({ "far" }, inspector:get_table_names())
      assert.same({ "c", "p" }, inspector:get_table_names({ schema = here }))
      assert.same({ "c", "p" }, inspector:get_table_names(here))
      assert.equal(here, inspector:get_foreign_keys("far")[1].referred_schema)
      assert.equal(here, inspector:get_foreign_keys("c", here)[1].referred_schema)

      local far = sa.Table({ "far", meta, autoload_with = conn })
      assert.equal(meta.tables[here .. ".p"].c.id, far.c.p.foreign_keys[1]:column())
      local c = sa.Table({ "c", meta, schema = here, autoload_with = inspector })
      assert.equal(meta.tables[here .. ".p"].c.id, c.c.p.foreign_keys[1]:column())
    end)

    it("says which schemas, tables and views there are", function(conn)
      conn.connection:query("CREATE TABLE `Ta``ble` (id INT)")
      conn.connection:query("CREATE VIEW `vi.ew` AS SELECT id, 'é' AS t FROM `Ta``ble`")
      conn.connection:query("CREATE TEMPORARY TABLE passing (id INT COMMENT 'x')")
      local inspector = sa.inspect(conn)
      local schemas = {}
      for _, name in ipairs(inspector:get_schema_names()) do
        schemas[name] = true
      end
      assert.is_true(schemas[here] and schemas[there])
      assert.is_nil(schemas.information_schema or schemas.mysql)
      assert.same({ "Ta`ble" }, inspector:get_table_names())
      assert.same({ "vi.ew" }, inspector:get_view_names())
      assert.same({}, inspector:get_view_names(there))
      assert.is_truthy(inspector:get_view_definition("vi.ew"):lower():find("^select"))
      assert.equal(
        inspector:get_view_definition("vi.ew"),
        inspector:get_view_definition("vi.ew", here)
      )
      local columns = inspector:get_columns("vi.ew")
      assert.equal("id", columns[1].name)
      assert.equal("VARCHAR", columns[2].type.word)
      for _, name in ipairs({ "Ta`ble", "vi.ew", "passing" }) do
        assert.is_true(inspector:has_table(name))
      end
      assert.equal("x", inspector:get_columns("passing")[1].comment)
      assert.is_false(inspector:has_table("Table"))
      assert.is_false(inspector:has_table("Ta`ble", there))
      assert.is_false(inspector:has_table("x", "no such schema"))
    end)

    it("holds no lock on what it looked at", function(conn)
      local other = db:connect({ database = here })
      other:query("CREATE TABLE t (a INT)")
      other:query("CREATE VIEW v AS SELECT a FROM t")
      other:query("SET lock_wait_timeout = 2")
      local inspector = sa.inspect(conn)
      assert.is_true(inspector:has_table("t") and inspector:has_table("v"))
      inspector:get_columns("t")
      inspector:get_columns("v")
      inspector:get_view_definition("v")
      sa.MetaData():reflect({ bind = conn, views = true })
      other:query("ALTER TABLE t ADD b INT")
      assert.is_false(conn.in_transaction)
    end)

    it("raises about what is not there", function(conn)
      local inspector = sa.inspect(conn)
      for _, question in ipairs({
        "get_columns",
        "get_pk_constraint",
        "get_indexes",
        "get_unique_constraints",
        "get_foreign_keys",
        "get_check_constraints",
        "get_table_comment",
        "get_table_options",
        "get_view_definition",
      }) do
        local err = failure(inspector[question], inspector, "no`ne", there)
        assert.equal("NoSuchTableError", err.class)
        assert.is_truthy(err.message:find("there is no table '" .. there .. ".no`ne'", 1, true))
        assert.equal("ArgumentError", failure(inspector[question], inspector, 5).class)
        assert.equal("ArgumentError", failure(inspector[question], inspector, "t", 5).class)
        assert.equal("ArgumentError", failure(inspector[question], inspector, "t", { x = 1 }).class)
      end
      assert.is_false(inspector:has_index("none", "x"))
      local meta = sa.MetaData()
      local err = failure(sa.Table, { "none", meta, autoload_with = conn })
      assert.equal("NoSuchTableError", err.class)
      assert.is_nil(next(meta.tables))
      assert.equal("ArgumentError", failure(sa.inspect, "mysql://").class)
      assert.equal("ArgumentError", failure(sa.Table, { "t", meta, autoload_with = 5 }).class)
      conn:close()
      err = failure(inspector.get_columns, inspector, "t")
      assert.equal("ResourceClosedError", err.class)
    end)

    it("has unique constraints and indexes", function(conn)
      conn.connection:query("CREATE TABLE t (a INT, b INT, UNIQUE KEY Uq (b, a), KEY ix (a))")
      local inspector = sa.inspect(engine)
      assert.same(
        { { name = "Uq", column_names = { "b", "a" }, duplicates_index = "Uq" } },
        inspector:get_unique_constraints("t")
      )
      assert.is_true(inspector:has_index("t", "uq"))
      assert.is_true(inspector:has_index("t", "ix", here))
      assert.is_false(inspector:has_index("t", "a"))
    end)

    it("asks once, until it is told to forget", function(conn)
      conn.connection:query("CREATE TABLE t (a INT)")
      local inspector = sa.inspect(conn)
      inspector:get_columns("t")[1].name = "mine"
      conn.connection:query("ALTER TABLE t ADD b INT")
      assert.equal("a", inspector:get_columns("t")[1].name)
      assert.equal(1, #inspector:get_columns("t"))
      inspector:clear_cache()
      assert.equal(2, #inspector:get_columns("t"))
    end)

    it("loads a table with those that it refers to, in circles too", function(conn)
      conn.connection:query("CREATE TABLE a (id INT PRIMARY KEY, b INT)")
      conn.connection:query(
        "CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id))"
      )
      conn.connection:query("ALTER TABLE a ADD CONSTRAINT fk_b FOREIGN KEY (b) REFERENCES b (id)")
      local meta = sa.MetaData()
      local a = sa.Table({ "a", meta, autoload_with = engine })
      assert.equal(meta.tables.b.c.id, a.c.b.foreign_keys[1]:column())
      assert.equal(a.c.id, meta.tables.b.c.a.foreign_keys[1]:column())
      assert.equal(
        "a INNER JOIN b ON b.id = a.b",
        tostring(sa.select(a):join(meta.tables.b, a.c.b:eq(meta.tables.b.c.id)))
          :match("a INNER.*")
          :gsub("a%.b = b%.id", "b.id = a.b")
      )

      meta:drop_all(conn)
      assert.same({}, sa.inspect(conn):get_table_names())
      meta:create_all(conn)
      assert.same({ "a", "b" }, sa.inspect(conn):get_table_names())

      local alone = sa.Table({ "a", sa.MetaData(), autoload_with = conn, resolve_fks = false })
      assert.is_nil(alone.metadata.tables.b)
    end)

    it("lets columns be given instead, and chosen", function(conn)
      conn.connection:query("CREATE TABLE p (id INT PRIMARY KEY)")
      conn.connection:query(
        [[CREATE TABLE t (id INT PRIMARY KEY, j TEXT, p_id INT, x INT, KEY ix (x),
        KEY ij (id, p_id), CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES p (id)) COMMENT='said']]
      )
      local meta = sa.MetaData()
      local t = sa.Table({
        "t",
        meta,
        sa.Column({ "j", sa.JSON, key = "data" }),
        sa.Column({ "own", sa.Integer }),
        comment = "mine",
        autoload_with = conn,
      })
      assert.equal("json", t.c.data.type.kind)
      assert.same({ "id", "j", "p_id", "x", "own" }, {
        t.c[1].name,
        t.c[2].name,
        t.c[3].name,
        t.c[4].name,
        t.c[5].name,
      })
      assert.equal("mine", t.comment)
      assert.equal("InnoDB", t.options.mysql_engine)
      assert.is_truthy(meta.tables.p)

      local some = sa.Table({
        "t",
        sa.MetaData(),
        autoload_with = conn,
        include_columns = { "id", "x" },
      })
      assert.equal(2, #some.c)
      assert.equal(1, #some.indexes)
      assert.equal(0, #some.constraints)

      meta = sa.MetaData()
      sa.Table({ "other", meta, sa.Column({ "id", sa.Integer, primary_key = true }) })
      t = sa.Table({
        "t",
        meta,
        sa.Column({ "p_id", sa.Integer, sa.ForeignKey({ "other.id" }) }),
        autoload_with = conn,
      })
      assert.equal(1, #t.c.p_id.foreign_keys)
      assert.is_nil(meta.tables.p)
    end)

    it("loads the tables of a schema, and views when they are asked for", function(conn)
      conn.connection:query("CREATE TABLE p (id INT PRIMARY KEY)")
      conn.connection:query("CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES p (id))")
      conn.connection:query("CREATE TABLE d (x INT)")
      conn.connection:query("CREATE VIEW v AS SELECT * FROM d")
      local function names_of(options)
        local meta, names = sa.MetaData(), {}
        options.bind = conn
        meta:reflect(options)
        for name in pairs(meta.tables) do
          names[#names + 1] = name
        end
        table.sort(names)
        return table.concat(names, " ")
      end
      assert.equal("c d p", names_of({}))
      assert.equal("c d p v", names_of({ views = true }))
      assert.equal("c p", names_of({ only = { "c" } }))
      assert.equal(
        "d",
        names_of({
          only = function(name)
            return name == "d"
          end,
        })
      )
      assert.equal(("%s.c %s.d %s.p"):format(here, here, here), names_of({ schema = here }))
      local err = failure(names_of, { only = { "c", "none" } })
      assert.is_truthy(err.message:find("there are no tables 'none'", 1, true))
      assert.equal("ArgumentError", failure(names_of, { ony = {} }).class)

      conn.connection:query("DROP TABLE d")
      local messages = task.logged(function()
        assert.equal("c p", names_of({ views = true }))
      end)
      assert.equal(1, #messages)
      assert.is_truthy(messages[1]:find("warn: table 'v' is left out: view 'v' refers", 1, true))
      assert.is_true(sa.inspect(conn):has_table("v"))
    end)

    it("loads a table once, however many tasks ask", function(conn)
      conn.connection:query("CREATE TABLE p (id INT PRIMARY KEY)")
      conn.connection:query("CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES p (id))")
      local meta, tasks, found = sa.MetaData(), {}, {}
      for i = 1, 6 do
        tasks[i] = lunasa.spawn(function()
          if i % 2 == 1 then
            meta:reflect({ bind = engine })
          else
            sa.Table({ "c", meta, autoload_with = engine, keep_existing = true })
          end
          found[i] = meta.tables.c
        end)
      end
      for _, one in ipairs(tasks) do
        one:join()
      end
      for i = 1, 6 do
        assert.equal(found[1], found[i])
      end
      assert.equal(meta.tables.p.c.id, meta.tables.c.c.p.foreign_keys[1]:column())
    end)

    it("gives tables that can be asked and written to", function(conn)
      conn.connection:query(
        [[CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n VARCHAR(9) DEFAULT 'x',
        j JSON, e ENUM('a', 'b'), d DECIMAL(5,2))]]
      )
      local t = sa.Table({ "t", sa.MetaData(), autoload_with = conn })
      conn:execute(t:insert():values({ j = { k = { 1, 2 } }, e = "b", d = "1.50" }))
      local row = conn:execute(sa.select(t)):first()
      conn.connection:commit()
      assert.equal("x", row.n)
      assert.same({ k = { 1, 2 } }, row.j)
      assert.equal("b", row.e)
      assert.equal("1.50", tostring(row.d))
    end)

    it("makes a type that nobody knows a NullType, with a warning", function(conn)
      conn.connection:query("CREATE TABLE t (a INT)")
      local inspector = sa.inspect(conn)
      local definition = require("lunasa.dialects.mysql.reflection.definition")
      local read = definition.read
      definition.read = function(text)
        return read((text:gsub("int", "fancy", 1)))
      end
      local messages = task.logged(function()
        local ok, err = pcall(function()
          assert.equal("null", inspector:get_columns("t")[1].type.kind)
        end)
        definition.read = read
        assert(ok, err)
      end)
      assert.equal(1, #messages)
      assert.is_truthy(messages[1]:find("^warn: table 't': column 'a' has the type 'fancy"))
    end)

    it("refuses names in a character set in which they could break out", function(conn)
      conn.connection:query("SET NAMES gbk")
      local inspector = sa.inspect(conn)
      local err = failure(inspector.get_columns, inspector, "x\129`; DROP TABLE y; -- ")
      assert.equal("ArgumentError", err.class)
      assert.is_false(inspector:has_table("plain"))
      local t = sa.Table({ "t\129", sa.MetaData(), sa.Column({ "a", sa.Integer }) })
      assert.equal("ArgumentError", failure(t.create, t, conn).class)
    end)
  end)
end
