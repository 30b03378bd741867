--- NULL and booleans, in every dialect.
local statements = require("spec.support.statements")

describe("NULL and booleans", function()
  for name, check in
    statements([==[
select(people.c.id):where(people.c.age:eq(NULL))
> SELECT people.id FROM people WHERE people.age IS NULL

select(people.c.id):where(people.c.age:ne(NULL), people.c.age:eq(null()))
> SELECT people.id FROM people WHERE people.age IS NOT NULL AND people.age IS NULL

select(people.c.id):where(people.c.age:is_null(), people.c.name:is_not_null())
> SELECT people.id FROM people WHERE people.age IS NULL AND people.name IS NOT NULL

select(people.c.id):where(not_(people.c.age:eq(NULL)), people.c.age:is_not(NULL):not_())
> SELECT people.id FROM people WHERE people.age IS NOT NULL AND people.age IS NULL

select(people.c.id):where(people.c.is_member)
> SELECT people.id FROM people WHERE people.is_member = 1
postgresql> SELECT people.id FROM people WHERE people.is_member

select(people.c.id):where(not_(people.c.is_member))
> SELECT people.id FROM people WHERE people.is_member = 0
postgresql> SELECT people.id FROM people WHERE NOT people.is_member

select(people.c.id):where(people.c.is_member:eq(true), people.c.is_member:ne(false))
> SELECT people.id FROM people WHERE people.is_member = true AND people.is_member != false
sqlite> SELECT people.id FROM people WHERE people.is_member = 1 AND people.is_member != 0

select(people.c.id):where(people.c.is_member:is_(true), people.c.is_member:is_not(false))
> SELECT people.id FROM people WHERE people.is_member IS true AND people.is_member IS NOT false
sqlite> SELECT people.id FROM people WHERE people.is_member IS 1 AND people.is_member IS NOT 0

select(people.c.id):where(or_(people.c.is_member, people.c.age:gt(3)))
> SELECT people.id FROM people WHERE people.is_member = 1 OR people.age > ?
postgresql> SELECT people.id FROM people WHERE people.is_member OR people.age > ?
# 3

select(people.c.id):where(and_(not_(people.c.is_member), people.c.age:gt(3)))
> SELECT people.id FROM people WHERE people.is_member = 0 AND people.age > ?
postgresql> SELECT people.id FROM people WHERE NOT people.is_member AND people.age > ?
# 3

select(people.c.is_member, not_(people.c.is_member))
> SELECT people.is_member, people.is_member = 0 AS is_member__1 FROM people
postgresql> SELECT people.is_member, NOT people.is_member AS is_member__1 FROM people

select(people.c.id):where(and_(true_(), people.c.age:gt(3)), or_(false_(), people.c.id:eq(1)))
> SELECT people.id FROM people WHERE people.age > ? AND people.id = ?
# 3, 1

select(people.c.id):where(or_(true_(), people.c.age:gt(3)))
> SELECT people.id FROM people WHERE true = 1
sqlite> SELECT people.id FROM people WHERE 1 = 1
postgresql> SELECT people.id FROM people WHERE true

select(people.c.id):where(not_(true_()))
> SELECT people.id FROM people WHERE false = 1
sqlite> SELECT people.id FROM people WHERE 0 = 1
postgresql> SELECT people.id FROM people WHERE false

select(people.c.id):where(func.isnull(people.c.age))
> SELECT people.id FROM people WHERE isnull(people.age)

select(people.c.id):where(not_(func.f(people.c.age)))
> SELECT people.id FROM people WHERE NOT f(people.age)

select(people.c.id):where(func.f(people.c.age, { type_ = Boolean }), not_(func.f(people.c.age,
  { type_ = Boolean })))
> SELECT people.id FROM people WHERE f(people.age) = 1 AND f(people.age) = 0
postgresql> SELECT people.id FROM people WHERE f(people.age) AND NOT f(people.age)

select(people.c.id):where(cast(people.c.age, Boolean))
> SELECT people.id FROM people WHERE people.age = 1
sqlite> SELECT people.id FROM people WHERE CAST(people.age AS BOOLEAN) = 1
postgresql> SELECT people.id FROM people WHERE CAST(people.age AS BOOLEAN)

select(people.c.id):having(people.c.is_member):where(people.c.is_member, people.c.is_member)
> SELECT people.id FROM people WHERE people.is_member = 1 AND people.is_member = 1 HAVING
> people.is_member = 1
postgresql> SELECT people.id FROM people WHERE people.is_member AND people.is_member HAVING
postgresql> people.is_member

select(people.c.id):where(people.c.age:is_(null()), people.c.name:eq(literal(NULL)))
> SELECT people.id FROM people WHERE people.age IS NULL AND people.name = ?
# NULL

select(people.c.id):where(people.c.is_member:eq(people.c.is_member),
  people.c.is_member:eq(people.c.age:gt(3)))
> SELECT people.id FROM people WHERE people.is_member = people.is_member AND people.is_member =
> (people.age > ?)
# 3

select(null():label("n"), literal(true), literal(NULL))
> SELECT NULL AS n, ? AS anon_1, ? AS anon_2
# 1, NULL
postgresql# true, NULL

select(people.c.id):where(exists(select(scores)):eq(true))
> SELECT people.id FROM people WHERE (EXISTS (SELECT scores.game_id, scores.person_id,
> scores.points, scores.note FROM scores)) = true
sqlite> SELECT people.id FROM people WHERE (EXISTS (SELECT scores.game_id, scores.person_id,
sqlite> scores.points, scores.note FROM scores)) = 1

select(people.c.id):where(not_(text("a = b")))
> SELECT people.id FROM people WHERE NOT a = b

select(people.c.id):where(not_(people.c.is_member:eq(true)), not_(people.c.is_member:is_(true)))
> SELECT people.id FROM people WHERE people.is_member != true AND people.is_member IS NOT true
sqlite> SELECT people.id FROM people WHERE people.is_member != 1 AND people.is_member IS NOT 1
]==])
  do
    it(name, check)
  end
end)
