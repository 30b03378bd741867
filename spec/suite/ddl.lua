--- Tables and indexes that are made and dropped: create_all, drop_all and the statements of DDL.

local assert = require("luassert")
local clean_schema = require("spec.support.clean_schema")
local database = require("spec.suite.database")
local described = require("spec.support.described")
local sa = require("lunasa.sa")
local task = require("spec.support.task")

local failure = database.failure
local Column, Integer = sa.Column, sa.Integer

local function id()
  return Column({ "id", Integer, primary_key = true })
end

local function reference(name, target, options)
  options = options or {}
  options[1] = target
  return Column({ name, Integer, sa.ForeignKey(options) })
end

--- MariaDB says how wide it shows an integer, MySQL only where it fills up with zeros.
local function without_width(text)
  return (text:gsub("INT%(%d+%)", "INT"))
end

---@param db spec.Database
return function(db)
  local own = db.schema .. "_ddl"

  describe("DDL", function()
    local engine

    setup(task(function()
      db:administrate("CREATE DATABASE " .. own .. " CHARACTER SET utf8mb4")
    end))

    teardown(task(function()
      db:administrate("DROP DATABASE " .. own)
    end))

    --- A spec with a connection on a schema without tables; what it makes is dropped behind it.
    local function it(name, body)
      db:it(name, function()
        engine = db:closing(sa.create_engine(db:options({ database = own })))
        local ok, err = pcall(engine.with, engine, function(conn)
          body(conn, sa.inspect(conn))
        end)
        clean_schema(db:connect(), own)
        if not ok then
          error(err, 0)
        end
      end)
    end

    --- The statements that servers were sent, in a block.
    local function watch(conn, work)
      local texts, execute = {}, conn.execute
      conn.execute = function(self, statement)
        texts[#texts + 1] = tostring(statement):match("^(%u+ %S+ %S+)")
        return execute(self, statement)
      end
      local ok, err = pcall(work)
      conn.execute = nil
      if not ok then
        error(err, 0)
      end
      return texts
    end

    it("creates tables in the order of their keys, once, and drops them", function(conn, inspector)
      local meta = sa.MetaData()
      sa.Table({ "a", meta, id(), reference("b_id", "b.id"), sa.Index({ "ix", "b_id" }) })
      sa.Table({ "b", meta, id(), reference("z_id", "z.id", { ondelete = "CASCADE" }) })
      sa.Table({ "z", meta, id(), reference("own", "z.id") })
      assert.same(
        { "CREATE TABLE z", "CREATE TABLE b", "CREATE TABLE a", "CREATE INDEX ix" },
        watch(conn, function()
          meta:create_all(conn)
        end)
      )
      assert.same({ "a", "b", "z" }, inspector:get_table_names())
      assert.equal("CASCADE", inspector:get_foreign_keys("b")[1].options.ondelete)
      assert.same(
        {},
        watch(conn, function()
          meta:create_all(conn)
        end)
      )
      assert.equal(1050, failure(meta.create_all, meta, conn, { checkfirst = false }).errno)

      meta:drop_all(conn, { tables = { meta.tables.a } })
      assert.same({ "b", "z" }, inspector:get_table_names())
      conn.connection:commit() -- MySQL shows the tables as they were when the transaction began
      meta:create_all(engine, { tables = { meta.tables.a } })
      assert.same({ "a", "b", "z" }, inspector:get_table_names())
      assert.same(
        { "DROP TABLE a", "DROP TABLE b", "DROP TABLE z" },
        watch(conn, function()
          meta:drop_all(conn)
        end)
      )
      meta:drop_all(conn)
      assert.same({}, inspector:get_table_names())
      assert.equal(1051, failure(meta.drop_all, meta, conn, { checkfirst = false }).errno)
    end)

    it("creates and drops circles, whether their keys have names or not", function(conn, inspector)
      for _, name in ipairs({ "fk_a", false }) do
        local meta = sa.MetaData()
        sa.Table({ "a", meta, id(), reference("b_id", "b.id", { name = name or nil }) })
        sa.Table({ "b", meta, id(), reference("c_id", "c.id") })
        sa.Table({ "c", meta, id(), reference("a_id", "a.id", { ondelete = "SET NULL" }) })
        sa.Table({ "d", meta, id(), reference("c_id", "c.id", { use_alter = true, name = "f" }) })
        meta:create_all(conn)
        inspector:clear_cache()
        assert.equal("b", inspector:get_foreign_keys("a")[1].referred_table)
        assert.equal("SET NULL", inspector:get_foreign_keys("c")[1].options.ondelete)
        assert.equal("f", inspector:get_foreign_keys("d")[1].name)
        meta:drop_all(conn)
        assert.same({}, inspector:get_table_names())
      end
    end)

    it("sends nothing when one of the tables cannot be made", function(conn, inspector)
      local meta = sa.MetaData()
      sa.Table({ "a", meta, id() })
      local b = sa.Table({ "b", meta, Column({ "x" }) })
      local err = failure(meta.create_all, meta, conn)
      assert.equal("CompileError", err.class)
      meta:remove(b)
      sa.Table({ "c", meta, reference("x", "none.id") })
      err = failure(meta.create_all, meta, conn)
      assert.equal("NoReferencedTableError", err.class)
      assert.same({}, inspector:get_table_names())
    end)

    it("makes tables in the schemas that they name", function(conn, inspector)
      local meta, other = sa.MetaData(), sa.MetaData({ schema = own })
      sa.Table({ "p", other, id() })
      sa.Table({
        "c",
        meta,
        id(),
        sa.Column({ "p", Integer, sa.ForeignKey({ other.tables[own .. ".p"].c.id }) }),
      })
      sa.Table({ "c", other, id(), reference("p_id", "p.id"), sa.Index({ "ix", "p_id" }) })
      conn.connection:query("USE " .. db.schema)
      other:create_all(conn)
      assert.same({ "c", "p" }, inspector:get_table_names(own))
      assert.is_true(inspector:has_index("c", "ix", own))
      assert.is_false(inspector:has_table("c"))
      meta:create_all(conn)
      assert.equal(own, inspector:get_foreign_keys("c")[1].referred_schema)
      meta:drop_all(conn)
      other:drop_all(conn)
      assert.same({}, inspector:get_table_names(own))
    end)

    it("makes the sequences of columns where there are any", function(conn, inspector)
      local meta, names = sa.MetaData(), db.kind == "mariadb" and { "numb'`ers" } or {}
      local numbers = sa.Sequence({ "numb'`ers", start = 5 })
      local t = sa.Table({ "t", meta, Column({ "id", Integer, numbers, primary_key = true }) })
      sa.Table({ "u", meta, Column({ "id", Integer, numbers, primary_key = true }) })
      meta:create_all(conn, { tables = { t } })
      assert.same(names, inspector:get_sequence_names())
      assert.equal(#names == 1, inspector:has_sequence("numb'`ers"))
      meta:create_all(conn)
      assert.same({ "t", "u" }, inspector:get_table_names())
      meta:drop_all(conn)
      assert.same({}, inspector:get_sequence_names())
      assert.same({}, inspector:get_table_names())
    end)

    it("makes single tables and indexes", function(conn, inspector)
      local t = sa.Table({ "t", sa.MetaData(), id(), Column({ "x", Integer, index = true }) })
      t:create(conn)
      assert.is_true(inspector:has_index("t", "ix_t_x"))
      assert.equal(1050, failure(t.create, t, conn).errno)
      t:create(engine, { checkfirst = true })

      local index = sa.Index({ "more", t.c.x:desc(), mysql_comment = "it's" })
      index:create(conn)
      inspector:clear_cache()
      assert.equal("it's", inspector:get_indexes("t")[2].dialect_options.mysql_comment)
      assert.equal(1061, failure(index.create, index, conn).errno)
      index:create(conn, { checkfirst = true })
      index:drop(conn)
      index:drop(conn, { checkfirst = true })
      assert.equal(1091, failure(index.drop, index, conn).errno)

      t:drop(engine)
      t:drop(conn, { checkfirst = true })
      assert.equal(1051, failure(t.drop, t, conn).errno)
    end)

    it("executes the statements of DDL", function(conn, inspector)
      local t = sa.Table({ "t", sa.MetaData(), id(), Column({ "x", Integer }) })
      conn:execute(sa.CreateTable(t, { if_not_exists = true }))
      conn:execute(sa.CreateTable(t, { if_not_exists = true }))
      local unique = sa.UniqueConstraint({ t.c.x, name = "uq" })
      conn:execute(sa.AddConstraint(unique))
      assert.equal("uq", inspector:get_unique_constraints("t")[1].name)
      conn:execute(sa.DropConstraint(unique))
      conn:execute(sa.DDL("ALTER TABLE t ADD y INT COMMENT '100%%'"))
      inspector:clear_cache()
      assert.equal("100%", inspector:get_columns("t")[3].comment)
      conn:execute(sa.DropTable(t, { if_exists = true }))
      conn:execute(sa.DropTable(t, { if_exists = true }))
      local err = failure(conn.execute, conn, sa.CreateTable(t), { 1 })
      assert.equal("ArgumentError", err.class)
    end)

    it("writes names and strings so that nothing breaks out", function(conn, inspector)
      local nasty = "a`b\"c'd\\e.f %s ? :x /* -- ; 日\\"
      for _, mode in ipairs({
        "",
        "ANSI_QUOTES",
        "NO_BACKSLASH_ESCAPES",
        "ANSI_QUOTES,NO_BACKSLASH_ESCAPES",
      }) do
        conn.connection:query("SET sql_mode = ?", { mode })
        local meta = sa.MetaData()
        local t = sa.Table({
          nasty,
          meta,
          Column({
            nasty,
            sa.mysql.ENUM({ nasty, "b", "\\" }),
            server_default = nasty,
            comment = nasty,
          }),
          Column({ "id'`", Integer, primary_key = true, autoincrement = false }),
          Column({ "s", sa.String(99), server_default = "\\" }),
          Column({ "r'`", Integer }),
          sa.Index({ "ix" .. nasty, nasty, mysql_comment = nasty }),
          sa.ForeignKeyConstraint({ "r'`" }, { nasty .. ".id'`" }, { name = "fk" .. nasty }),
          comment = nasty,
        })
        meta:create_all(conn)
        inspector:clear_cache()
        local told = described(inspector, nasty)
        assert.equal(nasty, told.comment.text)
        assert.equal(nasty, told.columns[1].name)
        assert.equal(nasty, told.columns[1].comment)
        assert.equal(nasty, inspector:get_columns(nasty)[1].type.values[1])
        assert.equal("\\", inspector:get_columns(nasty)[1].type.values[3])
        assert.equal("ix" .. nasty, told.indexes[#told.indexes].name)
        assert.equal("fk" .. nasty, told.foreign_keys[1].name)
        conn.connection:query(
          "INSERT INTO " .. conn.connection:quote_identifier(nasty) .. " (`id'```) VALUES (1)"
        )
        local row = conn:execute(sa.select(t)):first()
        assert.equal(nasty, row[1])
        assert.equal("\\", row.s)
        conn.connection:commit()
        meta:drop_all(conn)
      end
    end)

    it("declares tables as they are reflected", function(conn, inspector)
      local mysql, meta = sa.mysql, sa.MetaData()
      local types = {
        mysql.TINYINT({ unsigned = true }),
        mysql.TINYINT(3, nil, { unsigned = true, zerofill = true }),
        mysql.DECIMAL(10, 3),
        mysql.BIT(5),
        mysql.FLOAT(),
        mysql.DOUBLE(9, 2),
        mysql.VARCHAR(30, { charset = "latin1", collation = "latin1_bin" }),
        mysql.CHAR(3),
        mysql.TINYTEXT(),
        mysql.TEXT(),
        mysql.MEDIUMTEXT(),
        mysql.LONGTEXT(),
        mysql.TINYBLOB(),
        mysql.BLOB(),
        mysql.MEDIUMBLOB(),
        mysql.LONGBLOB(),
        mysql.BINARY(4),
        mysql.VARBINARY(40),
        mysql.DATETIME(6),
        mysql.TIME({ fsp = 3 }),
        mysql.TIMESTAMP(2),
        mysql.ENUM({ "a", "b'" }),
        mysql.SET({ "a", "b'" }),
        mysql.JSON(),
        mysql.GEOMETRY(),
        mysql.POINT(),
        mysql.LINESTRING(),
        mysql.POLYGON(),
        mysql.MULTIPOINT(),
        mysql.MULTILINESTRING(),
        mysql.MULTIPOLYGON(),
        mysql.GEOMETRYCOLLECTION(),
        sa.DATE(),
        db.kind == "mariadb" and mysql.UUID() or nil,
      }
      local columns = {}
      for i, type_ in ipairs(types) do
        columns[i] = Column({ "c" .. i, type_ })
      end
      sa.Table({ "t", meta, unpack(columns) })
      meta:create_all(conn)
      local there = inspector:get_columns("t")
      for i, type_ in ipairs(types) do
        assert.equal(without_width(type_:compile()), without_width(there[i].type:compile()))
      end
    end)

    it("names what is wrong with what it is given", function(conn)
      local meta = sa.MetaData()
      local t = sa.Table({ "t", meta, id() })
      for _, bind in ipairs({ 5, "mysql://", {} }) do
        assert.equal("ArgumentError", failure(meta.create_all, meta, bind).class)
        assert.equal("ArgumentError", failure(t.drop, t, bind).class)
      end
      local err = failure(meta.create_all, meta, conn, { chekfirst = true })
      assert.is_truthy(err.message:find("did you mean 'checkfirst'", 1, true))
      assert.equal("ArgumentError", failure(t.create, t, conn, { tables = {} }).class)
      local index = sa.Index({ "ix", "a" })
      err = failure(index.create, index, conn, { checkfirst = true })
      assert.is_truthy(err.message:find("index 'ix' is of no table", 1, true))
      err = failure(meta.create_all, meta, conn.connection)
      assert.is_truthy(err.message:find("connection of one, got lunasa.Connection(", 1, true))
      conn:close()
      assert.equal("ResourceClosedError", failure(meta.create_all, meta, conn).class)
    end)
  end)
end
