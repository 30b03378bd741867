--- Text and parameters, in every dialect.
local statements = require("spec.support.statements")

describe("text and parameters", function()
  for name, check in
    statements([==[
text("SELECT * FROM people WHERE id = :id AND age > :age"):bindparams{ id = 1, age = 2 }
> SELECT * FROM people WHERE id = ? AND age > ?
# 1, 2

text([[SELECT ':x', a::int, \:y, '12:30']])
> SELECT '?', a::int, :y, '12:30'
# NULL

text("SELECT id, flag FROM t"):columns(column("id", Integer), column("flag", Boolean))
> SELECT id, flag FROM t

local t = text("SELECT id, n FROM t WHERE id > :low"):bindparams{ low = 3 }
  :columns(column("id", Integer), column("n", String)):subquery("t")
return select(t.c.n):where(t.c.id:lt(9))
> SELECT t.n FROM (SELECT id, n FROM t WHERE id > ?) AS t WHERE t.id < ?
# 3, 9

select(people.c.id):where(people.c.name:eq(bindparam("n", "v")), people.c.age:eq(bindparam("a",
  3, { type_ = Integer })))
> SELECT people.id FROM people WHERE people.name = ? AND people.age = ?
# 'v', 3

select(people.c.id):where(people.c.age:in_(bindparam("l", { 1, 2 }, { expanding = true })),
  people.c.age:gt(bindparam("m", 1)))
> SELECT people.id FROM people WHERE people.age IN (?, ?) AND people.age > ?
# 1, 2, 1

select(people.c.id):where(or_(people.c.name:eq(bindparam("x", "a")),
  people.c.email:eq(bindparam("x", "a"))))
> SELECT people.id FROM people WHERE people.name = ? OR people.email = ?
# 'a', 'a'

select(people.c.id):where(people.c.is_member:eq(bindparam("f", true)))
> SELECT people.id FROM people WHERE people.is_member = ?
# 1
postgresql# true

select(text("a"), text("b AS c")):select_from(text("t")):where(text("x > :x")
  :bindparams{ x = 5 }):order_by(text("a DESC"))
> SELECT a, b AS c FROM t WHERE x > ? ORDER BY a DESC
# 5

select(people.c.id):where(and_(text("a = 1"), text("b = 2"), or_(text("c"), people.c.id:eq(1))))
> SELECT people.id FROM people WHERE a = 1 AND b = 2 AND (c OR people.id = ?)
# 1

select(literal("x") .. "y", literal(1) + 2, literal(1.5), literal("a"):label("l"))
> SELECT ? || ? AS anon_1, ? + ? AS anon_2, ? AS anon_3, ? AS l
mysql> SELECT concat(?, ?) AS anon_1, ? + ? AS anon_2, ? AS anon_3, ? AS l
# 'x', 'y', 1, 2, 1.5, 'a'

select(people.c.id):limit(bindparam("n", 5)):offset(bindparam("m", 10))
> SELECT people.id FROM people LIMIT ? OFFSET ?
mysql> SELECT people.id FROM people LIMIT ?, ?
# 10, 5
sqlite# 5, 10
postgresql# 5, 10

select(people.c.id):where(people.c.name:eq(literal_column("'x'")), (literal_column("age",
  Integer) + 1):gt(3))
> SELECT people.id FROM people WHERE people.name = 'x' AND age + ? > ?
# 1, 3

literal select(people.c.id):where(people.c.age:eq(5), people.c.name:eq("it's"),
  people.c.is_member:eq(true), people.c.age:eq(NULL))
> SELECT people.id FROM people WHERE people.age = 5 AND people.name = 'it''s' AND
> people.is_member = true AND people.age IS NULL
sqlite> SELECT people.id FROM people WHERE people.age = 5 AND people.name = 'it''s' AND
sqlite> people.is_member = 1 AND people.age IS NULL

literal select(people.c.id):where(people.c.age:in_{ 1, 2 }, people.c.name:in_{ "a", "b'c" },
  people.c.name:like("50%"))
> SELECT people.id FROM people WHERE people.age IN (1, 2) AND people.name IN ('a', 'b''c') AND
> people.name LIKE '50%'

literal people:insert():values{ name = "back\\slash", age = -3, is_member = false }
> INSERT INTO people (name, age, is_member) VALUES ('back\\slash', -3, false)
sqlite> INSERT INTO people (name, age, is_member) VALUES ('back\slash', -3, 0)
postgresql> INSERT INTO people (name, age, is_member) VALUES ('back\slash', -3, false)
postgresql> RETURNING people.id

literal select(people.c.id):where(games.c.score:gt(decimal("1.50")), people.c.age:lt(2.5))
  :limit(3)
> SELECT people.id FROM people, games WHERE games.score > 1.50 AND people.age < 2.5 LIMIT 3
sqlite> SELECT people.id FROM people, games WHERE games.score > 1.50 AND people.age < 2.5 LIMIT
sqlite> 3 OFFSET 0

literal select(people.c.id):where(people.c.age:in_{})
> SELECT people.id FROM people WHERE people.age IN (NULL) AND (1 != 1)
sqlite> SELECT people.id FROM people WHERE people.age IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1)
]==])
  do
    it(name, check)
  end
end)
