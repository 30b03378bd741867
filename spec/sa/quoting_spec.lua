--- Names, in every dialect.
local statements = require("spec.support.statements")

describe("names", function()
  for name, check in
    statements([==[
select(table("order", column("select"), column("MixedCase"), column("with space"),
  column("ok_name")))
> SELECT "order"."select", "order"."MixedCase", "order"."with space", "order".ok_name FROM
> "order"
mysql> SELECT `order`.`select`, `order`.`MixedCase`, `order`.`with space`, `order`.ok_name FROM
mysql> `order`

select(table("Users", column("1st"), column("a.b"), column("x$y"), column("$x")))
> SELECT "Users"."1st", "Users"."a.b", "Users".x$y, "Users"."$x" FROM "Users"
mysql> SELECT `Users`.`1st`, `Users`.`a.b`, `Users`.x$y, `Users`.`$x` FROM `Users`

select(table("t", column("back`tick"), column('dq"uote'), column("per%cent"), column("co:lon")))
> SELECT t."back`tick", t."dq""uote", t."per%cent", t."co:lon" FROM t
mysql> SELECT t.`back``tick`, t.`dq"uote`, t.`per%cent`, t.`co:lon` FROM t

select(table("t", column("rank"), column("groups"), column("offset"), column("user"),
  column("key"), column("value"), column("end")))
> SELECT t.rank, t.groups, t."offset", t.user, t."key", t.value, t."end" FROM t
mysql> SELECT t.`rank`, t.`groups`, t.offset, t.user, t.`key`, t.value, t.end FROM t
mariadb> SELECT t.rank, t.groups, t.`offset`, t.user, t.`key`, t.value, t.end FROM t
postgresql> SELECT t.rank, t.groups, t."offset", t."user", t.key, t.value, t."end" FROM t

select(Table{ "t", MetaData(), Column{ "a", Integer, quote = true }, Column{ "Select", Integer,
  quote = false }, quote = true })
> SELECT "t"."a", "t".Select FROM "t"
mysql> SELECT `t`.`a`, `t`.Select FROM `t`

select(Table{ "t", MetaData(), Column{ "db", Integer, key = "py" }, schema = "My Schema" }.c.py)
> SELECT "My Schema".t.db FROM "My Schema".t
mysql> SELECT `My Schema`.t.db FROM `My Schema`.t

select(people:alias("From").c.name, people.c.age:label("Group"))
> SELECT "From".name, people.age AS "Group" FROM people AS "From", people
mysql> SELECT `From`.name, people.age AS `Group` FROM people AS `From`, people

select(column("x"):label(quoted_name("plain", true)))
> SELECT x AS "plain"
mysql> SELECT x AS `plain`

select(people.c.id:label("per%cent")):where(text("a LIKE '50%'"))
> SELECT people.id AS "per%cent" FROM people WHERE a LIKE '50%'
mysql> SELECT people.id AS `per%cent` FROM people WHERE a LIKE '50%'

select(table("日本", column("é"), column("_x"), column("x1")))
> SELECT "日本"."é", "日本"._x, "日本".x1 FROM "日本"
mysql> SELECT `日本`.`é`, `日本`._x, `日本`.x1 FROM `日本`

Table{ "sel", MetaData(), Column{ "id", Integer, primary_key = true }, Column{ "From",
  Integer }, schema = "a" }:insert():values{ From = 1 }
> INSERT INTO a.sel (`From`) VALUES (?)
sqlite> INSERT INTO a.sel ("From") VALUES (?)
postgresql> INSERT INTO a.sel ("From") VALUES (?) RETURNING a.sel.id
# 1

Table{ "U", MetaData(), Column{ "Id", Integer, primary_key = true } }:update():values{ Id = 3 }
> UPDATE "U" SET "Id"=?
mysql> UPDATE `U` SET `Id`=?
# 3
]==])
  do
    it(name, check)
  end
end)
