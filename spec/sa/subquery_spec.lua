--- Subqueries, CTEs and set operations, in every dialect.
local statements = require("spec.support.statements")

describe("subqueries, CTEs and set operations", function()
  for name, check in
    statements([==[
local s = select(people.c.id, people.c.name):where(people.c.age:gt(3)):subquery("s")
return select(s.c.name):where(s.c.id:eq(1))
> SELECT s.name FROM (SELECT people.id AS id, people.name AS name FROM people WHERE people.age
> > ?) AS s WHERE s.id = ?
# 3, 1

local s = select(people.c.team_id, func.count():label("n")):group_by(people.c.team_id)
  :subquery()
return select(teams.c.title, s.c.n):join(s, s.c.team_id:eq(teams.c.id))
> SELECT teams.title, anon_1.n FROM teams JOIN (SELECT people.team_id AS team_id, count(*) AS n
> FROM people GROUP BY people.team_id) AS anon_1 ON anon_1.team_id = teams.id
mysql> SELECT teams.title, anon_1.n FROM teams INNER JOIN (SELECT people.team_id AS team_id,
mysql> count(*) AS n FROM people GROUP BY people.team_id) AS anon_1 ON anon_1.team_id = teams.id

select(teams.c.title, select(func.count(people.c.id)):where(people.c.team_id:eq(teams.c.id))
  :scalar_subquery():label("n"))
> SELECT teams.title, (SELECT count(people.id) AS count_1 FROM people WHERE people.team_id =
> teams.id) AS n FROM teams

select(teams.c.id):where(exists(select(people.c.id):where(people.c.team_id:eq(teams.c.id))))
> SELECT teams.id FROM teams WHERE EXISTS (SELECT people.id FROM people WHERE people.team_id =
> teams.id)

select(teams.c.id):where(not_(exists(select(people.c.id)
  :where(people.c.team_id:eq(teams.c.id)))))
> SELECT teams.id FROM teams WHERE NOT (EXISTS (SELECT people.id FROM people WHERE
> people.team_id = teams.id))

select(people.c.id):where(people.c.age:gt(select(func.avg(p2.c.age)):scalar_subquery()))
> SELECT people.id FROM people WHERE people.age > (SELECT avg(p2.age) AS avg_1 FROM people AS
> p2)

select(people.c.id):where(people.c.age:eq(select(func.max(people.c.age)):correlate(NULL)
  :scalar_subquery()))
> SELECT people.id FROM people WHERE people.age = (SELECT max(people.age) AS max_1 FROM people)

select(people.c.id, teams.c.id):where(people.c.age:eq(select(scores.c.points)
  :where(scores.c.person_id:eq(people.c.id), teams.c.id:eq(1)):correlate(people)
  :scalar_subquery()))
> SELECT people.id, teams.id AS id_1 FROM people, teams WHERE people.age = (SELECT
> scores.points FROM scores, teams WHERE scores.person_id = people.id AND teams.id = ?)
# 1

select(people.c.id, teams.c.id):where(people.c.age:eq(select(scores.c.points)
  :where(scores.c.person_id:eq(people.c.id), teams.c.id:eq(1)):correlate_except(teams)
  :scalar_subquery()))
> SELECT people.id, teams.id AS id_1 FROM people, teams WHERE people.age = (SELECT
> scores.points FROM scores, teams WHERE scores.person_id = people.id AND teams.id = ?)
# 1

local s = select(people.c.id):order_by(people.c.age):limit(3):subquery("s")
return select(func.max(s.c.id))
> SELECT max(s.id) AS max_1 FROM (SELECT people.id AS id FROM people ORDER BY people.age LIMIT
> ?) AS s
sqlite> SELECT max(s.id) AS max_1 FROM (SELECT people.id AS id FROM people ORDER BY people.age
sqlite> LIMIT ? OFFSET ?) AS s
# 3
sqlite# 3, 0

local s = select(people.c.id, teams.c.id):subquery("s")
return select(s)
> SELECT s.id, s.id_1 FROM (SELECT people.id AS id, teams.id AS id_1 FROM people, teams) AS s

local s = select(func.count(), people.c.age + 1):subquery("s")
return select(s)
> SELECT s.count_1, s.anon_1 FROM (SELECT count(*) AS count_1, people.age + ? AS anon_1 FROM
> people) AS s
# 1

local a = select(people.c.id:label("x")):subquery("a")
local b = select(a.c.x):subquery("b")
return select(b.c.x)
> SELECT b.x FROM (SELECT a.x AS x FROM (SELECT people.id AS x FROM people) AS a) AS b

select(people.c.id):where(select(teams.c.id):where(teams.c.id:eq(people.c.team_id)):exists())
> SELECT people.id FROM people WHERE EXISTS (SELECT teams.id FROM teams WHERE teams.id =
> people.team_id)

select(people.c.age + select(func.max(scores.c.points)):scalar_subquery())
> SELECT people.age + (SELECT max(scores.points) AS max_1 FROM scores) AS anon_1 FROM people

select(exists(select(scores.c.points)):label("has"))
> SELECT EXISTS (SELECT scores.points FROM scores) AS has

select(literal(1)):where(exists(select(scores.c.points):where(scores.c.points:gt(3))))
> SELECT ? AS anon_1 WHERE EXISTS (SELECT scores.points FROM scores WHERE scores.points > ?)
mysql> SELECT ? AS anon_1 FROM DUAL WHERE EXISTS (SELECT scores.points FROM scores WHERE
mysql> scores.points > ?)
# 1, 3

select(people.c.id):where(people.c.id:in_(select(scores.c.person_id)
  :group_by(scores.c.person_id):having(func.sum(scores.c.points):gt(9))))
> SELECT people.id FROM people WHERE people.id IN (SELECT scores.person_id FROM scores GROUP BY
> scores.person_id HAVING sum(scores.points) > ?)
# 9

select(people.c.id):order_by(select(func.max(scores.c.points))
  :where(scores.c.person_id:eq(people.c.id)):scalar_subquery():desc())
> SELECT people.id FROM people ORDER BY (SELECT max(scores.points) AS max_1 FROM scores WHERE
> scores.person_id = people.id) DESC

local c = select(people.c.id, people.c.age):where(people.c.age:gt(3)):cte("c")
return select(c.c.id):where(c.c.age:lt(9))
> WITH c AS (SELECT people.id AS id, people.age AS age FROM people WHERE people.age > ?) SELECT
> c.id FROM c WHERE c.age < ?
# 3, 9

local a = select(people.c.id):cte("a")
local b = select(a.c.id):where(a.c.id:gt(1)):cte("b")
return select(b.c.id, a.c.id):where(a.c.id:eq(b.c.id))
> WITH a AS (SELECT people.id AS id FROM people), b AS (SELECT a.id AS id FROM a WHERE a.id >
> ?) SELECT b.id, a.id AS id_1 FROM b, a WHERE a.id = b.id
# 1

local t = select(teams.c.id, teams.c.lead_id):where(teams.c.lead_id:eq(NULL)):cte("t",
  { recursive = true })
t = t:union_all(select(teams.c.id, teams.c.lead_id):where(teams.c.lead_id:eq(t.c.id)))
return select(t.c.id)
> WITH RECURSIVE t(id, lead_id) AS (SELECT teams.id AS id, teams.lead_id AS lead_id FROM teams
> WHERE teams.lead_id IS NULL UNION ALL SELECT teams.id AS id, teams.lead_id AS lead_id FROM
> teams, t WHERE teams.lead_id = t.id) SELECT t.id FROM t

local n = select(literal(1):label("x")):cte("n", { recursive = true })
n = n:union_all(select(n.c.x + 1):where(n.c.x:lt(10)))
return select(n)
> WITH RECURSIVE n(x) AS (SELECT ? AS x UNION ALL SELECT n.x + ? AS anon_1 FROM n WHERE n.x <
> ?) SELECT n.x FROM n
# 1, 1, 10

local c = select(people.c.id):cte("c")
return select(teams.c.id):where(teams.c.id:in_(select(c.c.id)))
> WITH c AS (SELECT people.id AS id FROM people) SELECT teams.id FROM teams WHERE teams.id IN
> (SELECT c.id FROM c)

local c = select(people.c.id):cte()
return select(c.c.id, c:alias("d").c.id)
> WITH anon_1 AS (SELECT people.id AS id FROM people) SELECT anon_1.id, d.id AS id_1 FROM
> anon_1, anon_1 AS d

local c = select(people.c.id):cte("c")
return select(func.count()):select_from(c:join(scores, scores.c.person_id:eq(c.c.id)))
> WITH c AS (SELECT people.id AS id FROM people) SELECT count(*) AS count_1 FROM c JOIN scores
> ON scores.person_id = c.id
mysql> WITH c AS (SELECT people.id AS id FROM people) SELECT count(*) AS count_1 FROM c INNER
mysql> JOIN scores ON scores.person_id = c.id

local c = select(people.c.id):cte("c")
return union(select(c.c.id), select(teams.c.id))
> WITH c AS (SELECT people.id AS id FROM people) SELECT c.id FROM c UNION SELECT teams.id FROM
> teams

union(select(people.c.id), select(teams.c.id)):order_by("id"):limit(3)
> SELECT people.id FROM people UNION SELECT teams.id FROM teams ORDER BY id LIMIT ?
sqlite> SELECT people.id FROM people UNION SELECT teams.id FROM teams ORDER BY id LIMIT ?
sqlite> OFFSET ?
# 3
sqlite# 3, 0

select(people.c.id):union_all(select(teams.c.id), select(games.c.id))
> SELECT people.id FROM people UNION ALL SELECT teams.id FROM teams UNION ALL SELECT games.id
> FROM games

intersect(select(people.c.id), except_(select(teams.c.id), select(games.c.id)))
> SELECT people.id FROM people INTERSECT (SELECT teams.id FROM teams EXCEPT SELECT games.id
> FROM games)

union(select(people.c.id):order_by(people.c.age):limit(1), select(teams.c.id))
> (SELECT people.id FROM people ORDER BY people.age LIMIT ?) UNION SELECT teams.id FROM teams
sqlite> (SELECT people.id FROM people ORDER BY people.age LIMIT ? OFFSET ?) UNION SELECT
sqlite> teams.id FROM teams
# 1
sqlite# 1, 0

local u = union(select(people.c.id, people.c.name), select(teams.c.id, teams.c.title))
  :subquery("u")
return select(u.c.name):where(u.c.id:gt(3))
> SELECT u.name FROM (SELECT people.id AS id, people.name AS name FROM people UNION SELECT
> teams.id AS id, teams.title AS title FROM teams) AS u WHERE u.id > ?
# 3

local u = union_all(select(people.c.id:label("x")), select(teams.c.id))
return u:order_by(desc("x"))
> SELECT people.id AS x FROM people UNION ALL SELECT teams.id FROM teams ORDER BY x DESC

select(people.c.id):where(people.c.id:eq(union(select(teams.c.id), select(games.c.id))
  :scalar_subquery()))
> SELECT people.id FROM people WHERE people.id = (SELECT teams.id FROM teams UNION SELECT
> games.id FROM games)

select(people.c.id):where(exists(select(teams.c.id)):where(teams.c.id:eq(people.c.team_id)))
> SELECT people.id FROM people WHERE EXISTS (SELECT teams.id FROM teams WHERE teams.id =
> people.team_id)

select(people.c.id):where(exists():where(scores.c.person_id:eq(people.c.id)))
> SELECT people.id FROM people WHERE EXISTS (SELECT * FROM scores WHERE scores.person_id =
> people.id)

local v = values(column("id", Integer), column("name", String), { name = "v" }):data{ { 1,
  "a" }, { 2, "b" } }
return select(v.c.id, v.c.name)
> SELECT v.id, v.name FROM (VALUES (?, ?), (?, ?)) AS v (id, name)
# 1, 'a', 2, 'b'

local s = select(people.c.id, people.c.team_id):subquery("s")
return select(s.c.id):join(teams)
> SELECT s.id FROM (SELECT people.id AS id, people.team_id AS team_id FROM people) AS s JOIN
> teams ON teams.id = s.team_id
mysql> SELECT s.id FROM (SELECT people.id AS id, people.team_id AS team_id FROM people) AS s
mysql> INNER JOIN teams ON teams.id = s.team_id

local s = select(people):subquery("s")
return select(s.c.name):where(s.c.is_member, not_(s.c.is_member))
> SELECT s.name FROM (SELECT people.id AS id, people.name AS name, people.email AS email,
> people.age AS age, people.is_member AS is_member, people.team_id AS team_id, people.joined AS
> joined, people.extra AS extra FROM people) AS s WHERE s.is_member = 1 AND s.is_member = 0
postgresql> SELECT s.name FROM (SELECT people.id AS id, people.name AS name, people.email AS
postgresql> email, people.age AS age, people.is_member AS is_member, people.team_id AS team_id,
postgresql> people.joined AS joined, people.extra AS extra FROM people) AS s WHERE s.is_member
postgresql> AND NOT s.is_member

local c = select(people.c.id):where(people.c.age:eq(1)):cte("c")
return select(c.c.id):where(c.c.id:eq(2)):union(select(c.c.id):where(c.c.id:eq(3)))
> WITH c AS (SELECT people.id AS id FROM people WHERE people.age = ?) SELECT c.id FROM c WHERE
> c.id = ? UNION SELECT c.id FROM c WHERE c.id = ?
# 1, 2, 3
]==])
  do
    it(name, check)
  end
end)
