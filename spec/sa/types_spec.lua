--- Types, in every dialect.
local statements = require("spec.support.statements")

describe("types", function()
  for name, check in
    statements([==[
people:insert():values{ is_member = 1, name = "x" }
> INSERT INTO people (name, is_member) VALUES (?, ?)
postgresql> INSERT INTO people (name, is_member) VALUES (?, ?) RETURNING people.id
# 'x', 1
postgresql# 'x', true

people:insert():values{ joined = datetime(2024, 2, 29, 1, 2, 3), name = "x" }
> INSERT INTO people (name, joined) VALUES (?, ?)
postgresql> INSERT INTO people (name, joined) VALUES (?, ?) RETURNING people.id
# 'x', 2024-02-29 01:02:03
sqlite# 'x', '2024-02-29 01:02:03.000000'

games:insert():values{ played = date(2024, 2, 29), score = decimal("1.50"), state = "open" }
> INSERT INTO games (played, score, state) VALUES (?, ?, ?)
postgresql> INSERT INTO games (played, score, state) VALUES (?, ?, ?) RETURNING games.id
# 2024-02-29, 1.50, 'open'
sqlite# '2024-02-29', 1.5, 'open'

people:insert():values{ extra = NULL, name = "x" }
> INSERT INTO people (name, extra) VALUES (?, ?)
postgresql> INSERT INTO people (name, extra) VALUES (?, ?) RETURNING people.id
# 'x', 'null'

people:insert():values{ extra = null(), name = "x" }
> INSERT INTO people (name, extra) VALUES (?, NULL)
postgresql> INSERT INTO people (name, extra) VALUES (?, NULL) RETURNING people.id
# 'x'

people:insert():values{ extra = JSON.NULL, name = "x" }
> INSERT INTO people (name, extra) VALUES (?, ?)
postgresql> INSERT INTO people (name, extra) VALUES (?, ?) RETURNING people.id
# 'x', 'null'

people:insert():values{ extra = { 1, "a", true }, name = "x" }
> INSERT INTO people (name, extra) VALUES (?, ?)
postgresql> INSERT INTO people (name, extra) VALUES (?, ?) RETURNING people.id
# 'x', '[1,"a",true]'

select(people.c.id):where(people.c.joined:gt(datetime(2024, 1, 1)),
  games.c.played:eq(date(2024, 1, 2)))
> SELECT people.id FROM people, games WHERE people.joined > ? AND games.played = ?
# 2024-01-01 00:00:00, 2024-01-02
sqlite# '2024-01-01 00:00:00.000000', '2024-01-02'

select(people.c.joined - people.c.joined, people.c.age / 2, people.c.age / 2.5)
> SELECT people.joined - people.joined AS anon_1, people.age / ? AS anon_2, people.age / ? AS
> anon_3 FROM people
# 2, 2.5

CreateTable(Table{ "kinds", MetaData(), Column{ "a", SmallInteger }, Column{ "b", BigInteger },
  Column{ "c", Float }, Column{ "d", Float(10) }, Column{ "e", Numeric }, Column{ "f",
  Numeric(8) }, Column{ "g", Boolean }, Column{ "h", Date }, Column{ "i", Time }, Column{ "j",
  DateTime }, Column{ "k", LargeBinary }, Column{ "l", Text }, Column{ "m", JSON },
  Column{ "n", Interval }, Column{ "o", Unicode(5) }, Column{ "p", UnicodeText } })
> CREATE TABLE kinds (a SMALLINT, b BIGINT, c FLOAT, d FLOAT(10), e NUMERIC, f NUMERIC(8), g
> BOOL, h DATE, i TIME, j DATETIME, k BLOB, l TEXT, m JSON, n DATETIME, o VARCHAR(5), p TEXT)
sqlite> CREATE TABLE kinds (a SMALLINT, b BIGINT, c FLOAT, d FLOAT, e NUMERIC, f NUMERIC(8), g
sqlite> BOOLEAN, h DATE, i TIME, j DATETIME, k BLOB, l TEXT, m JSON, n DATETIME, o VARCHAR(5),
sqlite> p TEXT)
postgresql> CREATE TABLE kinds (a SMALLINT, b BIGINT, c FLOAT, d FLOAT(10), e NUMERIC, f
postgresql> NUMERIC(8), g BOOLEAN, h DATE, i TIME WITHOUT TIME ZONE, j TIMESTAMP WITHOUT TIME
postgresql> ZONE, k BYTEA, l TEXT, m JSON, n INTERVAL, o VARCHAR(5), p TEXT)

CreateTable(Table{ "caps", MetaData(), Column{ "a", INTEGER }, Column{ "b", VARCHAR(9) },
  Column{ "c", CHAR(3) }, Column{ "d", DECIMAL(5, 1) }, Column{ "e", TIMESTAMP }, Column{ "f",
  BLOB }, Column{ "g", BIGINT }, Column{ "h", REAL }, Column{ "i", DATE }, Column{ "j", TEXT },
  Column{ "k", BOOLEAN }, Column{ "l", SMALLINT }, Column{ "m", FLOAT }, Column{ "n",
  NUMERIC(4) }, Column{ "o", BINARY(4) }, Column{ "p", VARBINARY(9) } })
> CREATE TABLE caps (a INTEGER, b VARCHAR(9), c CHAR(3), d DECIMAL(5, 1), e TIMESTAMP NULL, f
> BLOB, g BIGINT, h REAL, i DATE, j TEXT, k BOOL, l SMALLINT, m FLOAT, n NUMERIC(4), o
> BINARY(4), p VARBINARY(9))
sqlite> CREATE TABLE caps (a INTEGER, b VARCHAR(9), c CHAR(3), d DECIMAL(5, 1), e TIMESTAMP, f
sqlite> BLOB, g BIGINT, h REAL, i DATE, j TEXT, k BOOLEAN, l SMALLINT, m FLOAT, n NUMERIC(4), o
sqlite> BINARY(4), p VARBINARY(9))
postgresql> CREATE TABLE caps (a INTEGER, b VARCHAR(9), c CHAR(3), d DECIMAL(5, 1), e TIMESTAMP
postgresql> WITHOUT TIME ZONE, f BYTEA, g BIGINT, h REAL, i DATE, j TEXT, k BOOLEAN, l
postgresql> SMALLINT, m FLOAT, n NUMERIC(4), o BINARY(4), p VARBINARY(9))

CreateTable(Table{ "e", MetaData(), Column{ "a", Enum{ "x", "it's", name = "en" } },
  Column{ "b", String(5):with_variant(mysql.VARCHAR(7), "mysql") }, Column{ "c",
  DateTime{ timezone = true } } })
> CREATE TABLE e (a ENUM('x','it''s'), b VARCHAR(7), c DATETIME)
sqlite> CREATE TABLE e (a VARCHAR(4), b VARCHAR(5), c DATETIME)
postgresql> CREATE TABLE e (a en, b VARCHAR(5), c TIMESTAMP WITH TIME ZONE)

CreateTable(Table{ "my", MetaData(), Column{ "a", mysql.TINYINT(1) }, Column{ "b",
  mysql.INTEGER{ unsigned = true } }, Column{ "c", mysql.BIGINT(20, { unsigned = true }) },
  Column{ "d", mysql.MEDIUMTEXT }, Column{ "e", mysql.DATETIME{ fsp = 6 } }, Column{ "f",
  mysql.SET("a", "b") }, Column{ "g", mysql.YEAR }, Column{ "h", mysql.BIT(8) }, Column{ "i",
  mysql.VARCHAR(9, { charset = "latin1", collation = "latin1_bin" }) }, Column{ "j",
  mysql.DOUBLE(8, 2) }, Column{ "k", mysql.LONGBLOB }, Column{ "l", mysql.ENUM("p", "q") },
  Column{ "m", mysql.JSON }, Column{ "n", mysql.TIMESTAMP{ fsp = 3 } }, Column{ "o",
  mysql.DECIMAL(9, 2, { unsigned = true, zerofill = true }) } })
> CREATE TABLE my (a TINYINT(1), b INTEGER UNSIGNED, c BIGINT(20) UNSIGNED, d MEDIUMTEXT, e
> DATETIME(6), f SET('a','b'), g YEAR, h BIT(8), i VARCHAR(9) CHARACTER SET latin1 COLLATE
> latin1_bin, j DOUBLE(8, 2), k LONGBLOB, l ENUM('p','q'), m JSON, n TIMESTAMP(3) NULL, o
> DECIMAL(9, 2) UNSIGNED ZEROFILL)
sqlite! CompileError: SQLite has no type 'mysql_number'
postgresql! CompileError: PostgreSQL has no type 'mysql_number'

CreateTable(Table{ "s", MetaData(), Column{ "a", String }, Column{ "b", LargeBinary(9) },
  Column{ "c", Text(100) }, Column{ "d", String(9, { collation = "utf8mb4_bin" }) } })
> CREATE TABLE s (a VARCHAR, b BLOB, c TEXT(100), d VARCHAR(9) COLLATE "utf8mb4_bin")
mysql! CompileError: VARCHAR needs a length on MySQL: String(50)
mariadb! CompileError: VARCHAR needs a length on MariaDB: String(50)
postgresql> CREATE TABLE s (a VARCHAR, b BYTEA, c TEXT, d VARCHAR(9) COLLATE "utf8mb4_bin")

CreateTable(Table{ "s", MetaData(), Column{ "b", LargeBinary(9) }, Column{ "c", Text(100) },
  Column{ "d", String(9, { collation = "utf8mb4_bin" }) } })
> CREATE TABLE s (b BLOB(9), c TEXT(100), d VARCHAR(9) COLLATE utf8mb4_bin)
sqlite> CREATE TABLE s (b BLOB, c TEXT(100), d VARCHAR(9) COLLATE "utf8mb4_bin")
postgresql> CREATE TABLE s (b BYTEA, c TEXT, d VARCHAR(9) COLLATE "utf8mb4_bin")

CreateTable(Table{ "pgt", MetaData(), Column{ "a", pg.ARRAY(Integer) }, Column{ "b",
  pg.JSONB }, Column{ "c", pg.UUID }, Column{ "d", pg.INET }, Column{ "e", pg.BYTEA } })
> CREATE TABLE pgt (a INTEGER[], b JSONB, c UUID, d INET, e BYTEA)
mysql! CompileError: MySQL has no type 'array'
mariadb! CompileError: MariaDB has no type 'array'
sqlite! CompileError: SQLite has no type 'array'
]==])
  do
    it(name, check)
  end
end)
