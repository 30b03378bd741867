--- IN, in every dialect.
local statements = require("spec.support.statements")

describe("IN", function()
  for name, check in
    statements([==[
select(people.c.id):where(people.c.age:in_{ 1, 2 })
> SELECT people.id FROM people WHERE people.age IN (?, ?)
# 1, 2

select(people.c.id):where(people.c.age:not_in{ 1, 2 }, people.c.id:gt(0))
> SELECT people.id FROM people WHERE (people.age NOT IN (?, ?)) AND people.id > ?
# 1, 2, 0

select(people.c.id):where(people.c.age:in_{})
> SELECT people.id FROM people WHERE people.age IN (NULL) AND (1 != 1)
sqlite> SELECT people.id FROM people WHERE people.age IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1)

select(people.c.id):where(people.c.age:not_in{}, people.c.id:eq(5))
> SELECT people.id FROM people WHERE (people.age NOT IN (NULL) OR (1 = 1)) AND people.id = ?
sqlite> SELECT people.id FROM people WHERE (people.age NOT IN (SELECT 1 FROM (SELECT 1) WHERE
sqlite> 1!=1)) AND people.id = ?
# 5

select(people.c.id):where(not_(people.c.age:in_{ 3, 4 }))
> SELECT people.id FROM people WHERE (people.age NOT IN (?, ?))
# 3, 4

select(people.c.id):where(people.c.is_member:in_{ true, false })
> SELECT people.id FROM people WHERE people.is_member IN (?, ?)
# 1, 0
postgresql# true, false

select(people.c.id):where(people.c.team_id:in_(select(teams.c.id)
  :where(teams.c.title:eq("red"))))
> SELECT people.id FROM people WHERE people.team_id IN (SELECT teams.id FROM teams WHERE
> teams.title = ?)
# 'red'

select(people.c.id):where(people.c.team_id:not_in(select(teams.c.id)))
> SELECT people.id FROM people WHERE (people.team_id NOT IN (SELECT teams.id FROM teams))

select(people.c.id):where(people.c.age:in_{ 1, NULL })
> SELECT people.id FROM people WHERE people.age IN (?, NULL)
# 1

select(people.c.id):where(people.c.age:in_{ people.c.id, people.c.id + 1, 3 })
> SELECT people.id FROM people WHERE people.age IN (people.id, people.id + ?, ?)
# 1, 3

select(people.c.id):where(tuple_(people.c.id, people.c.name):in_{ { 1, "a" }, { 2, "b" } })
> SELECT people.id FROM people WHERE (people.id, people.name) IN ((?, ?), (?, ?))
sqlite> SELECT people.id FROM people WHERE (people.id, people.name) IN (VALUES (?, ?), (?, ?))
# 1, 'a', 2, 'b'

select(people.c.id):where(tuple_(people.c.id, people.c.age):in_(select(scores.c.person_id,
  scores.c.points)))
> SELECT people.id FROM people WHERE (people.id, people.age) IN (SELECT scores.person_id,
> scores.points FROM scores)

select(people.c.id):where(people.c.age:in_(bindparam("ages", { 1, 2 }, { expanding = true })))
> SELECT people.id FROM people WHERE people.age IN (?, ?)
# 1, 2

select(people.c.id):where((people.c.age + 1):in_{ 1 }, func.lower(people.c.name):in_{ "a",
  "b" })
> SELECT people.id FROM people WHERE people.age + ? IN (?) AND lower(people.name) IN (?, ?)
# 1, 1, 'a', 'b'

select(people.c.age:in_{ 1, 2 }, people.c.age:not_in{ 1 })
> SELECT people.age IN (?, ?) AS anon_1, (people.age NOT IN (?)) AS anon_2 FROM people
# 1, 2, 1

select(people.c.id):where(tuple_(people.c.id, people.c.name):in_{})
> SELECT people.id FROM people WHERE (people.id, people.name) IN ((NULL, NULL)) AND (1 != 1)
sqlite> SELECT people.id FROM people WHERE (people.id, people.name) IN (SELECT 1, 1 FROM
sqlite> (SELECT 1, 1) WHERE 1!=1)

select(people.c.id):where(tuple_(people.c.id, people.c.name):eq(tuple_(1, "a")))
> SELECT people.id FROM people WHERE (people.id, people.name) = (?, ?)
# 1, 'a'

select(people.c.id):where(tuple_(people.c.id, people.c.name):not_in{ { 1, "a" } })
> SELECT people.id FROM people WHERE ((people.id, people.name) NOT IN ((?, ?)))
sqlite> SELECT people.id FROM people WHERE ((people.id, people.name) NOT IN (VALUES (?, ?)))
# 1, 'a'

select(people.c.id):where(literal(3):in_{ people.c.id, people.c.age })
> SELECT people.id FROM people WHERE ? IN (people.id, people.age)
# 3

select(people.c.id):where(people.c.id:in_(union(select(scores.c.person_id),
  select(teams.c.lead_id))))
> SELECT people.id FROM people WHERE people.id IN (SELECT scores.person_id FROM scores UNION
> SELECT teams.lead_id FROM teams)

select(people.c.id):where(people.c.id:eq(any_(select(scores.c.person_id):scalar_subquery())),
  people.c.id:gt(all_(select(teams.c.id):scalar_subquery())))
> SELECT people.id FROM people WHERE people.id = ANY (SELECT scores.person_id FROM scores) AND
> people.id > ALL (SELECT teams.id FROM teams)

select(people.c.id):where(people.c.id:in_(select(scores.c.person_id)
  :where(scores.c.points:gt(people.c.age))))
> SELECT people.id FROM people WHERE people.id IN (SELECT scores.person_id FROM scores WHERE
> scores.points > people.age)

select(people.c.id):where(people.c.team_id:in_(text("SELECT 1")))
> SELECT people.id FROM people WHERE people.team_id IN (SELECT 1)
]==])
  do
    it(name, check)
  end
end)
