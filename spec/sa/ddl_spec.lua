--- DDL, in every dialect.
local statements = require("spec.support.statements")

describe("DDL", function()
  for name, check in
    statements([==[
CreateTable(people)
> CREATE TABLE people (id INTEGER NOT NULL AUTO_INCREMENT, name VARCHAR(40) NOT NULL, email
> VARCHAR(80), age INTEGER, is_member BOOL, team_id INTEGER, joined DATETIME, extra JSON,
> PRIMARY KEY (id), UNIQUE (email), FOREIGN KEY(team_id) REFERENCES teams (id))
sqlite> CREATE TABLE people (id INTEGER NOT NULL, name VARCHAR(40) NOT NULL, email VARCHAR(80),
sqlite> age INTEGER, is_member BOOLEAN, team_id INTEGER, joined DATETIME, extra JSON, PRIMARY
sqlite> KEY (id), UNIQUE (email), FOREIGN KEY(team_id) REFERENCES teams (id))
postgresql> CREATE TABLE people (id SERIAL NOT NULL, name VARCHAR(40) NOT NULL, email
postgresql> VARCHAR(80), age INTEGER, is_member BOOLEAN, team_id INTEGER, joined TIMESTAMP
postgresql> WITHOUT TIME ZONE, extra JSON, PRIMARY KEY (id), UNIQUE (email), FOREIGN
postgresql> KEY(team_id) REFERENCES teams (id))

CreateTable(games)
> CREATE TABLE games (id INTEGER NOT NULL AUTO_INCREMENT, home_id INTEGER, away_id INTEGER,
> played DATE, score NUMERIC(6, 2), state ENUM('open','over'), PRIMARY KEY (id), FOREIGN
> KEY(home_id) REFERENCES teams (id), FOREIGN KEY(away_id) REFERENCES teams (id))
sqlite> CREATE TABLE games (id INTEGER NOT NULL, home_id INTEGER, away_id INTEGER, played DATE,
sqlite> score NUMERIC(6, 2), state VARCHAR(4), PRIMARY KEY (id), FOREIGN KEY(home_id)
sqlite> REFERENCES teams (id), FOREIGN KEY(away_id) REFERENCES teams (id))
postgresql> CREATE TABLE games (id SERIAL NOT NULL, home_id INTEGER, away_id INTEGER, played
postgresql> DATE, score NUMERIC(6, 2), state game_state, PRIMARY KEY (id), FOREIGN KEY(home_id)
postgresql> REFERENCES teams (id), FOREIGN KEY(away_id) REFERENCES teams (id))

CreateTable(scores)
> CREATE TABLE scores (game_id INTEGER NOT NULL, person_id INTEGER NOT NULL, points INTEGER,
> note TEXT, PRIMARY KEY (game_id, person_id), FOREIGN KEY(game_id) REFERENCES games (id),
> FOREIGN KEY(person_id) REFERENCES people (id))

CreateTable(settings, { if_not_exists = true })
> CREATE TABLE IF NOT EXISTS settings (`key` VARCHAR(20) NOT NULL, value VARCHAR(90), hits
> INTEGER, changed DATETIME, PRIMARY KEY (`key`))
sqlite> CREATE TABLE IF NOT EXISTS settings ("key" VARCHAR(20) NOT NULL, value VARCHAR(90),
sqlite> hits INTEGER, changed DATETIME, PRIMARY KEY ("key"))
postgresql> CREATE TABLE IF NOT EXISTS settings (key VARCHAR(20) NOT NULL, value VARCHAR(90),
postgresql> hits INTEGER, changed TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (key))

DropTable(people)
> DROP TABLE people

DropTable(people, { if_exists = true })
> DROP TABLE IF EXISTS people

CreateIndex(Index{ "ix_people_age", people.c.age:desc(), people.c.name, unique = true })
> CREATE UNIQUE INDEX ix_people_age ON people (age DESC, name)

CreateIndex(Index{ "ix_len", games.c.score, mysql_length = { score = 5 },
  mysql_using = "btree" }, { if_not_exists = true })
> CREATE INDEX IF NOT EXISTS ix_len ON games (score)
mysql> CREATE INDEX IF NOT EXISTS ix_len ON games (score(5)) USING btree

DropIndex(Index{ "ix_drop", games.c.played })
> DROP INDEX ix_drop
mysql> DROP INDEX ix_drop ON games

CreateTable(Table{ "t", MetaData(), Column{ "id", Integer, primary_key = true }, Column{ "a",
  Integer, nullable = false, server_default = "5" }, Column{ "b", String(9),
  server_default = text("'x'"), comment = "it's" }, CheckConstraint{ "a > 1", name = "a_big" },
  UniqueConstraint{ "a", "b", name = "uq_ab" }, comment = "a table", mysql_engine = "InnoDB",
  mysql_charset = "utf8mb4", mysql_collate = "utf8mb4_bin" })
> CREATE TABLE t (id INTEGER NOT NULL AUTO_INCREMENT, a INTEGER NOT NULL DEFAULT '5', b
> VARCHAR(9) COMMENT 'it''s' DEFAULT 'x', PRIMARY KEY (id), CONSTRAINT a_big CHECK (a > 1),
> CONSTRAINT uq_ab UNIQUE (a, b)) ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin COMMENT='a
> table'
sqlite> CREATE TABLE t (id INTEGER NOT NULL, a INTEGER DEFAULT '5' NOT NULL, b VARCHAR(9)
sqlite> DEFAULT 'x', PRIMARY KEY (id), CONSTRAINT a_big CHECK (a > 1), CONSTRAINT uq_ab UNIQUE
sqlite> (a, b))
postgresql> CREATE TABLE t (id SERIAL NOT NULL, a INTEGER DEFAULT '5' NOT NULL, b VARCHAR(9)
postgresql> DEFAULT 'x', PRIMARY KEY (id), CONSTRAINT a_big CHECK (a > 1), CONSTRAINT uq_ab
postgresql> UNIQUE (a, b))

local m = MetaData()
Table{ "p", m, Column{ "id", Integer, primary_key = true }, Column{ "x", Integer } }
return CreateTable(Table{ "c", m, Column{ "id", BigInteger, primary_key = true },
  Column{ "p_id", Integer, ForeignKey{ "p.id", ondelete = "CASCADE", onupdate = "SET NULL",
  name = "fk_p" } }, Column{ "y", Integer }, ForeignKeyConstraint({ "p_id", "y" }, { "p.id",
  "p.x" }, { name = "fk2" }) })
> CREATE TABLE c (id BIGINT NOT NULL AUTO_INCREMENT, p_id INTEGER, y INTEGER, PRIMARY KEY (id),
> CONSTRAINT fk2 FOREIGN KEY(p_id, y) REFERENCES p (id, x), CONSTRAINT fk_p FOREIGN KEY(p_id)
> REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL)
sqlite> CREATE TABLE c (id BIGINT NOT NULL, p_id INTEGER, y INTEGER, PRIMARY KEY (id),
sqlite> CONSTRAINT fk2 FOREIGN KEY(p_id, y) REFERENCES p (id, x), CONSTRAINT fk_p FOREIGN
sqlite> KEY(p_id) REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL)
postgresql> CREATE TABLE c (id BIGSERIAL NOT NULL, p_id INTEGER, y INTEGER, PRIMARY KEY (id),
postgresql> CONSTRAINT fk2 FOREIGN KEY(p_id, y) REFERENCES p (id, x), CONSTRAINT fk_p FOREIGN
postgresql> KEY(p_id) REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL)

CreateTable(Table{ "k", MetaData(), Column{ "a", Integer, primary_key = true,
  autoincrement = false }, Column{ "b", String(5), primary_key = true },
  prefixes = { "TEMPORARY" } })
> CREATE TEMPORARY TABLE k (a INTEGER NOT NULL, b VARCHAR(5) NOT NULL, PRIMARY KEY (a, b))

CreateTable(Table{ "t", MetaData{ schema = "sch" }, Column{ "id", Integer,
  primary_key = true }, Column{ "when", DateTime, server_default = func.now() }, Column{ "u",
  Integer, unique = true } })
> CREATE TABLE sch.t (id INTEGER NOT NULL AUTO_INCREMENT, `when` DATETIME DEFAULT now(), u
> INTEGER, PRIMARY KEY (id), UNIQUE (u))
sqlite> CREATE TABLE sch.t (id INTEGER NOT NULL, "when" DATETIME DEFAULT (CURRENT_TIMESTAMP), u
sqlite> INTEGER, PRIMARY KEY (id), UNIQUE (u))
postgresql> CREATE TABLE sch.t (id SERIAL NOT NULL, "when" TIMESTAMP WITHOUT TIME ZONE DEFAULT
postgresql> now(), u INTEGER, PRIMARY KEY (id), UNIQUE (u))

CreateTable(Table{ "n", MetaData{ naming_convention = { pk = "pk_%(table_name)s",
  uq = "uq_%(table_name)s_%(column_0_name)s", ck = "ck_%(table_name)s_%(constraint_name)s",
  ix = "ix_%(column_0_label)s" } }, Column{ "id", Integer, primary_key = true }, Column{ "u",
  Integer, unique = true }, CheckConstraint{ "u > 0", name = "pos" } })
> CREATE TABLE n (id INTEGER NOT NULL AUTO_INCREMENT, u INTEGER, CONSTRAINT pk_n PRIMARY KEY
> (id), CONSTRAINT ck_n_pos CHECK (u > 0), CONSTRAINT uq_n_u UNIQUE (u))
sqlite> CREATE TABLE n (id INTEGER NOT NULL, u INTEGER, CONSTRAINT pk_n PRIMARY KEY (id),
sqlite> CONSTRAINT ck_n_pos CHECK (u > 0), CONSTRAINT uq_n_u UNIQUE (u))
postgresql> CREATE TABLE n (id SERIAL NOT NULL, u INTEGER, CONSTRAINT pk_n PRIMARY KEY (id),
postgresql> CONSTRAINT ck_n_pos CHECK (u > 0), CONSTRAINT uq_n_u UNIQUE (u))

CreateTable(Table{ "g", MetaData(), Column{ "a", Integer }, Column{ "b", Integer,
  Computed{ "a * 2" } }, Column{ "c", Integer, Computed{ "a + 1", persisted = true } } })
> CREATE TABLE g (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2), c INTEGER GENERATED ALWAYS
> AS (a + 1) STORED)
postgresql> CREATE TABLE g (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED, c INTEGER
postgresql> GENERATED ALWAYS AS (a + 1) STORED)

CreateTable(Table{ "i", MetaData(), Column{ "id", Integer, Identity{ start = 5,
  always = true }, primary_key = true } })
> CREATE TABLE i (id INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (id))
sqlite> CREATE TABLE i (id INTEGER NOT NULL, PRIMARY KEY (id))
postgresql> CREATE TABLE i (id INTEGER GENERATED ALWAYS AS IDENTITY (START WITH 5), PRIMARY KEY
postgresql> (id))

AddConstraint(UniqueConstraint{ people.c.name, people.c.age, name = "uq_na" })
> ALTER TABLE people ADD CONSTRAINT uq_na UNIQUE (name, age)

local c = CheckConstraint{ "a > 1", name = "ck" }
Table{ "t", MetaData(), Column{ "a", Integer }, c }
return DropConstraint(c)
> ALTER TABLE t DROP CONSTRAINT ck
mysql> ALTER TABLE t DROP CHECK ck
mariadb> ALTER TABLE t DROP CONSTRAINT ck

local a, b = column("a"), column("b")
return CreateTable(Table{ "x", MetaData(), Column{ "a", Integer }, Column{ "b", Integer },
  CheckConstraint{ a:gt(b) }, CheckConstraint{ and_(a:gt(1), b:in_{ 1, 2 }) } })
> CREATE TABLE x (a INTEGER, b INTEGER, CHECK (a > b), CHECK (a > 1 AND b IN (1, 2)))

DDL("ALTER TABLE t ADD x INT")
> ALTER TABLE t ADD x INT

CreateSchema("sch")
> CREATE SCHEMA sch

DropSchema("sch", { cascade = true })
> DROP SCHEMA sch CASCADE

CreateTable(Table{ "part", MetaData(), Column{ "id", Integer, primary_key = true },
  mysql_row_format = "DYNAMIC", mysql_auto_increment = "100" })
> CREATE TABLE part (id INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)) AUTO_INCREMENT=100
> ROW_FORMAT=DYNAMIC
sqlite> CREATE TABLE part (id INTEGER NOT NULL, PRIMARY KEY (id))
postgresql> CREATE TABLE part (id SERIAL NOT NULL, PRIMARY KEY (id))

CreateTable(Table{ "b", MetaData(), Column{ "id", Integer, primary_key = true,
  server_default = "1" }, Column{ "f", Boolean, server_default = true_() }, Column{ "g", Float,
  server_default = text("1.5") } })
> CREATE TABLE b (id INTEGER NOT NULL DEFAULT '1', f BOOL DEFAULT true, g FLOAT DEFAULT 1.5,
> PRIMARY KEY (id))
sqlite> CREATE TABLE b (id INTEGER DEFAULT '1' NOT NULL, f BOOLEAN DEFAULT (1), g FLOAT DEFAULT
sqlite> 1.5, PRIMARY KEY (id))
postgresql> CREATE TABLE b (id INTEGER DEFAULT '1' NOT NULL, f BOOLEAN DEFAULT true, g FLOAT
postgresql> DEFAULT 1.5, PRIMARY KEY (id))
]==])
  do
    it(name, check)
  end
