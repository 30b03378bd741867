--- INSERT, UPDATE and DELETE, in every dialect.
local statements = require("spec.support.statements")

describe("INSERT, UPDATE and DELETE", function()
  for name, check in
    statements([==[
people:insert():values{ name = "x", age = 3 }
> INSERT INTO people (name, age) VALUES (?, ?)
postgresql> INSERT INTO people (name, age) VALUES (?, ?) RETURNING people.id
# 'x', 3

insert(people):values{ name = "x", age = NULL, is_member = true }
> INSERT INTO people (name, age, is_member) VALUES (?, ?, ?)
postgresql> INSERT INTO people (name, age, is_member) VALUES (?, ?, ?) RETURNING people.id
# 'x', NULL, 1
postgresql# 'x', NULL, true

people:insert():values{ name = func.upper("x"), age = select(func.max(p2.c.age))
  :scalar_subquery() }
> INSERT INTO people (name, age) VALUES (upper(?), (SELECT max(p2.age) AS max_1 FROM people AS
> p2))
postgresql> INSERT INTO people (name, age) VALUES (upper(?), (SELECT max(p2.age) AS max_1 FROM
postgresql> people AS p2)) RETURNING people.id
# 'x'

people:insert():values{ { name = "a", age = 1 }, { name = "b", age = 2 } }
> INSERT INTO people (name, age) VALUES (?, ?), (?, ?)
# 'a', 1, 'b', 2

people:insert()
> INSERT INTO people (id, name, email, age, is_member, team_id, joined, extra) VALUES (?, ?, ?,
> ?, ?, ?, ?, ?)
# NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL

people:insert():values{ 1, "x" }
> INSERT INTO people (id, name) VALUES (?, ?)
# 1, 'x'

people:insert():values{ name = null(), age = text("1 + 1") }
> INSERT INTO people (name, age) VALUES (NULL, 1 + 1)
postgresql> INSERT INTO people (name, age) VALUES (NULL, 1 + 1) RETURNING people.id

people:insert():from_select({ "name", "age" }, select(teams.c.title, teams.c.id)
  :where(teams.c.id:gt(3)))
> INSERT INTO people (name, age) SELECT teams.title, teams.id FROM teams WHERE teams.id > ?
# 3

settings:insert():values{ key = "a" }
> INSERT INTO settings (`key`, hits, changed) VALUES (?, ?, now())
sqlite> INSERT INTO settings ("key", hits, changed) VALUES (?, ?, CURRENT_TIMESTAMP)
postgresql> INSERT INTO settings (key, hits, changed) VALUES (?, ?, now())
# 'a', 1

settings:insert():values{ key = "a", hits = 7, changed = NULL }
> INSERT INTO settings (`key`, hits, changed) VALUES (?, ?, ?)
sqlite> INSERT INTO settings ("key", hits, changed) VALUES (?, ?, ?)
postgresql> INSERT INTO settings (key, hits, changed) VALUES (?, ?, ?)
# 'a', 7, NULL

settings:insert():from_select({ "key" }, select(people.c.name))
> INSERT INTO settings (`key`, hits, changed) SELECT people.name, ? AS anon_1, now() AS now_1
> FROM people
sqlite> INSERT INTO settings ("key", hits, changed) SELECT people.name, ? AS anon_1,
sqlite> CURRENT_TIMESTAMP AS now_1 FROM people
postgresql> INSERT INTO settings (key, hits, changed) SELECT people.name, ? AS anon_1, now() AS
postgresql> now_1 FROM people
# 1

settings:insert():from_select({ "key" }, select(people.c.name), { include_defaults = false })
> INSERT INTO settings (`key`) SELECT people.name FROM people
sqlite> INSERT INTO settings ("key") SELECT people.name FROM people
postgresql> INSERT INTO settings (key) SELECT people.name FROM people

settings:insert():values{ { key = "a" }, { key = "b" } }
> INSERT INTO settings (`key`, hits, changed) VALUES (?, ?, now()), (?, ?, now())
sqlite> INSERT INTO settings ("key", hits, changed) VALUES (?, ?, CURRENT_TIMESTAMP), (?, ?,
sqlite> CURRENT_TIMESTAMP)
postgresql> INSERT INTO settings (key, hits, changed) VALUES (?, ?, now()), (?, ?, now())
# 'a', 1, 'b', 1

people:insert():prefix_with("IGNORE", { dialect = "mysql" }):values{ name = "x" }
> INSERT IGNORE INTO people (name) VALUES (?)
sqlite> INSERT INTO people (name) VALUES (?)
postgresql> INSERT INTO people (name) VALUES (?) RETURNING people.id
# 'x'

people:update():where(people.c.id:eq(5)):values{ name = "x", age = people.c.age + 1 }
> UPDATE people SET name=?, age=(people.age + ?) WHERE people.id = ?
# 'x', 1, 5

update(people):values{ age = NULL, is_member = false }:where(people.c.name:like("a%"),
  people.c.age:gt(3))
> UPDATE people SET age=?, is_member=? WHERE people.name LIKE ? AND people.age > ?
# NULL, 0, 'a%', 3
postgresql# NULL, false, 'a%', 3

people:update():ordered_values({ "age", 1 }, { people.c.name, "n" })
> UPDATE people SET age=?, name=?
# 1, 'n'

people:update():values{ team_id = select(teams.c.id):where(teams.c.title:eq(people.c.name))
  :scalar_subquery() }
> UPDATE people SET team_id=(SELECT teams.id FROM teams WHERE teams.title = people.name)

people:update():where(people.c.team_id:eq(teams.c.id), teams.c.title:eq("red"))
  :values{ age = 1 }
> UPDATE people SET age=? FROM teams WHERE people.team_id = teams.id AND teams.title = ?
mysql> UPDATE people, teams SET people.age=? WHERE people.team_id = teams.id AND teams.title = ?
# 1, 'red'

people:update():where(people.c.id:in_(select(scores.c.person_id))):values{ age = 0 }
> UPDATE people SET age=? WHERE people.id IN (SELECT scores.person_id FROM scores)
# 0

settings:update():values{ value = "v" }
> UPDATE settings SET value=?, hits=?, changed=now()
sqlite> UPDATE settings SET value=?, hits=?, changed=CURRENT_TIMESTAMP
# 'v', 2

settings:update():values{ hits = settings.c.hits + 1 }:where(settings.c.key:eq("a"))
> UPDATE settings SET hits=(settings.hits + ?), changed=now() WHERE settings.`key` = ?
sqlite> UPDATE settings SET hits=(settings.hits + ?), changed=CURRENT_TIMESTAMP WHERE
sqlite> settings."key" = ?
postgresql> UPDATE settings SET hits=(settings.hits + ?), changed=now() WHERE settings.key = ?
# 1, 'a'

people:update():values{ age = 1 }:with_dialect_options{ mysql_limit = 3 }
> UPDATE people SET age=?
mysql> UPDATE people SET age=? LIMIT 3
# 1

people:update()
> UPDATE people SET id=?, name=?, email=?, age=?, is_member=?, team_id=?, joined=?, extra=?
# NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL

people:update():values{ [people.c.name] = "x", age = 3 }
> UPDATE people SET name=?, age=?
# 'x', 3

people:delete()
> DELETE FROM people

delete(people):where(people.c.id:eq(1), people.c.age:lt(3))
> DELETE FROM people WHERE people.id = ? AND people.age < ?
# 1, 3

people:delete():where(people.c.team_id:eq(teams.c.id), teams.c.title:eq("red"))
> DELETE FROM people USING people, teams WHERE people.team_id = teams.id AND teams.title = ?
sqlite! CompileError: SQLite has no DELETE with a second table; use a subquery
postgresql> DELETE FROM people USING teams WHERE people.team_id = teams.id AND teams.title = ?
# 'red'

people:delete():where(not_(exists(select(scores.c.points)
  :where(scores.c.person_id:eq(people.c.id)))))
> DELETE FROM people WHERE NOT (EXISTS (SELECT scores.points FROM scores WHERE scores.person_id
> = people.id))

mysql.insert(settings):values{ key = "a", value = "v" }:on_duplicate_key_update{ value = "w",
  hits = settings.c.hits + 1 }
> INSERT INTO settings (`key`, value, hits, changed) VALUES (?, ?, ?, now()) ON DUPLICATE KEY
> UPDATE value = ?, hits = (settings.hits + ?)
sqlite! CompileError: SQLite has no ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or
sqlite! sa.pg.insert
postgresql! CompileError: PostgreSQL has no ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or
postgresql! sa.pg.insert
# 'a', 'v', 1, 'w', 1

local i = mysql.insert(settings):values{ key = "a", value = "v" }
return i:on_duplicate_key_update{ value = i.inserted.value,
  hits = func.values(settings.c.hits) }
> INSERT INTO settings (`key`, value, hits, changed) VALUES (?, ?, ?, now()) ON DUPLICATE KEY
> UPDATE value = VALUES(value), hits = values(settings.hits)
sqlite! CompileError: SQLite has no ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or
sqlite! sa.pg.insert
postgresql! CompileError: PostgreSQL has no ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or
postgresql! sa.pg.insert
# 'a', 'v', 1

local i = mysql.insert(settings):values{ key = "a", value = "v" }
return i:on_duplicate_key_update({ "hits", 1 }, { "value", func.concat(i.inserted.value, "x") })
> INSERT INTO settings (`key`, value, hits, changed) VALUES (?, ?, ?, now()) ON DUPLICATE KEY
> UPDATE hits = ?, value = concat(VALUES(value), ?)
sqlite! CompileError: SQLite has no ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or
sqlite! sa.pg.insert
postgresql! CompileError: PostgreSQL has no ON DUPLICATE KEY UPDATE; use sa.sqlite.insert or
postgresql! sa.pg.insert
# 'a', 'v', 1, 1, 'x'

local i = sqlite.insert(settings):values{ key = "a", value = "v" }
return i:on_conflict_do_update{ index_elements = { "key" },
  set_ = { value = i.excluded.value }, where = settings.c.hits:lt(5) }
> INSERT INTO settings ("key", value, hits, changed) VALUES (?, ?, ?, CURRENT_TIMESTAMP) ON
> CONFLICT ("key") DO UPDATE SET value = excluded.value WHERE settings.hits < ?
mysql! CompileError: MySQL has no ON CONFLICT; use sa.mysql.insert
mariadb! CompileError: MariaDB has no ON CONFLICT; use sa.mysql.insert
postgresql> INSERT INTO settings (key, value, hits, changed) VALUES (?, ?, ?, now()) ON
postgresql> CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.hits < ?
# 'a', 'v', 1, 5

pg.insert(settings):values{ key = "a" }:on_conflict_do_nothing()
> INSERT INTO settings ("key", hits, changed) VALUES (?, ?, CURRENT_TIMESTAMP) ON CONFLICT DO
> NOTHING
mysql! CompileError: MySQL has no ON CONFLICT; use sa.mysql.insert
mariadb! CompileError: MariaDB has no ON CONFLICT; use sa.mysql.insert
postgresql> INSERT INTO settings (key, hits, changed) VALUES (?, ?, now()) ON CONFLICT DO
postgresql> NOTHING
# 'a', 1

pg.insert(settings):values{ key = "a" }:on_conflict_do_nothing{ index_elements = { "key" } }
> INSERT INTO settings ("key", hits, changed) VALUES (?, ?, CURRENT_TIMESTAMP) ON CONFLICT
> ("key") DO NOTHING
mysql! CompileError: MySQL has no ON CONFLICT; use sa.mysql.insert
mariadb! CompileError: MariaDB has no ON CONFLICT; use sa.mysql.insert
postgresql> INSERT INTO settings (key, hits, changed) VALUES (?, ?, now()) ON CONFLICT (key) DO
postgresql> NOTHING
# 'a', 1

pg.insert(settings):values{ key = "a" }:on_conflict_do_update{ constraint = "pk",
  set_ = { value = "x", hits = settings.c.hits + 1 } }
> INSERT INTO settings ("key", hits, changed) VALUES (?, ?, CURRENT_TIMESTAMP) ON CONFLICT ON
> CONSTRAINT pk DO UPDATE SET value = ?, hits = (settings.hits + ?)
mysql! CompileError: MySQL has no ON CONFLICT; use sa.mysql.insert
mariadb! CompileError: MariaDB has no ON CONFLICT; use sa.mysql.insert
postgresql> INSERT INTO settings (key, hits, changed) VALUES (?, ?, now()) ON CONFLICT ON
postgresql> CONSTRAINT pk DO UPDATE SET value = ?, hits = (settings.hits + ?)
# 'a', 1, 'x', 1

people:insert():values{ name = "x" }:returning(people.c.id, people.c.name)
> INSERT INTO people (name) VALUES (?) RETURNING people.id, people.name
mysql! CompileError: MySQL has no RETURNING for INSERT
mariadb> INSERT INTO people (name) VALUES (?) RETURNING people.id, people.name
sqlite> INSERT INTO people (name) VALUES (?) RETURNING id, name
# 'x'

people:delete():where(people.c.id:eq(1)):returning(people.c.id)
> DELETE FROM people WHERE people.id = ? RETURNING people.id
mysql! CompileError: MySQL has no RETURNING for DELETE
mariadb> DELETE FROM people WHERE people.id = ? RETURNING people.id
sqlite> DELETE FROM people WHERE people.id = ? RETURNING id
# 1

people:update():values{ age = 1 }:returning(people.c.age + 1)
> UPDATE people SET age=? RETURNING age + ? AS anon_1
mysql! CompileError: MySQL has no RETURNING for UPDATE
mariadb! CompileError: MariaDB has no RETURNING for UPDATE
postgresql> UPDATE people SET age=? RETURNING people.age + ? AS anon_1
# 1, 1

local c = select(scores.c.person_id):where(scores.c.points:gt(3)):cte("c")
return people:update():where(people.c.id:in_(select(c.c.person_id))):values{ age = 1 }
> WITH c AS (SELECT scores.person_id AS person_id FROM scores WHERE scores.points > ?) UPDATE
> people SET age=? WHERE people.id IN (SELECT c.person_id FROM c)
# 3, 1

local c = select(scores.c.person_id):cte("c")
return people:delete():where(people.c.id:in_(select(c.c.person_id)))
> WITH c AS (SELECT scores.person_id AS person_id FROM scores) DELETE FROM people WHERE
> people.id IN (SELECT c.person_id FROM c)

local c = select(people.c.name):cte("c")
return teams:insert():from_select({ "title" }, select(c.c.name))
> WITH c AS (SELECT people.name AS name FROM people) INSERT INTO teams (title) SELECT c.name
> FROM c
mysql> INSERT INTO teams (title) WITH c AS (SELECT people.name AS name FROM people) SELECT
mysql> c.name FROM c

people:insert():values{ extra = { a = { 1, 2 } }, name = "x" }
> INSERT INTO people (name, extra) VALUES (?, ?)
postgresql> INSERT INTO people (name, extra) VALUES (?, ?) RETURNING people.id
# 'x', '{"a":[1,2]}'

people:update():where(people.c.id:eq(bindparam("who"))):values{ name = bindparam("new") }
> UPDATE people SET name=? WHERE people.id = ?
# NULL, NULL

people:update():where(people.c.team_id:eq(p2.c.team_id)):values{ age = p2.c.age }
> UPDATE people SET age=p2.age FROM people AS p2 WHERE people.team_id = p2.team_id
mysql> UPDATE people, people AS p2 SET people.age=p2.age WHERE people.team_id = p2.team_id

people:update():values{ age = 1 }:where(exists(select(p2.c.id)
  :where(p2.c.team_id:eq(people.c.team_id))))
> UPDATE people SET age=? WHERE EXISTS (SELECT p2.id FROM people AS p2 WHERE p2.team_id =
> people.team_id)
# 1

teams:insert():values{ title = "a" }:values{ lead_id = 2 }
> INSERT INTO teams (title, lead_id) VALUES (?, ?)
postgresql> INSERT INTO teams (title, lead_id) VALUES (?, ?) RETURNING teams.id
# 'a', 2

people:insert():from_select({ "name" }, union(select(teams.c.title), select(p2.c.name)))
> INSERT INTO people (name) SELECT teams.title FROM teams UNION SELECT p2.name FROM people AS p2

people:update():values{ joined = func.now(), age = literal(3) + people.c.age }
> UPDATE people SET age=(? + people.age), joined=now()
sqlite> UPDATE people SET age=(? + people.age), joined=CURRENT_TIMESTAMP
# 3

people:update():values{ is_member = not_(people.c.is_member) }
> UPDATE people SET is_member=people.is_member = 0
postgresql> UPDATE people SET is_member=NOT people.is_member

people:update():values{ is_member = people.c.age:gt(3), age = case({ people.c.age:gt(1), 1 },
  { else_ = 0 }) }
> UPDATE people SET age=CASE WHEN (people.age > ?) THEN ? ELSE ? END, is_member=(people.age > ?)
# 1, 1, 0, 3
]==])
  do
    it(name, check)
  end
end)
