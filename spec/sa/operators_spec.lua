--- Operators, in every dialect.
local statements = require("spec.support.statements")

describe("operators", function()
  for name, check in
    statements([==[
select(people.c.age + 1, people.c.age - 1, people.c.age * 2, people.c.age / 2, people.c.age % 2)
> SELECT people.age + ? AS anon_1, people.age - ? AS anon_2, people.age * ? AS anon_3,
> people.age / ? AS anon_4, people.age % ? AS anon_5 FROM people
# 1, 1, 2, 2, 2

select(1 + people.c.age, 10 - people.c.age, -people.c.age)
> SELECT ? + people.age AS anon_1, ? - people.age AS anon_2, -people.age FROM people
# 1, 10

select((people.c.age + 1) * 2, people.c.age + 1 * people.c.id)
> SELECT (people.age + ?) * ? AS anon_1, people.age + ? * people.id AS anon_2 FROM people
# 1, 2, 1

select(people.c.age - (people.c.id - 1), (people.c.age - people.c.id) - 1)
> SELECT people.age - (people.id - ?) AS anon_1, (people.age - people.id) - ? AS anon_2 FROM
> people
# 1, 1

select(people.c.age / (people.c.id * 2), people.c.age * (people.c.id / 2))
> SELECT people.age / (people.id * ?) AS anon_1, people.age * (people.id / ?) AS anon_2 FROM
> people
# 2, 2

select(-(-people.c.age), -(people.c.age + 1), people.c.age - -people.c.id)
> SELECT -(-people.age), -(people.age + ?), people.age - -people.id AS anon_1 FROM people
# 1

select(people.c.name:concat(" "):concat(people.c.email))
> SELECT people.name || ? || people.email AS anon_1 FROM people
mysql> SELECT concat(people.name, ?, people.email) AS anon_1 FROM people
# ' '

select(people.c.name:concat("!"), people.c.name .. func.lower(people.c.email))
> SELECT people.name || ? AS anon_1, people.name || lower(people.email) AS anon_2 FROM people
mysql> SELECT concat(people.name, ?) AS anon_1, concat(people.name, lower(people.email)) AS
mysql> anon_2 FROM people
# '!'

select(people.c.id):where((people.c.name .. "x"):eq("yx"))
> SELECT people.id FROM people WHERE people.name || ? = ?
mysql> SELECT people.id FROM people WHERE concat(people.name, ?) = ?
# 'x', 'yx'

select(people.c.id):where(people.c.age:between(1, 9))
> SELECT people.id FROM people WHERE people.age BETWEEN ? AND ?
# 1, 9

select(people.c.id):where(not_(people.c.age:between(people.c.id, people.c.id + 9)))
> SELECT people.id FROM people WHERE people.age NOT BETWEEN people.id AND people.id + ?
# 9

select(people.c.id):where(people.c.name:like("a%"), people.c.name:not_like("%b",
  { escape = "!" }))
> SELECT people.id FROM people WHERE people.name LIKE ? AND people.name NOT LIKE ? ESCAPE '!'
# 'a%', '%b'

select(people.c.id):where(people.c.name:ilike("a%"), people.c.name:not_ilike("b%"))
> SELECT people.id FROM people WHERE lower(people.name) LIKE lower(?) AND lower(people.name)
> NOT LIKE lower(?)
postgresql> SELECT people.id FROM people WHERE people.name ILIKE ? AND people.name NOT ILIKE ?
# 'a%', 'b%'

select(people.c.id):where(people.c.name:startswith("a"), people.c.name:endswith("b"),
  people.c.name:contains("c"))
> SELECT people.id FROM people WHERE (people.name LIKE ? || '%') AND (people.name LIKE '%' ||
> ?) AND (people.name LIKE '%' || ? || '%')
mysql> SELECT people.id FROM people WHERE (people.name LIKE concat(?, '%')) AND (people.name
mysql> LIKE concat('%', ?)) AND (people.name LIKE concat('%', ?, '%'))
# 'a', 'b', 'c'

select(people.c.id):where(people.c.name:startswith("5%_/", { autoescape = true }))
> SELECT people.id FROM people WHERE (people.name LIKE ? || '%' ESCAPE '/')
mysql> SELECT people.id FROM people WHERE (people.name LIKE concat(?, '%') ESCAPE '/')
# '5/%/_//'

select(people.c.id):where(people.c.name:contains("5%", { autoescape = true, escape = "#" }))
> SELECT people.id FROM people WHERE (people.name LIKE '%' || ? || '%' ESCAPE '#')
mysql> SELECT people.id FROM people WHERE (people.name LIKE concat('%', ?, '%') ESCAPE '#')
# '5#%'

select(people.c.id):where(people.c.name:contains(people.c.email):not_())
> SELECT people.id FROM people WHERE (people.name NOT LIKE '%' || people.email || '%')
mysql> SELECT people.id FROM people WHERE (people.name NOT LIKE concat('%', people.email, '%'))

select(people.c.id):where(people.c.name:regexp_match("^a"),
  not_(people.c.name:regexp_match("b")))
> SELECT people.id FROM people WHERE people.name REGEXP ? AND people.name NOT REGEXP ?
postgresql> SELECT people.id FROM people WHERE people.name ~ ? AND people.name !~ ?
# '^a', 'b'

select(people.c.name:regexp_replace("a", "b"))
> SELECT REGEXP_REPLACE(people.name, ?, ?) AS anon_1 FROM people
sqlite! CompileError: SQLite has no REGEXP_REPLACE
# 'a', 'b'

select(people.c.age:op("&")(4), people.c.age:op("<<")(1) + 2)
> SELECT people.age & ? AS anon_1, (people.age << ?) + ? AS anon_2 FROM people
# 4, 1, 2

select(people.c.age:op("&", { precedence = 10 })(4) + 1)
> SELECT people.age & ? + ? AS anon_1 FROM people
# 4, 1

select(people.c.id):where(people.c.age:bool_op("<=>")(4))
> SELECT people.id FROM people WHERE people.age <=> ?
# 4

select(people.c.id):where(people.c.name:collate("utf8mb4_bin"):eq("A"))
  :order_by(people.c.name:collate("utf8mb4_bin"):desc())
> SELECT people.id FROM people WHERE (people.name COLLATE utf8mb4_bin) = ? ORDER BY people.name
> COLLATE utf8mb4_bin DESC
# 'A'

select(people.c.id):where(or_(people.c.id:eq(1), and_(people.c.id:eq(2), people.c.age:eq(3))))
> SELECT people.id FROM people WHERE people.id = ? OR people.id = ? AND people.age = ?
# 1, 2, 3

select(people.c.id):where(and_(people.c.id:eq(1), or_(people.c.id:eq(2), people.c.age:eq(3))))
> SELECT people.id FROM people WHERE people.id = ? AND (people.id = ? OR people.age = ?)
# 1, 2, 3

select(people.c.id):where(not_(and_(people.c.id:eq(1), people.c.age:eq(2))))
> SELECT people.id FROM people WHERE NOT (people.id = ? AND people.age = ?)
# 1, 2

select(people.c.id):where(not_(or_(people.c.id:eq(1), people.c.age:eq(2))), people.c.id:lt(5)
  :not_())
> SELECT people.id FROM people WHERE NOT (people.id = ? OR people.age = ?) AND people.id >= ?
# 1, 2, 5

select(people.c.id):where(not_(not_(people.c.name:like("a"))))
> SELECT people.id FROM people WHERE people.name LIKE ?
# 'a'

select(people.c.id):where(people.c.age:eq(1):eq(people.c.id:eq(2)))
> SELECT people.id FROM people WHERE (people.age = ?) = (people.id = ?)
# 1, 2

select(people.c.age:gt(1):label("old"), people.c.age:gt(1))
> SELECT people.age > ? AS old, people.age > ? AS anon_1 FROM people
postgresql> SELECT people.age > ? AS "old", people.age > ? AS anon_1 FROM people
# 1, 1

select(people.c.id):where(and_(people.c.id:eq(1)))
> SELECT people.id FROM people WHERE people.id = ?
# 1

select(people.c.id):where(or_(and_(people.c.id:eq(1), people.c.id:eq(2)),
  and_(people.c.id:eq(3))))
> SELECT people.id FROM people WHERE people.id = ? AND people.id = ? OR people.id = ?
# 1, 2, 3

select(people.c.id):where((people.c.age + people.c.id):gt(people.c.id * 3 - 1))
> SELECT people.id FROM people WHERE people.age + people.id > people.id * ? - ?
# 3, 1

select(people.c.id):where(people.c.age:is_distinct_from(3),
  people.c.age:is_not_distinct_from(people.c.id))
> SELECT people.id FROM people WHERE NOT (people.age <=> ?) AND people.age <=> people.id
sqlite> SELECT people.id FROM people WHERE people.age IS NOT ? AND people.age IS people.id
postgresql> SELECT people.id FROM people WHERE people.age IS DISTINCT FROM ? AND people.age IS
postgresql> NOT DISTINCT FROM people.id
# 3

select(people.c.id):where(people.c.name:match("word"))
> SELECT people.id FROM people WHERE MATCH (people.name) AGAINST (? IN BOOLEAN MODE)
sqlite> SELECT people.id FROM people WHERE people.name MATCH ?
postgresql> SELECT people.id FROM people WHERE people.name @@ to_tsquery(?)
# 'word'

select(people.c.age + people.c.id + 1 + people.c.age, people.c.age * people.c.id * 2)
> SELECT people.age + people.id + ? + people.age AS anon_1, people.age * people.id * ? AS
> anon_2 FROM people
# 1, 2

select(people.c.age % 2 * 3, people.c.age * (people.c.id % 2), (people.c.age * people.c.id) % 2)
> SELECT (people.age % ?) * ? AS anon_1, people.age * (people.id % ?) AS anon_2, (people.age *
> people.id) % ? AS anon_3 FROM people
# 2, 3, 2, 2

select(people.c.id):where((people.c.id + 1):eq(people.c.age), (people.c.name .. "a")
  :lt(people.c.name))
> SELECT people.id FROM people WHERE people.id + ? = people.age AND people.name || ? <
> people.name
mysql> SELECT people.id FROM people WHERE people.id + ? = people.age AND concat(people.name, ?)
mysql> < people.name
# 1, 'a'

select(people.c.name:op("->")("x"):op("||")("y"))
> SELECT (people.name -> ?) || ? AS anon_1 FROM people
# 'x', 'y'

select(people.c.id):where(people.c.name:op("RLIKE")("x"):and_(people.c.id:eq(1)))
> SELECT people.id FROM people WHERE (people.name RLIKE ?) AND people.id = ?
# 'x', 1

select(people.c.id):where(not_(people.c.name:op("RLIKE")("x")),
  not_(people.c.name:bool_op("RLIKE")("x")))
> SELECT people.id FROM people WHERE NOT (people.name RLIKE ?) AND NOT people.name RLIKE ?
# 'x', 'x'

select(games.c.score / 2, games.c.score * 1.5, games.c.score + games.c.id)
> SELECT games.score / ? AS anon_1, games.score * ? AS anon_2, games.score + games.id AS anon_3
> FROM games
# 2, 1.5

select(-people.c.age * 2, -(people.c.age * 2), 2 * -people.c.age)
> SELECT (-people.age) * ? AS anon_1, -(people.age * ?), ? * (-people.age) AS anon_2 FROM people
# 2, 2, 2

select(people.c.id):where(people.c.name:like(people.c.email .. "%"))
> SELECT people.id FROM people WHERE people.name LIKE people.email || ?
mysql> SELECT people.id FROM people WHERE people.name LIKE concat(people.email, ?)
# '%'

select(people.c.id):where(people.c.name:startswith(people.c.email),
  people.c.name:startswith(people.c.email .. "x"))
> SELECT people.id FROM people WHERE (people.name LIKE people.email || '%') AND (people.name
> LIKE (people.email || ?) || '%')
mysql> SELECT people.id FROM people WHERE (people.name LIKE concat(people.email, '%')) AND
mysql> (people.name LIKE concat((concat(people.email, ?)), '%'))
# 'x'

select(people.c.id):order_by((people.c.age + 1):desc(), people.c.age:gt(1):desc())
> SELECT people.id FROM people ORDER BY people.age + ? DESC, people.age > ? DESC
# 1, 1

select(people.c.id):where(people.c.age:eq(1):is_(true), people.c.id:eq(2):is_not(NULL))
> SELECT people.id FROM people WHERE (people.age = ?) IS true AND (people.id = ?) IS NOT NULL
sqlite> SELECT people.id FROM people WHERE (people.age = ?) IS 1 AND (people.id = ?) IS NOT NULL
# 1, 2

select(people.c.id):where(or_(people.c.age:in_{ 1 }, people.c.age:between(1, 2),
  people.c.name:like("x")))
> SELECT people.id FROM people WHERE people.age IN (?) OR people.age BETWEEN ? AND ? OR
> people.name LIKE ?
# 1, 1, 2, 'x'
]==])
  do
    it(name, check)
  end
end)
