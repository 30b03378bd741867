--- JSON, in every dialect.
local statements = require("spec.support.statements")

describe("JSON", function()
  for name, check in
    statements([==[
select(people.c.extra:get("a"), people.c.extra:get(0), people.c.extra:get{ "a", 1 })
> SELECT JSON_EXTRACT(people.extra, ?) AS anon_1, JSON_EXTRACT(people.extra, ?) AS anon_2,
> JSON_EXTRACT(people.extra, ?) AS anon_3 FROM people
sqlite> SELECT JSON_QUOTE(JSON_EXTRACT(people.extra, ?)) AS anon_1,
sqlite> JSON_QUOTE(JSON_EXTRACT(people.extra, ?)) AS anon_2,
sqlite> JSON_QUOTE(JSON_EXTRACT(people.extra, ?)) AS anon_3 FROM people
postgresql> SELECT people.extra -> ? AS anon_1, people.extra -> ? AS anon_2, people.extra #> ?
postgresql> AS anon_3 FROM people
# '$."a"', '$[0]', '$."a"[1]'
postgresql# 'a', 0, '{a, 1}'

select(people.c.id):where(people.c.extra:get("a"):as_string():eq("x"))
> SELECT people.id FROM people WHERE CASE JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL
> ELSE JSON_UNQUOTE(JSON_EXTRACT(people.extra, ?)) END = ?
sqlite> SELECT people.id FROM people WHERE JSON_EXTRACT(people.extra, ?) = ?
postgresql> SELECT people.id FROM people WHERE CAST((people.extra ->> ?) AS VARCHAR) = ?
# '$."a"', '$."a"', 'x'
sqlite# '$."a"', 'x'
postgresql# 'a', 'x'

select(people.c.id):where(people.c.extra:get("a"):as_integer():gt(3), people.c.extra:get("b")
  :as_boolean():eq(true))
> SELECT people.id FROM people WHERE CASE JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL
> ELSE CAST(JSON_EXTRACT(people.extra, ?) AS SIGNED INTEGER) END > ? AND CASE
> JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL WHEN true THEN true ELSE false END = true
sqlite> SELECT people.id FROM people WHERE JSON_EXTRACT(people.extra, ?) > ? AND
sqlite> JSON_EXTRACT(people.extra, ?) = 1
postgresql> SELECT people.id FROM people WHERE CAST((people.extra ->> ?) AS INTEGER) > ? AND
postgresql> CAST((people.extra ->> ?) AS BOOLEAN) = true
# '$."a"', '$."a"', 3, '$."b"'
sqlite# '$."a"', 3, '$."b"'
postgresql# 'a', 3, 'b'

select(people.c.extra:get{ "a", "b", 2 }:as_float(), people.c.extra:get("n"):as_numeric(6, 2))
> SELECT CASE JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL ELSE
> JSON_EXTRACT(people.extra, ?)+0.0000000000000000000000 END AS anon_1, CASE
> JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL ELSE CAST(JSON_EXTRACT(people.extra, ?)
> AS DECIMAL(6, 2)) END AS anon_2 FROM people
sqlite> SELECT JSON_EXTRACT(people.extra, ?) AS anon_1, JSON_EXTRACT(people.extra, ?) AS anon_2
sqlite> FROM people
postgresql> SELECT CAST(people.extra #>> ? AS FLOAT) AS anon_1, CAST(people.extra ->> ? AS
postgresql> NUMERIC(6, 2)) AS anon_2 FROM people
# '$."a"."b"[2]', '$."a"."b"[2]', '$."n"', '$."n"'
sqlite# '$."a"."b"[2]', '$."n"'
postgresql# '{a, b, 2}', 'n'

select(people.c.id):where(people.c.extra:get("a"):eq(NULL))
> SELECT people.id FROM people WHERE JSON_EXTRACT(people.extra, ?) IS NULL
sqlite> SELECT people.id FROM people WHERE JSON_QUOTE(JSON_EXTRACT(people.extra, ?)) IS NULL
postgresql> SELECT people.id FROM people WHERE (people.extra -> ?) IS NULL
# '$."a"'
postgresql# 'a'

select(people.c.id):where(people.c.extra:get("a"):as_json():eq(JSON.NULL))
> SELECT people.id FROM people WHERE JSON_EXTRACT(people.extra, ?) = ?
sqlite> SELECT people.id FROM people WHERE JSON_QUOTE(JSON_EXTRACT(people.extra, ?)) = ?
postgresql> SELECT people.id FROM people WHERE (people.extra -> ?) = ?
# '$."a"', 'null'
postgresql# 'a', 'null'

select(people.c.extra:get("a"):label("x")):order_by(people.c.extra:get("b"):as_integer():desc())
> SELECT JSON_EXTRACT(people.extra, ?) AS x FROM people ORDER BY CASE
> JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL ELSE CAST(JSON_EXTRACT(people.extra, ?)
> AS SIGNED INTEGER) END DESC
sqlite> SELECT JSON_QUOTE(JSON_EXTRACT(people.extra, ?)) AS x FROM people ORDER BY
sqlite> JSON_EXTRACT(people.extra, ?) DESC
postgresql> SELECT people.extra -> ? AS x FROM people ORDER BY CAST(people.extra ->> ? AS
postgresql> INTEGER) DESC
# '$."a"', '$."b"', '$."b"'
sqlite# '$."a"', '$."b"'
postgresql# 'a', 'b'

select(people.c.id):where(people.c.extra:eq{ a = 1 })
> SELECT people.id FROM people WHERE people.extra = ?
# '{"a":1}'

select(people.c.id):where(people.c.extra:get('we"ird key'):as_string():like("a%"),
  people.c.extra:get("x"):as_integer():in_{ 1, 2 })
> SELECT people.id FROM people WHERE CASE JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL
> ELSE JSON_UNQUOTE(JSON_EXTRACT(people.extra, ?)) END LIKE ? AND CASE
> JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL ELSE CAST(JSON_EXTRACT(people.extra, ?)
> AS SIGNED INTEGER) END IN (?, ?)
sqlite> SELECT people.id FROM people WHERE JSON_EXTRACT(people.extra, ?) LIKE ? AND
sqlite> JSON_EXTRACT(people.extra, ?) IN (?, ?)
postgresql> SELECT people.id FROM people WHERE CAST(people.extra ->> ? AS VARCHAR) LIKE ? AND
postgresql> CAST((people.extra ->> ?) AS INTEGER) IN (?, ?)
# '$."we"ird key"', '$."we"ird key"', 'a%', '$."x"', '$."x"', 1, 2
sqlite# '$."we"ird key"', 'a%', '$."x"', 1, 2
postgresql# 'we"ird key', 'a%', 'x', 1, 2

select(people.c.extra:get("a"):as_integer() + 1, -people.c.extra:get("a"):as_integer())
> SELECT CASE JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL ELSE
> CAST(JSON_EXTRACT(people.extra, ?) AS SIGNED INTEGER) END + ? AS anon_1, -CASE
> JSON_EXTRACT(people.extra, ?) WHEN 'null' THEN NULL ELSE CAST(JSON_EXTRACT(people.extra, ?)
> AS SIGNED INTEGER) END FROM people
sqlite> SELECT JSON_EXTRACT(people.extra, ?) + ? AS anon_1, -JSON_EXTRACT(people.extra, ?) FROM
sqlite> people
postgresql> SELECT CAST((people.extra ->> ?) AS INTEGER) + ? AS anon_1, -CAST(people.extra ->>
postgresql> ? AS INTEGER) FROM people
# '$."a"', '$."a"', 1, '$."a"', '$."a"'
sqlite# '$."a"', 1, '$."a"'
postgresql# 'a', 1, 'a'
]==])
  do
    it(name, check)
  end
end)
