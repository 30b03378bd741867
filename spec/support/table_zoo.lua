--- Tables that show what servers can say about tables: by name, the servers that have them, and
--- their definition. Those that others refer to come first.

local MARIADB = { mariadb = true, mariadb_next = true }
local MYSQL = { mysql = true }

---@type { name: string, on?: table<string, true>, ddl: string, behind?: string }[]
return {
  {
    name = "numbers",
    ddl = [[id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, a TINYINT(1),
      b TINYINT UNSIGNED ZEROFILL, c BIGINT UNSIGNED, d DECIMAL(10,3) UNSIGNED DEFAULT 1.5,
      e FLOAT(7,3), f DOUBLE(9,2), g DOUBLE, h FLOAT, i BIT(7) DEFAULT b'101', j YEAR DEFAULT 2020,
      k REAL, l MEDIUMINT(5) ZEROFILL, m NUMERIC, n BOOL DEFAULT TRUE, o INT(11), p SMALLINT,
      q DECIMAL(65,30), r DECIMAL(5), s BIT(64),
      t INT NOT NULL DEFAULT -3, u DOUBLE DEFAULT 1e100]],
  },
  {
    name = "texts",
    ddl = [[a VARCHAR(20) DEFAULT 'it''s \\ x', b CHAR(3) CHARACTER SET latin1 COLLATE
      latin1_german2_ci NOT NULL DEFAULT '', c TEXT, d TINYTEXT CHARACTER SET ascii,
      e ENUM('a,b','it''s','x)','','\\','é','`q`','"','\n','%s','?',':x') DEFAULT 'a,b'
        COMMENT 'a ''comment'', with, NOT NULL',
      f SET('p','q"','r''s') CHARACTER SET latin1 DEFAULT 'p', g VARBINARY(30) DEFAULT 'x',
      h BINARY(4), i BLOB, j NATIONAL CHAR(5), k LONGTEXT COLLATE utf8mb4_bin, l CHAR(0),
      m VARCHAR(5) BINARY, n CHAR BYTE, o BINARY(3) DEFAULT '\0a\0', p MEDIUMTEXT, q TINYBLOB,
      r MEDIUMBLOB, s LONGBLOB, t VARCHAR(9) NOT NULL DEFAULT 'NULL', u TEXT(100), v BLOB(70000),
      w VARCHAR(30) DEFAULT '12:30 :name %s ?' COMMENT ':x \\ \0 \n "q" `']],
  },
  {
    name = "times",
    ddl = [[a DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
      b TIMESTAMP NULL, c TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
      d TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP, e TIME(3), f DATE DEFAULT '2020-01-01',
      g DATETIME DEFAULT '2020-01-01 00:00:00', h TIME DEFAULT '12:30:00', i YEAR,
      j TIMESTAMP(2) NOT NULL DEFAULT CURRENT_TIMESTAMP(2) ON UPDATE CURRENT_TIMESTAMP(2)]],
  },
  {
    name = "expressions",
    ddl = [[a INT, h INT DEFAULT (1+2), i VARCHAR(40) DEFAULT (uuid()), j JSON,
      k JSON DEFAULT ('[]'),
      l TEXT DEFAULT ('a''b'), x VARCHAR(50) DEFAULT (concat('it''s','\\','\n',':a','?')),
      y DATETIME DEFAULT (now() + interval 1 day) COMMENT 'ON UPDATE', z INT DEFAULT (-1),
      w VARCHAR(9) DEFAULT (case when 1 is not null then 'a' else 'b' end),
      v INT AS (a * 2) VIRTUAL, u INT AS (a + 1) STORED COMMENT 'g',
      t VARCHAR(30) AS (concat('it''s ', a, ') ,')) VIRTUAL]],
  },
  {
    name = "hidden",
    ddl = [[a INT, e INT INVISIBLE, f INT NOT NULL DEFAULT 5 INVISIBLE COMMENT 'inv']],
  },
  {
    name = "checked",
    ddl = [[a INT CHECK (a > 5), b INT, h VARCHAR(9),
      CONSTRAINT ck1 CHECK (b < 10 AND h <> 'x''y)'),
      CHECK (b > 1), CONSTRAINT `c``k` CHECK (h IN (')', '(', ',', '\\'))]],
  },
  {
    name = "keys",
    ddl = [[a INT NOT NULL, b VARCHAR(100), c TEXT, d INT, p POINT NOT NULL,
      UNIQUE KEY u (a, b(10)),
      KEY `k d` (d, a), FULLTEXT KEY ft (c), SPATIAL KEY sp (p), UNIQUE KEY u2 (d),
      KEY cm (a) USING BTREE COMMENT 'ix ''c''', KEY ds (d DESC, a ASC, b(3) DESC)]],
  },
  {
    name = "counted",
    ddl = [[a INT NOT NULL AUTO_INCREMENT, b VARBINARY(300), c BLOB NOT NULL, KEY (a),
      PRIMARY KEY (c(20), a)]],
  },
  { name = "counted apart", ddl = [[a INT PRIMARY KEY, b INT NOT NULL AUTO_INCREMENT UNIQUE]] },
  {
    name = "counted behind",
    ddl = [[a INT, b INT NOT NULL AUTO_INCREMENT, KEY x (b, a)]],
    behind = [[ENGINE=MyISAM COMMENT='it''s'
      MAX_ROWS=100 MIN_ROWS=2 AVG_ROW_LENGTH=10 CHECKSUM=1 DELAY_KEY_WRITE=1 PACK_KEYS=1]],
  },
  {
    name = "we`ird \"n.a,m(e'; -- x",
    ddl = [[`id``x` INT PRIMARY KEY, `we``ird "n.a,m(e` VARCHAR(10), `SELECT` INT, UNIQUE(`SELECT`),
      `日本` INT, `KEY` INT, `UPPER` INT, ` x` INT, `a\` INT, `'` INT, `:b` INT, `?` INT, `%s` INT,
      KEY `a.b` (`:b`), KEY `日` (`日本`, `?` DESC)]],
    behind = [[ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4
      DEFAULT CHARSET=latin1 AUTO_INCREMENT=7 STATS_PERSISTENT=1
      COMMENT='tbl ''c'' \\ ; , ENGINE=x']],
  },
  {
    name = "references",
    ddl = [[id INT PRIMARY KEY, x INT, s INT, t INT, KEY (t),
      CONSTRAINT `f``k` FOREIGN KEY (x) REFERENCES `we``ird "n.a,m(e'; -- x` (`id``x`)
        ON DELETE CASCADE ON UPDATE SET NULL,
      FOREIGN KEY (s) REFERENCES `references` (id) ON DELETE NO ACTION ON UPDATE RESTRICT,
      CONSTRAINT two FOREIGN KEY (s) REFERENCES numbers (id) ON DELETE SET NULL]],
  },
  {
    name = "composite",
    ddl = [[a INT, b INT, c INT, d INT, PRIMARY KEY (a, b), UNIQUE KEY cd (c, d),
      CONSTRAINT up FOREIGN KEY (d, c) REFERENCES composite (a, b),
      CONSTRAINT across FOREIGN KEY (a, b) REFERENCES composite (c, d)]],
  },
  {
    name = "shapes",
    ddl = [[g GEOMETRY, p POINT, l LINESTRING, po POLYGON, mp MULTIPOINT, ml MULTILINESTRING,
      mpo MULTIPOLYGON, gc GEOMETRYCOLLECTION]],
  },
  {
    name = "ranges",
    ddl = [[id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y)]],
    behind = [[PARTITION BY RANGE (y)
      (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)]],
  },
  {
    name = "lists",
    ddl = [[id INT, y INT, s INT]],
    behind = [[PARTITION BY LIST COLUMNS (y) SUBPARTITION BY HASH (s)
      SUBPARTITIONS 2 (PARTITION p1 VALUES IN (1,2) COMMENT 'it''s', PARTITION p2 VALUES IN (3))]],
  },
  {
    name = "parts",
    ddl = [[id INT, y INT]],
    behind = [[PARTITION BY KEY (id) PARTITIONS 4]],
  },
  {
    name = "json as text",
    ddl = [[a INT NOT NULL PRIMARY KEY, b LONGTEXT CHECK (json_valid(b)), c LONGTEXT CHARACTER SET
      utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`c`) and length(c) < 10), d JSON NOT NULL]],
  },
  {
    name = "in memory",
    ddl = [[a INT, b INT, PRIMARY KEY USING HASH (a), KEY k USING BTREE (b), KEY h (a, b)
      USING HASH]],
    behind = [[ENGINE=MEMORY]],
  },
  {
    name = "collations",
    ddl = [[a VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, b ENUM('x') CHARACTER SET
      utf8mb4, c TEXT CHARACTER SET latin1 COLLATE latin1_general_cs]],
    behind = [[DEFAULT CHARSET=latin1 COLLATE=latin1_bin]],
  },
  {
    name = "defaults",
    ddl = [[a YEAR NOT NULL DEFAULT 0, b SET('a','b') DEFAULT 'a,b', c TIME DEFAULT '-838:59:59',
      d JSON DEFAULT (json_object('a', 1)), e VARBINARY(10) DEFAULT x'00ff27', f BIT(8) DEFAULT 255,
      g BINARY(2) DEFAULT 'a', h VARCHAR(9) DEFAULT 'NULL', i VARCHAR(20) DEFAULT 'x ON UPDATE y']],
  },
  {
    name = "hidden key",
    ddl = [[a INT INVISIBLE PRIMARY KEY AUTO_INCREMENT, b VARCHAR(300), UNIQUE KEY u (b(100)),
      KEY c (b(5), a DESC)]],
    behind = [[ROW_FORMAT=REDUNDANT STATS_AUTO_RECALC=0 STATS_SAMPLE_PAGES=10]],
  },
  {
    name = "placed",
    on = MYSQL,
    ddl = [[a INT COLUMN_FORMAT FIXED STORAGE DISK, p POINT NOT NULL SRID 4326, SPATIAL INDEX (p)]],
    behind = [[TABLESPACE=innodb_system]],
  },
  {
    name = "hashed",
    on = MARIADB,
    ddl = [[a VARCHAR(10), b BLOB UNIQUE, UNIQUE KEY (a) USING HASH]],
  },
  {
    name = "history",
    on = MARIADB,
    ddl = [[a INT]],
    behind = [[WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 100
      (PARTITION p0 HISTORY, PARTITION pn CURRENT)]],
  },
  {
    name = "functional",
    on = MYSQL,
    ddl = [[a INT, b JSON, KEY fx ((a + 1)), KEY fy ((lower('x')) DESC, a),
      KEY mv ((CAST(b->'$.a' AS UNSIGNED ARRAY))),
      d VARCHAR(20) GENERATED ALWAYS AS (b->>'$.x') STORED NOT NULL, e INT AS (a) UNIQUE]],
  },
  {
    name = "of MySQL",
    on = MYSQL,
    ddl = [[p POINT NOT NULL SRID 4326, v VECTOR(3), a INT, t TEXT, KEY ia (a) INVISIBLE,
      CONSTRAINT ne CHECK (a > 1) NOT ENFORCED, FULLTEXT KEY f (t) WITH PARSER ngram,
      q GEOMETRY SRID 0, PRIMARY KEY (a DESC)]],
    behind = [[COMPRESSION='zlib' ENCRYPTION='N']],
  },
  {
    name = "of MariaDB",
    on = MARIADB,
    ddl = [[u UUID DEFAULT uuid(), i INET6, j INET4, v INT, x VARCHAR(100) COMPRESSED,
      KEY ig (v) IGNORED]],
    behind = [[PAGE_COMPRESSED=1 ENGINE=InnoDB COMMENT='x']],
  },
  {
    name = "versions",
    on = MARIADB,
    ddl = [[id INT PRIMARY KEY, x INT WITHOUT SYSTEM VERSIONING,
      s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
      PERIOD FOR SYSTEM_TIME(s, e)]],
    behind = [[WITH SYSTEM VERSIONING COMMENT='v']],
  },
  {
    name = "periods",
    on = MARIADB,
    ddl = [[x INT, d1 DATE, d2 DATE, PERIOD FOR p(d1, d2), PRIMARY KEY (x, p WITHOUT OVERLAPS)]],
  },
  {
    name = "vectors",
    on = { mariadb_next = true },
    ddl = [[a INT, v VECTOR(3) NOT NULL, VECTOR INDEX near (v) M=8 DISTANCE=cosine]],
  },
}
