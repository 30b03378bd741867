--- Calls with what they cannot mean: each is refused with a sentence, at its line, before anything
--- is written.
local sa = require("lunasa.sa")
local tables = require("spec.support.sql_tables")

local environment = setmetatable({ tostring = tostring, string = string }, { __index = tables })

--- Runs `local _ = CODE` as line 2 of a chunk called "here", and writes it as every dialect would.
local function run(code)
  local chunk = assert(loadstring("\nlocal _ = " .. code .. "\nreturn nil", "=here"))
  return pcall(setfenv(chunk, environment))
end

--- Code, and what the message says.
local REFUSED = [==[
people:insert():values{ 5, name = 'x' } > with the name 'name' in it
people:insert():values{ 5, nil, 'x' } > nil for 'name': write sa%.NULL
people:insert():values{ { id = 1 }, 'x' } > number 2 is no table
people:insert():values{ { id = 1 }, name = 'x' } > the name 'name'
people:insert():values{ 1, 2, 3, 4, 5, 6, 7, 8, 9 } > 9 values for the 8 columns
people:update():ordered_values({ 'age', nil }) > pairs of a column and a value
people:update():ordered_values({ 'age' }) > pairs of a column and a value
people:update():ordered_values('age', 1) > pairs of a column and a value
people:update():ordered_values({ 'age', 1 }, nil, { 'id', 1 }) > pairs of a column and a value
people:update():with_dialect_options(5) > are a table
people:update():with_dialect_options{ mysql_limt = 3 } > mean 'mysql_limit'
people:update():with_dialect_options{ mysql_limit = -1 } > integer from 0
mysql.insert(people):on_duplicate_key_update({ 'id', 1 }, 5) > pairs of a column and a value
people.c.id:in_{ a = 1 } > needs a list of values
people.c.id:in_{ 1, a = 1 } > needs a list of values
people.c.id:in_{ 1, tostring } > a function is no value for a list: item 2
people.c.id:in_{ {} } > a table is no value for a list: item 1
people.c.id:in_(people) > needs a list or a SELECT
people.c.name:like('x', { escape = '' }) > escape is a character
people.c.name:contains('x', { escape = '!!' }) > escape is a character
people.c.name:regexp_replace('a', 'b', { flag = 'g' }) > mean 'flags'
people.c.name:regexp_replace('a', 'b', 5) > are a table
people.c.name:regexp_match('a', { flags = 5 }) > flags are letters
people.c.name:match('a', 5) > are a table
people.c.id:op('+', { return_type = 'Integer' })(1) > needs a type
literal(5, { typ = String }) > no option 'typ'
literal(5, 'x') > needs a type
literal_column(nil) > needs a string, got a nil
literal_column('x', 5) > needs a type
column('x', 'Integer') > column needs a type
column(5) > a name must be a string
bindparam('x', { type_ = 'Integer' }) > type_ needs a type
text('a :b'):bindparams(nil) > values by name
text('a :b'):bindparams('b') > values by name
text('SELECT 1'):columns(column('a')):limit(3) > this SELECT is text
func.f(1, { typ_ = Integer }) > mean 'type_'
func.f(1, { type_ = 'Integer' }) > type_ needs a type
func.rank():over{ rows = 5 } > the frame of a window
func.rank():over{ rows = 'x' } > the frame of a window
func.rank():over{ order_by = people } > write users%.c%.name
case({ people.c.id:eq(1), 'x' }, { els_ = 'y' }) > mean 'else_'
case({ people.c.id:eq(1), 'x' }, 'y') > case needs pairs
case({ people.c.id:eq(1), 'x' }, nil) > case needs pairs
select(people.c.id):with_for_update{ of = { 'people' } } > of names tables
select(people.c.id):order_by(people) > write users%.c%.name
select(people.c.id):distinct(people) > write users%.c%.name
union() > needs SELECTs
union(nil, select(people.c.id)) > needs SELECTs
union(select(people.c.id), nil, select(people.c.id)) > needs SELECTs
desc(people) > write users%.c%.name
join(5, people) > on its left side
lateral(5) > lateral needs a SELECT
values('a', { name = 'v' }) > values needs columns
values(column('a'), { nam = 'v' }) > mean 'name'
values(column('a'), { name = 'v' }):data(5) > needs a list of rows
values(column('a'), { name = 'v' }):data{ 5 } > row 1 of values must have 1 values
values(column('a'), column('b'), { name = 'v' }):data{ { 1, 2 }, { 1 } } > row 2 of values must have
values(column('a'), column('b'), { name = 'v' }):data{ { nil, 2 } } > row 1 of values must have 2
tablesample(people, 5, { sed = 1 }) > mean 'seed'
tablesample(people, nil) > needs a percentage
tablesample('people', 5) > needs a table
func.f(1):alias(5) > a name must be a string
quoted_name(nil, true) > a name must be a string
interval(5) > interval needs its parts
json_array(5) > json_array needs a list
TypeDecorator(5) > TypeDecorator needs a table
String(5):with_variant(nil, 'mysql') > with_variant needs a type
select('x; DROP TABLE y') > write sa%.text
select(0 / 0) > needs a column
func.rank():over{ order_by = 'id' } > write sa%.column%('id'%)
select(people.c.id):correlate(people, NULL) > correlate needs tables
select(people.c.id):join_from(5, people) > join needs a table
people:insert():from_select({ 5 }, select(people.c.id)) > from_select needs a list of names
CreateTable('people') > create table needs a table
CreateTable(people, 5) > options of create_table are a table
CreateIndex(people) > create index needs an index
DropType(people) > drop type needs a type
AddConstraint(people.c.id) > add constraint needs a constraint
SetColumnComment(people) > set column comment needs a column
CreateSchema(5) > create schema needs a name
CreateSequence('numbers') > create sequence needs a sequence
Sequence('s', { start = '1; x' }) > start of Sequence is an integer
Sequence(5) > a name must be a string
Identity{ increment = 1.5 } > increment of Identity is an integer
Computed(5) > Computed needs text
Computed('a', { persist = true }) > mean 'persisted'
Index('ix', 5) > 1 is none
Index(5, people.c.id) > a name must be a string
CheckConstraint(5) > CheckConstraint needs
ForeignKey(5) > ForeignKey needs a column
ForeignKey('a.b', { ondelete = 'CASCADE; x' }) > ondelete of a foreign key cannot be
ForeignKeyConstraint({ 'a' }, { 'b.a' }, { initially = 'x' }) > initially of a foreign key
PrimaryKeyConstraint(people.c.id, {}) > a constraint is of columns
Column('a', Integer, 5) > a column takes a type
Enum(5, 'a') > number 1 is a number
mysql.SET('a', true) > number 2 is a boolean
mysql.DATETIME{ fsp = '3)' } > are integers
mysql.CHAR(5, { charst = 'x' }) > mean 'charset'
LargeBinary('5)') > are integers
String(5, { colation = 'x' }) > mean 'collation'
Numeric(5, 2, { asdecmal = true }) > mean 'asdecimal'
JSON(5) > options of JSON are a table
pg.ARRAY('Integer') > ARRAY needs a type
String(5):compile(5) > are a table
MetaData():create_statements(5) > are a table
table(5) > a name must be a string
table('t', 'x') > table needs a name and columns
compiled(5) > compiled needs a statement
compiled(select(people), 'mysq') > no dialect 'mysq'
select(people.c.id):where(people.c.id:eq{}):compile{ literal_binds = true } > cannot be written
]==]

