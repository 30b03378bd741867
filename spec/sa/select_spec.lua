--- SELECT and its clauses, in every dialect.
local statements = require("spec.support.statements")

describe("SELECT and its clauses", function()
  for name, check in
    statements([==[
select(people)
> SELECT people.id, people.name, people.email, people.age, people.is_member, people.team_id,
> people.joined, people.extra FROM people

select(people.c.name, teams)
> SELECT people.name, teams.id, teams.title, teams.lead_id FROM people, teams

select(people.c.name):where(people.c.age:ge(18), people.c.name:ne("x"))
  :where(people.c.is_member)
> SELECT people.name FROM people WHERE people.age >= ? AND people.name != ? AND
> people.is_member = 1
postgresql> SELECT people.name FROM people WHERE people.age >= ? AND people.name != ? AND
postgresql> people.is_member
# 18, 'x'

select(people.c.name):filter_by{ age = 3, name = "n" }
> SELECT people.name FROM people WHERE people.name = ? AND people.age = ?
# 'n', 3

select(people.c.name):order_by(people.c.age:desc(), people.c.name):limit(10)
> SELECT people.name FROM people ORDER BY people.age DESC, people.name LIMIT ?
sqlite> SELECT people.name FROM people ORDER BY people.age DESC, people.name LIMIT ? OFFSET ?
# 10
sqlite# 10, 0

select(people.c.name):offset(20)
> SELECT people.name FROM people LIMIT ?, 18446744073709551615
sqlite> SELECT people.name FROM people LIMIT ? OFFSET ?
postgresql> SELECT people.name FROM people LIMIT ALL OFFSET ?
# 20
sqlite# -1, 20

select(people.c.name):limit(10):offset(20)
> SELECT people.name FROM people LIMIT ? OFFSET ?
mysql> SELECT people.name FROM people LIMIT ?, ?
# 20, 10
sqlite# 10, 20
postgresql# 10, 20

select(people.c.name):slice(5, 15)
> SELECT people.name FROM people LIMIT ? OFFSET ?
mysql> SELECT people.name FROM people LIMIT ?, ?
# 5, 10
sqlite# 10, 5
postgresql# 10, 5

select(people.c.name):limit(5):limit(NULL)
> SELECT people.name FROM people

select(people.c.team_id):distinct()
> SELECT DISTINCT people.team_id FROM people

select(people.c.team_id, func.count()):select_from(people):group_by(people.c.team_id)
  :having(func.count():gt(2), func.max(people.c.age):lt(9))
> SELECT people.team_id, count(*) AS count_1 FROM people GROUP BY people.team_id HAVING
> count(*) > ? AND max(people.age) < ?
# 2, 9

select(func.count()):select_from(people)
> SELECT count(*) AS count_1 FROM people

select(people.c.id):add_columns(people.c.name, teams.c.title)
> SELECT people.id, people.name, teams.title FROM people, teams

select(people.c.id, people.c.name):with_only_columns(people.c.age)
> SELECT people.age FROM people

select(people.c.id):prefix_with("SQL_NO_CACHE", { dialect = "mysql" }):suffix_with("-- end")
> SELECT people.id FROM people -- end
mysql> SELECT SQL_NO_CACHE people.id FROM people -- end

select(literal(1), literal("a"))
> SELECT ? AS anon_1, ? AS anon_2
# 1, 'a'

select(literal(1):label("one")):where(literal(1):eq(2))
> SELECT ? AS one WHERE ? = ?
mysql> SELECT ? AS one FROM DUAL WHERE ? = ?
# 1, 1, 2

select(people.c.id):where(people.c.id:eq(1)):order_by(people.c.id):order_by(NULL)
> SELECT people.id FROM people WHERE people.id = ?
# 1

select(people.c.id):order_by(people.c.age:asc():nulls_last())
> SELECT people.id FROM people ORDER BY people.age ASC NULLS LAST
mysql! CompileError: MySQL has no NULLS LAST; order by column:is_null() before the column
mariadb! CompileError: MariaDB has no NULLS LAST; order by column:is_null() before the column

select(people.c.id):order_by(desc("id"), asc(people.c.name))
> SELECT people.id FROM people ORDER BY people.id DESC, people.name ASC

select(people.c.id, scores.c.points):where(scores.c.person_id:eq(people.c.id))
> SELECT people.id, scores.points FROM people, scores WHERE scores.person_id = people.id

select(distinct(people.c.age), func.count(people.c.age:distinct()))
> SELECT DISTINCT people.age, count(DISTINCT people.age) AS count_1 FROM people

select(column("a"), column("b", Integer)):select_from(table("lite", column("a"), column("b")))
> SELECT a, b FROM lite

select(literal_column("1 + 1"):label("two"), text("now()"))
> SELECT 1 + 1 AS two, now()

select(people.c.id):limit(people.c.age + 1)
> SELECT people.id FROM people LIMIT people.age + ?
sqlite> SELECT people.id FROM people LIMIT people.age + ? OFFSET ?
# 1
sqlite# 1, 0

select(people.c.id):group_by(people.c.team_id, func.year(people.c.joined))
  :order_by(func.count())
> SELECT people.id FROM people GROUP BY people.team_id, year(people.joined) ORDER BY count(*)

select(people.c.id):where(text("age > 3")):where(or_(people.c.id:eq(1), text("a = b")))
> SELECT people.id FROM people WHERE age > 3 AND (people.id = ? OR a = b)
# 1

select(people.c.name:label("n"), people.c.age:label("a")):group_by("n"):order_by("a", desc("n"))
> SELECT people.name AS n, people.age AS a FROM people GROUP BY n ORDER BY a, n DESC

select(true_(), false_(), null())
> SELECT true AS anon_1, false AS anon_2, NULL AS anon_3
sqlite> SELECT 1 AS anon_1, 0 AS anon_2, NULL AS anon_3

select(people.c.id):where(true_())
> SELECT people.id FROM people WHERE true = 1
sqlite> SELECT people.id FROM people WHERE 1 = 1
postgresql> SELECT people.id FROM people WHERE true

select(people.c.id):where(false_(), people.c.id:eq(1))
> SELECT people.id FROM people WHERE false = 1
sqlite> SELECT people.id FROM people WHERE 0 = 1
postgresql> SELECT people.id FROM people WHERE false

select(people.c.id):having(people.c.id:gt(1))
> SELECT people.id FROM people HAVING people.id > ?
# 1

select(people.c.id):select_from(text("people AS x"))
> SELECT people.id FROM people, people AS x

select(literal_column("1")):where(true_())
> SELECT 1 FROM DUAL WHERE true = 1
sqlite> SELECT 1 WHERE 1 = 1
postgresql> SELECT 1 WHERE true
]==])
  do
    it(name, check)
  end
end)
