--- Functions, CASE, CAST and windows, in every dialect.
local statements = require("spec.support.statements")

describe("functions, CASE, CAST and windows", function()
  for name, check in
    statements([==[
select(func.lower(people.c.name), func.coalesce(people.c.age, 0), func.my_fn(1, "a", NULL))
> SELECT lower(people.name) AS lower_1, coalesce(people.age, ?) AS coalesce_1, my_fn(?, ?,
> NULL) AS my_fn_1 FROM people
# 0, 1, 'a'

select(func.now(), func.current_date(), func.current_timestamp(), func.user())
> SELECT now() AS now_1, CURRENT_DATE AS current_date_1, CURRENT_TIMESTAMP AS
> current_timestamp_1, USER AS user_1
sqlite> SELECT CURRENT_TIMESTAMP AS now_1, CURRENT_DATE AS current_date_1, CURRENT_TIMESTAMP AS
sqlite> current_timestamp_1, USER AS user_1

select(func.count(), func.count(people.c.id), func.count(distinct(people.c.age)))
> SELECT count(*) AS count_1, count(people.id) AS count_2, count(DISTINCT people.age) AS
> count_3 FROM people

select(func.pkg.fn(people.c.id), func.if_(people.c.age:gt(1), "a", "b"))
> SELECT pkg.fn(people.id) AS fn_1, if(people.age > ?, ?, ?) AS if_1 FROM people
# 1, 'a', 'b'

select(func.concat(people.c.name, "-", people.c.email), func.char_length(people.c.name))
> SELECT concat(people.name, ?, people.email) AS concat_1, char_length(people.name) AS
> char_length_1 FROM people
sqlite> SELECT concat(people.name, ?, people.email) AS concat_1, length(people.name) AS
sqlite> char_length_1 FROM people
# '-'

select(func.sum(people.c.age) / func.count(), func.avg(people.c.age):label("mean"))
> SELECT sum(people.age) / count(*) AS anon_1, avg(people.age) AS mean FROM people

select(func.max(people.c.age) + 1,
  func.group_concat(people.c.name:op("ORDER BY")(people.c.age)))
> SELECT max(people.age) + ? AS anon_1, group_concat(people.name ORDER BY people.age) AS
> group_concat_1 FROM people
# 1

select(func.f(people.c.age + 1, people.c.age:gt(1), select(func.max(scores.c.points))
  :scalar_subquery()))
> SELECT f(people.age + ?, people.age > ?, (SELECT max(scores.points) AS max_1 FROM scores)) AS
> f_1 FROM people
# 1, 1

select(case({ people.c.age:gt(18), "adult" }, { people.c.age:gt(12), "teen" },
  { else_ = "child" }):label("kind"))
> SELECT CASE WHEN (people.age > ?) THEN ? WHEN (people.age > ?) THEN ? ELSE ? END AS kind FROM
> people
# 18, 'adult', 12, 'teen', 'child'

select(case({ 1, "one" }, { 2, "two" }, { value = people.c.id }))
> SELECT CASE people.id WHEN ? THEN ? WHEN ? THEN ? END AS anon_1 FROM people
# 1, 'one', 2, 'two'

select(case({ people.c.is_member, people.c.age + 1 }, { else_ = null() }))
> SELECT CASE WHEN people.is_member THEN people.age + ? ELSE NULL END AS anon_1 FROM people
# 1

select(people.c.id):where(case({ people.c.age:gt(1), 1 }, { else_ = 0 }):eq(1))
  :order_by(case({ people.c.name:eq("x"), 0 }, { else_ = 1 }))
> SELECT people.id FROM people WHERE CASE WHEN (people.age > ?) THEN ? ELSE ? END = ? ORDER BY
> CASE WHEN (people.name = ?) THEN ? ELSE ? END
# 1, 1, 0, 1, 'x', 0, 1

select(func.sum(case({ people.c.is_member:eq(true), 1 }, { else_ = 0 })))
> SELECT sum(CASE WHEN (people.is_member = true) THEN ? ELSE ? END) AS sum_1 FROM people
sqlite> SELECT sum(CASE WHEN (people.is_member = 1) THEN ? ELSE ? END) AS sum_1 FROM people
# 1, 0

select(cast(people.c.age, String(10)), cast(people.c.name, Integer), cast("1.5", Numeric(6, 2)))
> SELECT CAST(people.age AS VARCHAR(10)) AS age, CAST(people.name AS INTEGER) AS name, CAST(?
> AS NUMERIC(6, 2)) AS anon_1 FROM people
mysql> SELECT CAST(people.age AS CHAR(10)) AS age, CAST(people.name AS SIGNED INTEGER) AS name,
mysql> CAST(? AS DECIMAL(6, 2)) AS anon_1 FROM people
# '1.5'

select(people.c.name:cast(DateTime), people.c.name:cast(Date), people.c.name:cast(Time),
  people.c.name:cast(Text))
> SELECT CAST(people.name AS DATETIME) AS name, CAST(people.name AS DATE) AS name__1,
> CAST(people.name AS TIME) AS name__2, CAST(people.name AS CHAR) AS name__3 FROM people
sqlite> SELECT CAST(people.name AS DATETIME) AS name, CAST(people.name AS DATE) AS name__1,
sqlite> CAST(people.name AS TIME) AS name__2, CAST(people.name AS TEXT) AS name__3 FROM people
postgresql> SELECT CAST(people.name AS TIMESTAMP WITHOUT TIME ZONE) AS name, CAST(people.name
postgresql> AS DATE) AS name__1, CAST(people.name AS TIME WITHOUT TIME ZONE) AS name__2,
postgresql> CAST(people.name AS TEXT) AS name__3 FROM people

select(cast(people.c.name, JSON), cast(people.c.name, LargeBinary), cast(people.c.age, Float),
  cast(people.c.age, BigInteger))
> SELECT CAST(people.name AS JSON) AS name, CAST(people.name AS BINARY) AS name__1,
> CAST(people.age AS FLOAT) AS age, CAST(people.age AS SIGNED INTEGER) AS age__2 FROM people
sqlite> SELECT CAST(people.name AS JSON) AS name, CAST(people.name AS BLOB) AS name__1,
sqlite> CAST(people.age AS FLOAT) AS age, CAST(people.age AS BIGINT) AS age__2 FROM people
postgresql> SELECT CAST(people.name AS JSON) AS name, CAST(people.name AS BYTEA) AS name__1,
postgresql> CAST(people.age AS FLOAT) AS age, CAST(people.age AS BIGINT) AS age__2 FROM people

select(cast(people.c.age + 1, Integer), cast(null(), Integer), cast(people.c.age, Integer) + 1)
> SELECT CAST(people.age + ? AS INTEGER) AS anon_1, CAST(NULL AS INTEGER) AS anon_2,
> CAST(people.age AS INTEGER) + ? AS anon_3 FROM people
mysql> SELECT CAST(people.age + ? AS SIGNED INTEGER) AS anon_1, CAST(NULL AS SIGNED INTEGER) AS
mysql> anon_2, CAST(people.age AS SIGNED INTEGER) + ? AS anon_3 FROM people
# 1, 1

select(type_coerce(people.c.age, String), type_coerce(people.c.age, String) .. "x")
> SELECT people.age AS age, people.age || ? AS anon_1 FROM people
mysql> SELECT people.age AS age, concat(people.age, ?) AS anon_1 FROM people
# 'x'

select(extract("year", people.c.joined), extract("month", people.c.joined) + 1)
> SELECT EXTRACT(year FROM people.joined) AS anon_1, EXTRACT(month FROM people.joined) + ? AS
> anon_2 FROM people
sqlite> SELECT CAST(STRFTIME('%Y', people.joined) AS INTEGER) AS anon_1, CAST(STRFTIME('%m',
sqlite> people.joined) AS INTEGER) + ? AS anon_2 FROM people
# 1

select(extract("dow", people.c.joined), extract("hour", func.now()))
> SELECT EXTRACT(dow FROM people.joined) AS anon_1, EXTRACT(hour FROM now()) AS anon_2 FROM
> people
sqlite> SELECT CAST(STRFTIME('%w', people.joined) AS INTEGER) AS anon_1, CAST(STRFTIME('%H',
sqlite> CURRENT_TIMESTAMP) AS INTEGER) AS anon_2 FROM people

select(func.row_number():over{ order_by = people.c.id }, func.rank()
  :over{ partition_by = people.c.team_id, order_by = people.c.age:desc() }:label("r"))
> SELECT row_number() OVER (ORDER BY people.id) AS anon_1, rank() OVER (PARTITION BY
> people.team_id ORDER BY people.age DESC) AS r FROM people

select(func.sum(people.c.age):over{ order_by = { people.c.team_id, people.c.id }, rows = { -1,
  1 } }, func.sum(people.c.age):over{ rows = { NULL, 0 } })
> SELECT sum(people.age) OVER (ORDER BY people.team_id, people.id ROWS BETWEEN ? PRECEDING AND
> ? FOLLOWING) AS anon_1, sum(people.age) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT
> ROW) AS anon_2 FROM people
mysql> SELECT sum(people.age) OVER (ORDER BY people.team_id, people.id ROWS BETWEEN 1 PRECEDING
mysql> AND 1 FOLLOWING) AS anon_1, sum(people.age) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND
mysql> CURRENT ROW) AS anon_2 FROM people
sqlite# 1, 1
postgresql# 1, 1

select(func.sum(people.c.age):over{ order_by = people.c.id, range_ = { -5, NULL } },
  func.count():over())
> SELECT sum(people.age) OVER (ORDER BY people.id RANGE BETWEEN ? PRECEDING AND UNBOUNDED
> FOLLOWING) AS anon_1, count(*) OVER () AS anon_2 FROM people
mysql> SELECT sum(people.age) OVER (ORDER BY people.id RANGE BETWEEN 5 PRECEDING AND UNBOUNDED
mysql> FOLLOWING) AS anon_1, count(*) OVER () AS anon_2 FROM people
sqlite# 5
postgresql# 5

select(func.count(people.c.id):filter(people.c.age:gt(3), people.c.is_member))
> SELECT count(people.id) FILTER (WHERE people.age > ? AND people.is_member = 1) AS anon_1 FROM
> people
mysql! CompileError: MySQL has no FILTER for aggregates; use a CASE inside the function
mariadb! CompileError: MariaDB has no FILTER for aggregates; use a CASE inside the function
postgresql> SELECT count(people.id) FILTER (WHERE people.age > ? AND people.is_member) AS
postgresql> anon_1 FROM people
# 3

select(func.percentile_cont(0.5):within_group(people.c.age:desc()))
> SELECT percentile_cont(?) WITHIN GROUP (ORDER BY people.age DESC) AS anon_1 FROM people
# 0.5

select(people.c.id):where(func.lower(people.c.name):eq("x"))
  :order_by(func.length(people.c.name):desc())
> SELECT people.id FROM people WHERE lower(people.name) = ? ORDER BY length(people.name) DESC
# 'x'

select(people.c.id):group_by(func.rollup(people.c.team_id, people.c.age))
> SELECT people.id FROM people GROUP BY ROLLUP(people.team_id, people.age)

select(func.first_value(people.c.age)
  :over{ partition_by = { people.c.team_id } } - people.c.age)
> SELECT first_value(people.age) OVER (PARTITION BY people.team_id) - people.age AS anon_1 FROM
> people

local e = func.json_each(people.c.extra):table_valued("key", "value", { name = "e" })
return select(e.c.key, e.c.value):where(e.c.value:eq("x"))
> SELECT e.`key`, e.value FROM json_each(people.extra) AS e WHERE e.value = ?
sqlite> SELECT e."key", e.value FROM json_each(people.extra) AS e WHERE e.value = ?
postgresql> SELECT e.key, e.value FROM json_each(people.extra) AS e WHERE e.value = ?
# 'x'

select(func["odd name"](1))
> SELECT "odd name"(?) AS odd_name_1
mysql> SELECT `odd name`(?) AS odd_name_1
# 1

select(func.length(people.c.name) * 2, -func.length(people.c.name), func.length(people.c.name)
  :is_(NULL))
> SELECT length(people.name) * ? AS anon_1, -length(people.name), length(people.name) IS NULL
> AS anon_2 FROM people
# 2

select(func.random(), func.sysdate(), func.localtime())
> SELECT random() AS random_1, sysdate AS sysdate_1, LOCALTIME AS localtime_1
mysql> SELECT rand() AS random_1, SYSDATE() AS sysdate_1, LOCALTIME AS localtime_1

select(case({ people.c.age:gt(1), people.c.name }, { else_ = people.c.email }) .. "x",
  case({ people.c.age:eq(1), 2 }) * 3)
> SELECT CASE WHEN (people.age > ?) THEN people.name ELSE people.email END || ? AS anon_1, CASE
> WHEN (people.age = ?) THEN ? END * ? AS anon_2 FROM people
mysql> SELECT concat(CASE WHEN (people.age > ?) THEN people.name ELSE people.email END, ?) AS
mysql> anon_1, CASE WHEN (people.age = ?) THEN ? END * ? AS anon_2 FROM people
# 1, 'x', 1, 2, 3
]==])
  do
    it(name, check)
  end
end)
