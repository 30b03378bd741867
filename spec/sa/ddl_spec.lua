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
> CONSTRAINT uq_ab UNIQUE (a, b)) ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='a
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
