--- Locks and hints, in every dialect.
local statements = require("spec.support.statements")

describe("locks and hints", function()
  for name, check in
    statements([==[
select(people.c.id):with_for_update()
> SELECT people.id FROM people FOR UPDATE
sqlite> SELECT people.id FROM people

select(people.c.id):with_for_update{ read = true }
> SELECT people.id FROM people LOCK IN SHARE MODE
sqlite> SELECT people.id FROM people
postgresql> SELECT people.id FROM people FOR SHARE

select(people.c.id):with_for_update{ nowait = true }
> SELECT people.id FROM people FOR UPDATE NOWAIT
sqlite> SELECT people.id FROM people

select(people.c.id):join(teams):with_for_update{ of = people, skip_locked = true }
> SELECT people.id FROM people JOIN teams ON teams.id = people.team_id
mysql> SELECT people.id FROM people INNER JOIN teams ON teams.id = people.team_id FOR UPDATE OF
mysql> people SKIP LOCKED
mariadb> SELECT people.id FROM people INNER JOIN teams ON teams.id = people.team_id FOR UPDATE
mariadb> SKIP LOCKED
postgresql> SELECT people.id FROM people JOIN teams ON teams.id = people.team_id FOR UPDATE OF
postgresql> people SKIP LOCKED

select(p2.c.id):with_for_update{ of = p2.c.id, key_share = true }
> SELECT p2.id FROM people AS p2
mysql> SELECT p2.id FROM people AS p2 FOR UPDATE OF p2
mariadb> SELECT p2.id FROM people AS p2 FOR UPDATE
postgresql> SELECT p2.id FROM people AS p2 FOR NO KEY UPDATE OF p2

select(people.c.id):where(people.c.id:gt(1)):order_by(people.c.id):limit(2)
  :with_for_update{ read = true, nowait = true }
> SELECT people.id FROM people WHERE people.id > ? ORDER BY people.id LIMIT ? LOCK IN SHARE
> MODE NOWAIT
sqlite> SELECT people.id FROM people WHERE people.id > ? ORDER BY people.id LIMIT ? OFFSET ?
postgresql> SELECT people.id FROM people WHERE people.id > ? ORDER BY people.id LIMIT ? FOR
postgresql> SHARE NOWAIT
# 1, 2
sqlite# 1, 2, 0

select(people.c.id):with_hint(people, "USE INDEX (x)", "mysql")
> SELECT people.id FROM people
mysql> SELECT people.id FROM people USE INDEX (x)

select(people.c.id):join(teams):with_hint(teams, "IGNORE INDEX (y)", "mariadb")
  :with_hint(people, "USE INDEX (z)", "mysql")
> SELECT people.id FROM people JOIN teams ON teams.id = people.team_id
mysql> SELECT people.id FROM people USE INDEX (z) INNER JOIN teams ON teams.id = people.team_id
mariadb> SELECT people.id FROM people USE INDEX (z) INNER JOIN teams IGNORE INDEX (y) ON
mariadb> teams.id = people.team_id

select(people.c.id):with_statement_hint("OPTION (x)"):prefix_with("STRAIGHT_JOIN")
> SELECT STRAIGHT_JOIN people.id FROM people OPTION (x)

select(people.c.id):prefix_with("/*+ MAX_EXECUTION_TIME(9) */", { dialect = "mysql" })
  :prefix_with("/*+ pg */", { dialect = "postgresql" })
> SELECT /*+ MAX_EXECUTION_TIME(9) */ people.id FROM people
sqlite> SELECT people.id FROM people
postgresql> SELECT /*+ pg */ people.id FROM people

people:insert():prefix_with("DELAYED"):values{ name = "x" }
> INSERT DELAYED INTO people (name) VALUES (?)
postgresql> INSERT DELAYED INTO people (name) VALUES (?) RETURNING people.id
# 'x'

people:update():with_hint("USE INDEX (a)", "mysql"):values{ age = 1 }
> UPDATE people SET age=?
mysql> UPDATE people USE INDEX (a) SET age=?
# 1

people:update():prefix_with("LOW_PRIORITY", { dialect = "mysql" }):values{ age = 1 }
> UPDATE people SET age=?
mysql> UPDATE LOW_PRIORITY people SET age=?
# 1

select(people.c.id):where(mysql.match(people.c.name, people.c.email, { against = "word" }))
> SELECT people.id FROM people WHERE MATCH (people.name, people.email) AGAINST (?)
sqlite! UnsupportedCompilationError: sqlite cannot write 'fulltext_match'
postgresql! UnsupportedCompilationError: postgresql cannot write 'fulltext_match'
# 'word'

select(people.c.id):where(mysql.match(people.c.name, { against = "word" }):in_boolean_mode())
> SELECT people.id FROM people WHERE MATCH (people.name) AGAINST (? IN BOOLEAN MODE)
sqlite! UnsupportedCompilationError: sqlite cannot write 'fulltext_match'
postgresql! UnsupportedCompilationError: postgresql cannot write 'fulltext_match'
# 'word'
]==])
  do
    it(name, check)
  end
end)
