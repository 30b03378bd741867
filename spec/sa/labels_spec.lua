--- Labels and aliases, in every dialect.
local statements = require("spec.support.statements")

describe("labels and aliases", function()
  for name, check in
    statements([==[
select(people.c.id, teams.c.id, scores.c.points:label("id"))
> SELECT people.id, teams.id AS id_1, scores.points AS id FROM people, teams, scores

select(people.c.id, people.c.id, people.c.id)
> SELECT people.id, people.id AS id__1, people.id AS id__2 FROM people

select(people.c.id, teams.c.id):set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
> SELECT people.id AS people_id, teams.id AS teams_id FROM people, teams

select(people.c.id, teams.c.id):set_label_style(LABEL_STYLE_NONE)
> SELECT people.id, teams.id FROM people, teams

select(people.c.name:label("n")):order_by("n")
> SELECT people.name AS n FROM people ORDER BY n

local n = (people.c.age + 1):label("n")
return select(n):order_by(n:desc()):where(n:gt(3))
> SELECT people.age + ? AS n FROM people WHERE people.age + ? > ? ORDER BY n DESC
# 1, 1, 3

local n = func.count():label("n")
return select(people.c.team_id, n):group_by(people.c.team_id):having(n:gt(1)):order_by(n)
> SELECT people.team_id, count(*) AS n FROM people GROUP BY people.team_id HAVING count(*) > ?
> ORDER BY n
# 1

select(p2.c.name, people.c.name):where(p2.c.id:eq(people.c.team_id))
> SELECT p2.name, people.name AS name_1 FROM people AS p2, people WHERE p2.id = people.team_id

local a = people:alias()
return select(a.c.name):where(a.c.id:eq(1))
> SELECT people_1.name FROM people AS people_1 WHERE people_1.id = ?
# 1

local a, b = people:alias(), people:alias()
return select(a.c.name, b.c.name):where(a.c.id:lt(b.c.id))
> SELECT people_1.name, people_2.name AS name_1 FROM people AS people_1, people AS people_2
> WHERE people_1.id < people_2.id

select((people.c.age + 1):label("Total Age"), people.c.name:label("select"))
> SELECT people.age + ? AS "Total Age", people.name AS "select" FROM people
mysql> SELECT people.age + ? AS `Total Age`, people.name AS `select` FROM people
# 1

select(people.c.age + 1, people.c.age + 2, func.f(1), func.f(2))
> SELECT people.age + ? AS anon_1, people.age + ? AS anon_2, f(?) AS f_1, f(?) AS f_2 FROM
> people
# 1, 2, 1, 2

select(people.c.name:label("n")):group_by("n"):order_by(desc("n"))
> SELECT people.name AS n FROM people GROUP BY n ORDER BY n DESC

select(label("x", people.c.age), people.c.age:label("y"):label("z"))
> SELECT people.age AS x, people.age AS z FROM people

select(p2):where(p2.c.is_member)
> SELECT p2.id, p2.name, p2.email, p2.age, p2.is_member, p2.team_id, p2.joined, p2.extra FROM
> people AS p2 WHERE p2.is_member = 1
postgresql> SELECT p2.id, p2.name, p2.email, p2.age, p2.is_member, p2.team_id, p2.joined,
postgresql> p2.extra FROM people AS p2 WHERE p2.is_member

local n = people.c.age:label("n")
return select(n, (n + 1):label("m"))
> SELECT people.age AS n, people.age + ? AS m FROM people
# 1

local a = select(people:join(teams)):subquery("j")
return select(a)
> SELECT j.id, j.name, j.email, j.age, j.is_member, j.team_id, j.joined, j.extra, j.id_1,
> j.title, j.lead_id FROM (SELECT people.id AS id, people.name AS name, people.email AS email,
> people.age AS age, people.is_member AS is_member, people.team_id AS team_id, people.joined AS
> joined, people.extra AS extra, teams.id AS id_1, teams.title AS title, teams.lead_id AS
> lead_id FROM people JOIN teams ON teams.id = people.team_id) AS j
mysql> SELECT j.id, j.name, j.email, j.age, j.is_member, j.team_id, j.joined, j.extra, j.id_1,
mysql> j.title, j.lead_id FROM (SELECT people.id AS id, people.name AS name, people.email AS
mysql> email, people.age AS age, people.is_member AS is_member, people.team_id AS team_id,
mysql> people.joined AS joined, people.extra AS extra, teams.id AS id_1, teams.title AS title,
mysql> teams.lead_id AS lead_id FROM people INNER JOIN teams ON teams.id = people.team_id) AS j

select(func.f(people.c.id):label(), people.c.id:label())
> SELECT f(people.id) AS f_1, people.id AS id_1 FROM people

select(-people.c.age, people.c.name:collate("x"), people.c.age:op("&")(1))
> SELECT -people.age, people.name COLLATE x AS anon_1, people.age & ? AS anon_2 FROM people
# 1

select(people.c.is_member, not_(people.c.is_member), not_(teams.c.id:eq(1)))
> SELECT people.is_member, people.is_member = 0 AS is_member__1, teams.id != ? AS anon_1 FROM
> people, teams
postgresql> SELECT people.is_member, NOT people.is_member AS is_member__1, teams.id != ? AS
postgresql> anon_1 FROM people, teams
# 1

select(not_(people.c.is_member))
> SELECT people.is_member = 0 AS is_member FROM people
postgresql> SELECT NOT people.is_member AS is_member FROM people

local s = select(-people.c.age, literal_column("1 + 1"), people.c.age:distinct(),
  not_(people.c.is_member)):subquery("s")
return select(s)
> SELECT s.anon_1, s.anon_2, s.anon_3, s.is_member FROM (SELECT -people.age AS anon_1, 1 + 1 AS
> anon_2, DISTINCT people.age AS anon_3, people.is_member = 0 AS is_member FROM people) AS s
postgresql> SELECT s.anon_1, s.anon_2, s.anon_3, s.is_member FROM (SELECT -people.age AS
postgresql> anon_1, 1 + 1 AS anon_2, DISTINCT people.age AS anon_3, NOT people.is_member AS
postgresql> is_member FROM people) AS s

select(literal_column("1"), literal_column("a.b"), literal_column("1"):label("x"))
> SELECT 1, a.b, 1 AS x

select(exists(select(scores)), people.c.age:in_{ 1 }, people.c.age:between(1, 2))
> SELECT EXISTS (SELECT scores.game_id, scores.person_id, scores.points, scores.note FROM
> scores) AS anon_1, people.age IN (?) AS anon_2, people.age BETWEEN ? AND ? AS anon_3 FROM
> people
# 1, 1, 2

select(people.c.age:desc(), (people.c.age + 1):self_group())
> SELECT people.age DESC, (people.age + ?) AS anon_1 FROM people
# 1

select(cast(people.c.age, String(3)), type_coerce(people.c.name, Integer),
  cast(people.c.age + 1, Integer), cast(func.f(), Integer))
> SELECT CAST(people.age AS VARCHAR(3)) AS age, people.name AS name, CAST(people.age + ? AS
> INTEGER) AS anon_1, CAST(f() AS INTEGER) AS f_1 FROM people
mysql> SELECT CAST(people.age AS CHAR(3)) AS age, people.name AS name, CAST(people.age + ? AS
mysql> SIGNED INTEGER) AS anon_1, CAST(f() AS SIGNED INTEGER) AS f_1 FROM people
# 1

select(people.c.age, cast(people.c.age, String(3)))
> SELECT people.age, CAST(people.age AS VARCHAR(3)) AS age__1 FROM people
mysql> SELECT people.age, CAST(people.age AS CHAR(3)) AS age__1 FROM people
]==])
  do
    it(name, check)
  end
end)
