--- What servers said about their tables, as descriptions.
local NULL = require("lunasa.null")
local definition = require("lunasa.dialects.mysql.reflection.definition")
local dialects = require("lunasa.sa.dialects")
local reflection = require("lunasa.dialects.mysql.reflection")

require("lunasa.sa")

local function read(text)
  local found = definition.read(text)
  assert.same({}, found.warnings)
  return found
end

--- The types of columns as text, by name.
local function types_of(found)
  local texts = {}
  for _, column in ipairs(found.columns) do
    texts[column.name] = column.type:compile()
  end
  return texts
end

local function by_name(list)
  local map = {}
  for _, one in ipairs(list) do
    map[one.name] = one
  end
  return map
end

describe("what SHOW CREATE TABLE says", function()
  it("has types with all that they are given", function()
    local found = read([[
CREATE TABLE `t` (
  `a` tinyint(3) unsigned zerofill DEFAULT NULL,
  `b` decimal(10,3) unsigned DEFAULT 1.500,
  `c` bit(7) DEFAULT b'101',
  `d` year(4) DEFAULT 2020,
  `e` enum('a,b','it''s','x)','','\\','é','`q`') DEFAULT 'a,b' COMMENT 'a ''c'', with, NOT NULL',
  `f` set('p','q"','r''s') CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL,
  `g` char(3) CHARACTER SET latin1 COLLATE latin1_german2_ci NOT NULL DEFAULT '',
  `h` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  `i` geomcollection DEFAULT NULL,
  `j` point NOT NULL /*!80003 SRID 4326 */,
  `k` vector(3) DEFAULT NULL,
  `l` double(9,2) DEFAULT NULL,
  `m` varbinary(30) DEFAULT x'78'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='tbl ''c'' ; , ENGINE=x'
]])
    assert.same({
      a = "TINYINT(3) UNSIGNED ZEROFILL",
      b = "DECIMAL(10, 3) UNSIGNED",
      c = "BIT(7)",
      d = "YEAR(4)",
      e = "ENUM('a,b','it''s','x)','','\\\\','é','`q`')",
      f = "SET('p','q\"','r''s') CHARACTER SET latin1 COLLATE latin1_bin",
      g = "CHAR(3) CHARACTER SET latin1 COLLATE latin1_german2_ci",
      h = "DATETIME(6)",
      i = "GEOMETRYCOLLECTION",
      j = "POINT SRID 4326",
      k = "VECTOR(3)",
      l = "DOUBLE(9, 2)",
      m = "VARBINARY(30)",
    }, types_of(found))
    local columns = by_name(found.columns)
    assert.equal("a 'c', with, NOT NULL", columns.e.comment)
    assert.equal("current_timestamp(6)", columns.h.default)
    assert.equal("current_timestamp(6)", columns.h.onupdate)
    assert.is_nil(columns.a.default)
    assert.equal("x'78'", columns.m.default)
    assert.equal("''", columns.g.default)
    assert.is_false(columns.g.nullable)
    assert.equal("tbl 'c' ; , ENGINE=x", found.comment)
    assert.same({
      mysql_engine = "InnoDB",
      mysql_default_charset = "utf8mb4",
      mysql_collate = "utf8mb4_general_ci",
    }, found.options)
  end)

  it("has expressions that can be written again, whatever the SQL mode", function()
    local found = read([[
CREATE TABLE "t" (
  "a" int NOT NULL AUTO_INCREMENT,
  "b" int GENERATED ALWAYS AS ((`a` * 2)) VIRTUAL,
  "c" varchar(30) GENERATED ALWAYS AS (concat(_utf8mb4'it\'s )',`a`)) STORED NOT NULL COMMENT 'g',
  "d" int NOT NULL DEFAULT '5' /*!80023 INVISIBLE */ COMMENT 'inv',
  "q""q" varchar(50) DEFAULT (concat("a",'\\',',')),
  CONSTRAINT "ck" CHECK ((("a" < 10) and (`c` <> _utf8mb4'x\'y)'))),
  CONSTRAINT "ne" CHECK ((`a` > 1)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB
/*!50100 PARTITION BY RANGE ("a")
(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,
 PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */]])
    local columns = by_name(found.columns)
    assert.is_true(columns.a.autoincrement)
    assert.same({ sqltext = "(`a` * 2)", persisted = false }, columns.b.computed)
    assert.same({ sqltext = "concat(_utf8mb4'it''s )',`a`)", persisted = true }, columns.c.computed)
    assert.is_true(columns.d.dialect_options.mysql_invisible)
    assert.equal("inv", columns.d.comment)
    assert.equal([[(concat(`a`,'\\',','))]], columns['q"q'].default)
    local checks = by_name(found.checks)
    assert.equal("((`a` < 10) and (`c` <> _utf8mb4'x''y)'))", checks.ck.sqltext)
    assert.is_false(checks.ne.dialect_options.mysql_enforced)
    local partitions = "RANGE (`a`) (PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB, "
      .. "PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB)"
    assert.equal(partitions, found.options.mysql_partition_by)
  end)

  it("has keys with all that they are given", function()
    local found = read([[
CREATE TABLE `t` (
  `a` int NOT NULL,
  `b` varchar(100) DEFAULT NULL,
  `c` text,
  `c,o)``l` blob NOT NULL,
  PRIMARY KEY (`c,o)``l`(20),`a` DESC) USING BTREE,
  UNIQUE KEY `u` (`a`,`b`(10) DESC),
  KEY `k d` (`b`,`a`) /*!80000 INVISIBLE */,
  KEY `fx` (((`a` + 1)),(lower(`b`)) DESC),
  KEY `cm` (`a`) USING BTREE COMMENT 'ix ''c''',
  FULLTEXT KEY `ft` (`c`) /*!50100 WITH PARSER `ngram` */ ,
  VECTOR KEY `v` (`a`) `M`=8
) ENGINE=InnoDB]])
    assert.same({
      constrained_columns = { "c,o)`l", "a" },
      column_sorting = { a = { "desc" } },
      dialect_options = { mysql_length = { ["c,o)`l"] = 20 }, mysql_using = "BTREE" },
    }, found.primary_key)
    local indexes = by_name(found.indexes)
    assert.same({
      name = "u",
      unique = true,
      column_names = { "a", "b" },
      column_sorting = { b = { "desc" } },
      dialect_options = { mysql_length = { b = 10 } },
    }, indexes.u)
    assert.same({
      name = "fx",
      unique = false,
      column_names = { NULL, NULL },
      expressions = { "(`a` + 1)", "lower(`b`)" },
      column_sorting = { ["lower(`b`)"] = { "desc" } },
      dialect_options = {},
    }, indexes.fx)
    assert.is_false(indexes["k d"].dialect_options.mysql_visible)
    assert.same({ mysql_using = "BTREE", mysql_comment = "ix 'c'" }, indexes.cm.dialect_options)
    assert.same(
      { mysql_prefix = "FULLTEXT", mysql_with_parser = "ngram" },
      indexes.ft.dialect_options
    )
    assert.equal("VECTOR", indexes.v.dialect_options.mysql_prefix)
    assert.same({ "cm", "ft", "fx", "k d", "u", "v" }, {
      found.indexes[1].name,
      found.indexes[2].name,
      found.indexes[3].name,
      found.indexes[4].name,
      found.indexes[5].name,
      found.indexes[6].name,
    })
  end)

  it("has foreign keys, also where the server doubles no backticks", function()
    for _, name in ipairs({ "f`k", "f``k" }) do
      local found = read(([[
CREATE TABLE `t` (
  `a``b` int(11) DEFAULT NULL,
  `s` int(11) DEFAULT NULL,
  CONSTRAINT `%s` FOREIGN KEY (`%s`, `s`) REFERENCES `o`.`p``q` (`id`, `x.y`)
    ON DELETE SET NULL ON UPDATE NO ACTION,
  CONSTRAINT `t_ibfk_1` FOREIGN KEY (`s`) REFERENCES `t` (`s`) ON DELETE CASCADE
) ENGINE=InnoDB]]):format(name, name == "f`k" and "a`b" or "a``b"))
      assert.same({
        name = "f`k",
        constrained_columns = { "a`b", "s" },
        referred_schema = "o",
        referred_table = "p`q",
        referred_columns = { "id", "x.y" },
        options = { ondelete = "SET NULL", onupdate = "NO ACTION" },
      }, found.foreign_keys[1])
      assert.same({ ondelete = "CASCADE" }, found.foreign_keys[2].options)
    end
  end)

  it("knows MariaDB's JSON, and checks of columns", function()
    local found = read([[
CREATE TABLE `t` (
  `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`)),
  `k` longtext DEFAULT NULL CHECK (json_valid(`k`)),
  `l` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT '[]'
    CHECK (json_valid(`l`) and octet_length(`l`) < 10),
  `x` varchar(100) /*M!100301 COMPRESSED*/ DEFAULT NULL,
  `y` int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING,
  `s` timestamp(6) GENERATED ALWAYS AS ROW START,
  `u` uuid DEFAULT uuid(),
  PERIOD FOR SYSTEM_TIME (`s`, `e`),
  PRIMARY KEY (`y`,`p` WITHOUT OVERLAPS)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci `PAGE_COMPRESSED`='1'
 WITH SYSTEM VERSIONING
 PARTITION BY KEY (`y`)
PARTITIONS 4]])
    local types = types_of(found)
    assert.equal("JSON", types.j)
    assert.equal("LONGTEXT", types.k)
    assert.equal("LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", types.l)
    assert.equal("UUID", types.u)
    assert.same({
      { column = "k", sqltext = "json_valid(`k`)", dialect_options = {} },
      {
        column = "l",
        sqltext = "json_valid(`l`) and octet_length(`l`) < 10",
        dialect_options = {},
      },
    }, found.checks)
    local columns = by_name(found.columns)
    assert.is_true(columns.x.dialect_options.mysql_compressed)
    assert.is_true(columns.y.dialect_options.mysql_without_system_versioning)
    assert.equal("START", columns.s.dialect_options.mysql_row)
    assert.same({ { name = "SYSTEM_TIME", first = "s", last = "e" } }, found.periods)
    assert.same({ "y" }, found.primary_key.constrained_columns)
    assert.equal("p", found.primary_key.dialect_options.mysql_without_overlaps)
    assert.equal("'1'", found.options.mysql_page_compressed)
    assert.is_true(found.options.mysql_with_system_versioning)
    assert.equal("KEY (`y`) PARTITIONS 4", found.options.mysql_partition_by)
  end)

  it("has names without quotes, of sql_quote_show_create", function()
    local found = read([[
CREATE TEMPORARY TABLE t (
  id int NOT NULL,
  `key` int DEFAULT NULL,
  PRIMARY KEY (id),
  KEY k (`key`)
) ENGINE=InnoDB AUTO_INCREMENT=7]])
    assert.equal("id", found.columns[1].name)
    assert.equal("key", found.columns[2].name)
    assert.same({ mysql_engine = "InnoDB" }, found.options)
  end)

  it("warns of what nobody knows", function()
    local found = definition.read([[
CREATE TABLE `t` (
  `a` foo(3,'x') DEFAULT NULL,
  `b` int FANCY DEFAULT '1'
) ENGINE=InnoDB]])
    assert.equal("NullType", found.columns[1].type.__name:match("%w+$"))
    assert.equal("'1'", found.columns[2].default)
    assert.same({
      "column 'a' has the type 'foo(3,'x')', which lunasa does not know: it is a NullType",
      "column 'b' has 'FANCY', which lunasa does not know",
    }, found.warnings)
  end)

  it("is refused where it is none", function()
    for _, text in ipairs({
      "",
      "CREATE VIEW x",
      "CREATE TABLE `t` (`a` int",
      "CREATE TABLE `t` (`a`",
    }) do
      local ok, err = pcall(definition.read, text)
      assert.is_false(ok)
      assert.equal("InvalidRequestError", err.class)
    end
  end)
end)

describe("text that no server writes", function()
  local text = [[
CREATE TABLE `t` (
  `a` enum('x,','y''') CHARACTER SET latin1 NOT NULL DEFAULT 'x,' COMMENT 'c',
  `b` decimal(10,2) unsigned GENERATED ALWAYS AS ((`a` + 1)) STORED,
  `c` point /*!80003 SRID 4326 */,
  PRIMARY KEY (`a`(3) DESC) USING BTREE,
  KEY `k` ((lower(`a`)),`b`) COMMENT 'x' /*!80000 INVISIBLE */,
  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o`.`p` (`x`, `y`) ON DELETE SET NULL,
  CONSTRAINT `ck` CHECK ((`a` <> 'y')) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='x'
/*!50100 PARTITION BY KEY (a) */]]

  --- Anything but a description or a clear error is a mistake.
  local function try(given)
    local ok, err = pcall(definition.read, given)
    local is_clear = type(err) == "table" and err.class == "InvalidRequestError"
    assert.is_true(ok or is_clear, tostring(err))
  end

  it("is refused wherever it ends", function()
    assert.is_true(pcall(definition.read, text))
    for i = 0, #text do
      try(text:sub(1, i))
    end
  end)

  it("is refused wherever it is damaged", function()
    for i = 1, #text do
      for _, sign in ipairs({ "", "'", "`", "(", ")", ",", "\\", "\0", "=" }) do
        try(text:sub(1, i - 1) .. sign .. text:sub(i + 1))
      end
    end
  end)
end)

describe("questions about tables", function()
  local mysql, mariadb = dialects.get("mysql"), dialects.get("mariadb")

  --- Answers with the rows of the first question that fits.
  local function server(answers)
    local asked = {}
    return function(sql, parameters)
      asked[#asked + 1] = sql
      for pattern, rows in pairs(answers) do
        if sql:find(pattern, 1, true) then
          if rows.errno then
            error(rows, 0)
          end
          return rows, parameters
        end
      end
      error("asked " .. sql, 0)
    end,
      asked
  end

  it("put names in quotes", function()
    local run, asked = server({ ["SHOW CREATE"] = { { "t", "CREATE TABLE `t` (\n `a` int\n)" } } })
    reflection.describe(run, mysql, "a`b.c", "s\"'` ")
    reflection.describe(run, mariadb, "x; DROP TABLE y", nil)
    assert.equal("SHOW CREATE TABLE `s\"'`` `.`a``b.c`", asked[1])
    local words = "SET STATEMENT sql_mode = '', sql_quote_show_create = 1 FOR "
    assert.equal(words .. "SHOW CREATE TABLE `x; DROP TABLE y`", asked[2])
  end)

  it("find out what is not there", function()
    local run = server({ ["SHOW CREATE"] = { errno = 1146 } })
    assert.is_nil(reflection.describe(run, mysql, "t"))
    assert.is_false(reflection.has_table(run, mysql, "t", "s"))
    run = server({ ["SHOW CREATE"] = { errno = 1049 } })
    assert.is_false(reflection.has_table(run, mysql, "t", "s"))
    local failing = server({ ["SHOW CREATE"] = { errno = 1142 } })
    local ok, err = pcall(reflection.describe, failing, mysql, "t")
    assert.is_false(ok)
    assert.equal(1142, err.errno)
  end)

  it("describe views by their columns", function()
    local run = server({
      ["SHOW CREATE"] = { { "v", "CREATE ALGORITHM=UNDEFINED VIEW `v` AS select 1" } },
      ["information_schema.COLUMNS"] = {
        { "id", "int(11)", NULL, "NO", "" },
        { "t", "varchar(1)", "utf8mb4_bin", "YES", "said" },
      },
    })
    local found = reflection.describe(run, mysql, "v")
    assert.same({ id = "INTEGER(11)", t = "VARCHAR(1) COLLATE utf8mb4_bin" }, types_of(found))
    assert.is_false(found.columns[1].nullable)
    assert.equal("said", found.columns[2].comment)
    assert.is_true(found.is_view)
  end)
end)