end)

describe("the statements of a MetaData", function()
  local sa = require("lunasa.sa")

  local function texts_of(list, dialect)
    local texts = {}
    for i, statement in ipairs(list) do
      texts[i] = statement:compile({ dialect = dialect }).string:gsub("%s+", " ")
    end
    return texts
  end

  local function circle(names)
    local meta = sa.MetaData()
    sa.Table({
      "a",
      meta,
      sa.Column({ "id", sa.Integer, primary_key = true }),
      sa.Column({ "b_id", sa.Integer, sa.ForeignKey({ "b.id", name = names and "fk_ab" }) }),
      sa.Index({ "ix", "b_id" }),
    })
    sa.Table({
      "b",
      meta,
      sa.Column({ "id", sa.Integer, primary_key = true }),
      sa.Column({ "a_id", sa.Integer, sa.ForeignKey({ "a.id", name = names and "fk_ba" }) }),
    })
    sa.Table({
      "c",
      meta,
      sa.Column({ "a_id", sa.Integer, sa.ForeignKey({ "a.id" }) }),
    })
    return meta
  end

  it("add keys of circles when all tables are there", function()
    assert.same({
      "CREATE TABLE a (id INTEGER NOT NULL AUTO_INCREMENT, b_id INTEGER, PRIMARY KEY (id))",
      "CREATE INDEX ix ON a (b_id)",
      "CREATE TABLE b (id INTEGER NOT NULL AUTO_INCREMENT, a_id INTEGER, PRIMARY KEY (id))",
      "CREATE TABLE c (a_id INTEGER, FOREIGN KEY(a_id) REFERENCES a (id))",
      "ALTER TABLE a ADD CONSTRAINT fk_ab FOREIGN KEY(b_id) REFERENCES b (id)",
      "ALTER TABLE b ADD CONSTRAINT fk_ba FOREIGN KEY(a_id) REFERENCES a (id)",
    }, texts_of(circle(true):create_statements(), "mysql"))
    assert.same({
      "ALTER TABLE a DROP FOREIGN KEY fk_ab",
      "ALTER TABLE b DROP FOREIGN KEY fk_ba",
      "DROP TABLE c",
      "DROP TABLE b",
      "DROP TABLE a",
    }, texts_of(circle(true):drop_statements(), "mysql"))
  end)

  it("leave them in CREATE TABLE where there is no ALTER", function()
    local sqlite = { dialect = "sqlite" }
    local texts = texts_of(circle():create_statements(sqlite), "sqlite")
    assert.equal(
      "CREATE TABLE a (id INTEGER NOT NULL, b_id INTEGER, PRIMARY KEY (id), "
        .. "FOREIGN KEY(b_id) REFERENCES b (id))",
      texts[1]
    )
    assert.equal(4, #texts)
    assert.equal(3, #circle():drop_statements(sqlite))
  end)

  it("raise about circles whose keys have no names, when they are dropped", function()
    local ok, err = pcall(function()
      circle():drop_statements()
    end)
    assert.is_false(ok)
    assert.equal("CircularDependencyError", err.class)
    assert.is_truthy(tostring(err):find("the tables 'a', 'b' refer to each other in a circle"))
    assert.is_false(pcall(function()
      return circle(true).sorted_tables
    end))
  end)

  it("leave keys with use_alter to ALTER TABLE", function()
    local meta = sa.MetaData()
    local a = sa.Table({ "a", meta, sa.Column({ "id", sa.Integer, primary_key = true }) })
    local b = sa.Table({
      "b",
      meta,
      sa.Column({ "a_id", sa.Integer }),
      sa.ForeignKeyConstraint({ "a_id" }, { "a.id" }, { name = "fk", use_alter = true }),
    })
    assert.equal("CREATE TABLE b (a_id INTEGER)", sa.CreateTable(b):compile().string)
    assert.is_truthy(
      sa.CreateTable(b):compile({ dialect = "sqlite" }).string:find("FOREIGN KEY", 1, true)
    )
    assert.same({
      "CREATE TABLE a (id INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (id))",
      "CREATE TABLE b (a_id INTEGER)",
      "ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY(a_id) REFERENCES a (id)",
    }, texts_of(meta:create_statements({ tables = { a, b } }), "mysql"))
  end)

  it("make the types that PostgreSQL gives names, each once and first", function()
    local meta = sa.MetaData()
    local mood = sa.Enum({ "ok", "it's", name = "mood" })
    sa.Table({ "a", meta, sa.Column({ "x", mood }) })
    sa.Table({ "b", meta, sa.Column({ "x", mood }), sa.Column({ "y", sa.Enum({ "p" }) }) })
    local postgresql = { dialect = "postgresql" }
    assert.same({
      "CREATE TYPE mood AS ENUM ('ok', 'it''s')",
      "CREATE TABLE a (x mood)",
      "CREATE TABLE b (x mood, y VARCHAR(1))",
    }, texts_of(meta:create_statements(postgresql), "postgresql"))
    assert.same(
      { "DROP TABLE b", "DROP TABLE a", "DROP TYPE mood" },
      texts_of(meta:drop_statements(postgresql), "postgresql")
    )
    assert.equal(2, #meta:create_statements())
  end)

  it("make the sequences of columns, each once and first", function()
    local meta = sa.MetaData()
    local numbers = sa.Sequence({ "numbers", start = 5 })
    sa.Table({ "a", meta, sa.Column({ "x", sa.Integer, numbers }) })
    sa.Table({ "b", meta, sa.Column({ "x", sa.Integer, numbers }) })
    for _, dialect in ipairs({ "mariadb", "postgresql" }) do
      assert.same({
        "CREATE SEQUENCE numbers START WITH 5",
        "CREATE TABLE a (x INTEGER)",
        "CREATE TABLE b (x INTEGER)",
      }, texts_of(meta:create_statements({ dialect = dialect }), dialect))
      local dropped = texts_of(meta:drop_statements({ dialect = dialect }), dialect)
      assert.same({ "DROP TABLE b", "DROP TABLE a", "DROP SEQUENCE numbers" }, dropped)
    end
    assert.equal(2, #meta:create_statements())
    assert.equal(2, #meta:create_statements({ dialect = "sqlite" }))
  end)

  it("have keys that CREATE TABLE cannot do without", function()
    local meta = sa.MetaData()
    local t = sa.Table({
      "t",
      meta,
      sa.Column({ "a", sa.Integer, primary_key = true, autoincrement = false }),
      sa.Column({ "b", sa.Integer, nullable = false, autoincrement = true }),
      sa.Column({ "c", sa.Integer }),
      sa.Column({ "d", sa.Integer }),
      sa.ForeignKeyConstraint({ "c" }, { "t.d" }),
      sa.Index({ "ix_b", "b", mysql_comment = "it's" }),
      sa.Index({ "ix_d", "d", "c", unique = true }),
      sa.Index({ "ix_c", "c" }),
    })
    assert.same({
      "CREATE TABLE t (a INTEGER NOT NULL, b INTEGER NOT NULL AUTO_INCREMENT, c INTEGER, "
        .. "d INTEGER, PRIMARY KEY (a), KEY ix_b (b) COMMENT 'it''s', UNIQUE KEY ix_d (d, c), "
        .. "FOREIGN KEY(c) REFERENCES t (d))",
      "CREATE INDEX ix_c ON t (c)",
    }, texts_of(meta:create_statements(), "mysql"))
    assert.equal(3, #t.indexes)
  end)
end)

describe("what MySQL and MariaDB have besides", function()
  local sa = require("lunasa.sa")
  local mysql = sa.mysql

  local function text_of(statement, dialect)
    return (statement:compile({ dialect = dialect or "mysql" }).string:gsub("%s+", " "))
  end

  it("is written in columns", function()
    local t = sa.Table({
      "t",
      sa.MetaData(),
      sa.Column({
        "a",
        mysql.ENUM({ "x", "y\1001\2", charset = "latin1" }),
        mysql_invisible = true,
      }),
      sa.Column({ "b", mysql.POINT({ srid = 4326 }), nullable = false }),
      sa.Column({
        "c",
        sa.DateTime,
        server_default = sa.func.now(),
        server_onupdate = sa.func.now(),
        mariadb_without_system_versioning = true,
      }),
      sa.Column({ "d", sa.TIMESTAMP, mysql_row = "START" }),
      sa.CheckConstraint({ "a > 1", name = "ck", mysql_enforced = false }),
      mysql_partition_by = "HASH (a)",
      mysql_row_format = "DYNAMIC",
      mariadb_with_system_versioning = true,
      mysql_connection = "it's",
    })
    assert.equal(
      "CREATE TABLE t (a ENUM('x','y\1001\2') CHARACTER SET latin1 INVISIBLE, "
        .. "b POINT SRID 4326 NOT NULL, c DATETIME DEFAULT now() ON UPDATE now(), "
        .. "d TIMESTAMP GENERATED ALWAYS AS ROW START, "
        .. "CONSTRAINT ck CHECK (a > 1) NOT ENFORCED) "
        .. "CONNECTION='it''s' ROW_FORMAT=DYNAMIC PARTITION BY HASH (a)",
      text_of(sa.CreateTable(t))
    )
    local text = text_of(sa.CreateTable(t), "mariadb")
    assert.is_truthy(text:find("now() WITHOUT SYSTEM VERSIONING", 1, true))
    assert.is_truthy(text:find("WITH SYSTEM VERSIONING PARTITION BY", 1, true))
  end)

  it("is written in keys", function()
    local t = sa.Table({
      "t",
      sa.MetaData(),
      sa.Column({ "a", sa.String(50) }),
      sa.Column({ "b", sa.String(50) }),
      sa.PrimaryKeyConstraint({
        "a",
        "b",
        mysql_length = { a = 9 },
        mysql_sorting = { b = "desc" },
      }),
    })
    assert.is_truthy(text_of(sa.CreateTable(t)):find("PRIMARY KEY (a(9), b DESC)", 1, true))
    local index = sa.Index({
      "ix",
      t.c.a:desc(),
      sa.literal_column("(a) + (b)"),
      sa.literal_column("lower(b)"):desc(),
      mysql_length = { a = 5 },
      mysql_visible = false,
      mysql_prefix = "FULLTEXT",
      mysql_with_parser = "ngram",
    })
    local text = "CREATE FULLTEXT INDEX ix ON t (a(5) DESC, ((a) + (b)), (lower(b)) DESC) "
      .. "WITH PARSER ngram "
    assert.equal(text .. "INVISIBLE", text_of(sa.CreateIndex(index)))
    assert.equal(text .. "IGNORED", text_of(sa.CreateIndex(index), "mariadb"))
  end)
end)

describe("a table that is there already", function()
  local sa = require("lunasa.sa")

  it("is kept when that is asked for, and refused otherwise", function()
    local meta = sa.MetaData()
    local t = sa.Table({ "t", meta, sa.Column({ "a", sa.Integer }) })
    assert.equal(t, sa.Table({ "t", meta, sa.Column({ "b", sa.Integer }), keep_existing = true }))
    local ok, err = pcall(sa.Table, { "t", meta, sa.Column({ "b", sa.Integer }) })
    assert.is_false(ok)
    assert.equal("InvalidRequestError", err.class)
  end)
end)