describe("a call that cannot mean anything", function()
  for line in REFUSED:gmatch("[^\n]+") do
    local code, said = line:match("^(.-) > (.*)$")
    it("is refused at its line: " .. code, function()
      local ok, err = run(code)
      assert.is_false(ok)
      assert.is_table(err, tostring(err))
      assert.matches(said, err.message)
      assert.equal("here:2", err.position, tostring(err))
    end)
  end
end)

describe("a list that is given at execution", function()
  local statement = sa.select(tables.people.c.id)
    :where(tables.people.c.id:in_(sa.bindparam("ids", { expanding = true })))

  for what, given in pairs({ number = 5, ["string"] = "1, 2", hole = { 1, nil, 3 } }) do
    it("is a list: " .. what, function()
      local compiled = sa.compiled(statement, "mysql")
      local ok, err = pcall(compiled.construct, compiled, { ids = given }, statement)
      assert.is_false(ok)
      assert.equal("ArgumentError", err.class, tostring(err))
      assert.matches("bindparam%('ids'%)", err.message)
    end)
  end
end)

describe("LIMIT of UPDATE and DELETE", function()
  it("may be MariaDB's own", function()
    local people = tables.people
    for _, statement in ipairs({ people:update():values({ age = 1 }), people:delete() }) do
      local limited = statement
        :with_dialect_options({ mysql_limit = 2 })
        :with_dialect_options({ mariadb_limit = 3 })
      assert.matches(" LIMIT 2$", limited:compile({ dialect = "mysql" }).string)
      assert.matches(" LIMIT 3$", limited:compile({ dialect = "mariadb" }).string)
    end
  end)
end)

describe("ON DUPLICATE KEY UPDATE", function()
  it("takes pairs one by one and in a list", function()
    local insert = sa.mysql.insert(tables.people):values({ id = 1 })
    local text = tostring(insert:on_duplicate_key_update({ "name", "x" }, { "age", 1 }))
    assert.matches("UPDATE name = %?, age = %?$", text)
    assert.equal(text, tostring(insert:on_duplicate_key_update({ { "name", "x" }, { "age", 1 } })))
    assert.matches("UPDATE age = %?$", tostring(insert:on_duplicate_key_update({ { "age", 1 } })))
  end)
end)
