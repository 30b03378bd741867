--- Mistakes, and what is said about them at the line where they were made.
local sa = require("lunasa.sa")
local tables = require("spec.support.sql_tables")

--- Runs `local _ = CODE` as line 2 of a chunk called "here", or statements that begin there.
local function run(code)
  local chunk = loadstring("\nlocal _ = " .. code .. "\nreturn nil", "=here")
    or assert(loadstring("\n" .. code .. "\nreturn nil", "=here"))
  return pcall(setfenv(chunk, tables))
end

--- Each is code, the class, and what the message says.
local MISTAKES = {
  ["comparing in Lua"] = {
    { "select(people):where(people.c.age == 3)", "ArgumentError", "write a:eq%(b%)" },
    { "select(people):where(not people.c.is_member)", "ArgumentError", "sa%.not_%(a%)" },
    { "select(people):having(people.c.age == 3)", "ArgumentError", "a:eq%(b%)" },
    { "or_(people.c.age == 3, people.c.id:eq(1))", "ArgumentError", "a:eq%(b%)" },
    { "and_(people.c.id:eq(1), people.c.age == 3)", "ArgumentError", "a:eq%(b%)" },
    { "not_(people.c.age == 3)", "ArgumentError", "a:eq%(b%)" },
    { "people.c.id:eq(1):and_(people.c.age == 3)", "ArgumentError", "a:eq%(b%)" },
    { "people.c.id:eq(1):or_(nil)", "ArgumentError", "nil" },
    { "people:update():where(people.c.id == 1)", "ArgumentError", "a:eq%(b%)" },
    { "people:delete():where(people.c.id == 1)", "ArgumentError", "a:eq%(b%)" },
    { "people:join(teams, people.c.team_id == teams.c.id)", "ArgumentError", "a:eq%(b%)" },
    { "join(people, teams, people.c.team_id == teams.c.id)", "ArgumentError", "a:eq%(b%)" },
    { "outerjoin(people, teams, people.c.id == teams.c.id)", "ArgumentError", "a:eq%(b%)" },
    { "select(people):join(teams, people.c.id == teams.c.id)", "ArgumentError", "a:eq%(b%)" },
    { "select(people):outerjoin(teams, people.c.id == 1)", "ArgumentError", "a:eq%(b%)" },
    { "func.count():filter(people.c.age == 3)", "ArgumentError", "a:eq%(b%)" },
    { "case({ people.c.age == 3, 1 })", "ArgumentError", "a:eq%(b%)" },
    { "exists(select(people)):where(people.c.age == 3)", "ArgumentError", "a:eq%(b%)" },
    { "people.c.age < people.c.id", "ArgumentError", "a:lt%(b%)" },
    { "people.c.age >= people.c.id", "ArgumentError", "a:ge%(b%)" },
    { "select(people):where('id = 1')", "ArgumentError", "sa%.text%(%)" },
  },
  ["nil where NULL was meant"] = {
    { "people.c.age:eq(nil)", "ArgumentError", "eq%(nil%).*sa%.NULL" },
    { "people.c.age:ne(nil)", "ArgumentError", "ne%(nil%).*sa%.NULL" },
    { "people.c.age:gt(nil)", "ArgumentError", "gt%(nil%).*sa%.NULL" },
    { "people.c.age:is_distinct_from(nil)", "ArgumentError", "sa%.NULL" },
    { "people.c.name:like(nil)", "ArgumentError", "like%(nil%)" },
    { "people.c.name:startswith(nil)", "ArgumentError", "startswith%(nil%)" },
    { "people.c.name:concat(nil)", "ArgumentError", "concat%(nil%)" },
    { "people.c.age:between(nil, 3)", "ArgumentError", "between%(nil%)" },
    { "people.c.age:between(3, nil)", "ArgumentError", "between%(nil%)" },
    { "people.c.age:in_(nil)", "ArgumentError", "in_ needs a list" },
    { "people.c.age:op('&')(nil)", "ArgumentError", "nil" },
    { "people.c.name:regexp_match(nil)", "ArgumentError", "nil" },
    { "people.c.name:match(nil)", "ArgumentError", "nil" },
    { "people.c.age + nil", "ArgumentError", "add%(nil%)" },
    { "nil .. people.c.name", "ArgumentError", "concat%(nil%)" },
    { "func.coalesce(people.c.age, nil)", "ArgumentError", "sa%.NULL" },
    { "cast(nil, Integer)", "ArgumentError", "sa%.NULL" },
    { "select(people.nam)", "ArgumentError", "nil.*users%.c%.name" },
    { "select(people.c.id, people.nam)", "ArgumentError", "nil" },
    { "select(people):where(nil)", "ArgumentError", "got nil" },
    { "select(people):where(people.c.id:eq(1), nil)", "ArgumentError", "got nil" },
    { "select(people):order_by(people.nam)", "ArgumentError", "sa%.NULL" },
    { "select(people):group_by(nil)", "ArgumentError", "sa%.NULL" },
    { "select(people):limit(nil)", "ArgumentError", "sa%.NULL" },
    { "select(people):select_from(nil)", "ArgumentError", "needs a table" },
    { "select(people):join(nil)", "ArgumentError", "needs a table" },
    { "people:join(nil)", "ArgumentError", "needs a table" },
    { "people:insert():values(nil)", "ArgumentError", "needs a table" },
    { "insert(nil)", "ArgumentError", "insert needs a table" },
    { "update(nil)", "ArgumentError", "update needs a table" },
    { "text(nil)", "ArgumentError", "text needs a string" },
  },
  ["a column that is not there"] = {
    { "people.c.nmae", "ArgumentError", "no column 'nmae' in table 'people'.*'name'" },
    { "p2.c.nmae", "ArgumentError", "no column 'nmae' in 'p2'.*'name'" },
    { "select(people):subquery('s').c.agee", "ArgumentError", "no column 'agee' in 's'.*'age'" },
    { "people.c.end_", "ArgumentError", "no column 'end_'" },
    { "words.c.end_", "ArgumentError", 'c%["end"%]' },
    { "people:insert():values({ nmae = 'x' })", "CompileError", "nmae.*'name'" },
    { "people:insert():values({ { name = 'x' }, { nmae = 'y' } })", "CompileError", "nmae" },
    { "people:update():values({ nmae = 'x' })", "CompileError", "nmae.*'name'" },
    { "people:update():ordered_values({ 'nmae', 'x' })", "ArgumentError", "nmae.*'name'" },
    { "people:insert():from_select({ 'nmae' }, select(teams.c.title))", "ArgumentError", "nmae" },
    { "select(people):filter_by({ nmae = 'x' })", "InvalidRequestError", "nmae.*'name'" },
    { "mysql.insert(people):on_duplicate_key_update({ nmae = 1 })", "CompileError", "nmae" },
    {
      "Table({ 'x', MetaData(), Column({ 'a', Integer }), UniqueConstraint({ 'b' }) })",
      "ArgumentError",
      "no column 'b'",
    },
    { "Table({ 'x', MetaData(), Index({ 'i', 'b' }) })", "ArgumentError", "no column 'b'" },
  },
  ["a column of another table"] = {
    { "people:insert():values({ [teams.c.title] = 'x' })", "ArgumentError", "'teams'.*'people'" },
    {
      "people:insert():from_select({ teams.c.title }, select(teams.c.title))",
      "ArgumentError",
      "'title' belongs to 'teams', not to 'people'",
    },
    {
      "Table({ 'x', MetaData(), UniqueConstraint({ teams.c.title }) })",
      "ArgumentError",
      "'title' belongs to 'teams', not to 'x'",
    },
    { "Table({ 'x', MetaData(), teams.c.title })", "ArgumentError", "belongs to table 'teams'" },
    { "people:insert():returning(teams.c.id)", "ArgumentError", "'teams', not to 'people'" },
  },
  ["a join that is not clear"] = {
    {
      "games:join(teams)",
      "AmbiguousForeignKeysError",
      "several foreign keys: give the condition",
    },
    { "outerjoin(games, teams)", "AmbiguousForeignKeysError", "give the condition" },
    { "people:join(settings)", "NoForeignKeysError", "a:join%(b, a%.c%.id:eq" },
    { "join(people, settings)", "NoForeignKeysError", "a:join%(b, a%.c%.id:eq" },
    {
      "select(games.c.id):join(teams):compile()",
      "AmbiguousForeignKeysError",
      "give the condition",
    },
    {
      "local statement = select(settings.c.hits):join(teams)\ntostring(statement)",
      "NoForeignKeysError",
      "give the condition",
    },
    {
      "local statement = select(people.c.id, scores.c.points):join(teams, true_())\n\n"
        .. "tostring(statement)",
      "InvalidRequestError",
      "join_from",
    },
    {
      "local statement = select(people.c.id):outerjoin_from(games, teams)\ntostring(statement)",
      "AmbiguousForeignKeysError",
      "give the condition",
    },
  },
  ["a name that is not there"] = {
    { "Intger", "ArgumentError", "no sa%.Intger.*'INTEGER'" },
    { "Column({ 'a', Integer, nulable = false })", "ArgumentError", "nulable.*'nullable'" },
    { "Table({ 'a' })", "ArgumentError", "a MetaData" },
    { "select(people):compile({ dialect = 'mysq' })", "ArgumentError", "mysq.*'mysql'" },
    { "mysql.TINYNT", "ArgumentError", "no sa%.mysql%.TINYNT.*'TINYINT'" },
    { "people.c.name:cast('int')", "ArgumentError", "cast needs a type" },
    { "text('a'):bindparams({ b = 1 })", "ArgumentError", "no parameter ':b'" },
  },
  ["what does not fit"] = {
    { "select(people):limit('3')", "ArgumentError", "limit needs an integer" },
    { "select(people):offset(-1)", "ArgumentError", "offset needs an integer" },
    { "union(select(people.c.id), select(teams))", "CompileError", "as many columns" },
    { "select(people.c.id):union(select(teams))", "CompileError", "as many columns" },
    { "people.c.age:eq(select(people))", "ArgumentError", "one column" },
    { "select(people):scalar_subquery()", "ArgumentError", "one column" },
    { "people.c.age:eq(tostring)", "ArgumentError", "cannot be a value" },
    { "people:insert():values({ 1, 2, 3, 4, 5, 6, 7, 8, 9 })", "ArgumentError", "9 values" },
    { "case()", "ArgumentError", "case needs pairs" },
    { "extract('a b', people.c.joined)", "ArgumentError", "extract needs" },
    { "func.sum(people.c.age):over({ rows = { 'x' } })", "ArgumentError", "bound of a window" },
  },
  ["arguments and options"] = {
    { "people.c.age:op('&', 1)", "ArgumentError", "op%('&'%)%(value%)" },
    { "people.c.age:op()", "ArgumentError", "an operator is text" },
    { "people.c.age:op('&', { precedenc = 1 })", "ArgumentError", "mean 'precedence'" },
    { "select(people):with_hint(people, nil)", "ArgumentError", "hint must be a string" },
    { "select(people):with_hint(nil, 'x')", "ArgumentError", "needs a table" },
    { "select(people):slice('a', nil)", "ArgumentError", "slice needs the integers" },
    { "select(people):slice(5, 2)", "ArgumentError", "ends before" },
    { "cast(people.c.age, String('5'))", "ArgumentError", "integers, got 5" },
    { "Numeric(5, 'x')", "ArgumentError", "integers, got x" },
    { "mysql.VARCHAR(1.5)", "ArgumentError", "integers, got 1.5" },
    { "people:update():with_dialect_options{ mysql_limit = '5' }", "ArgumentError", "got 5" },
    { "people.c.extra:get(nil)", "ArgumentError", "get needs a key" },
    { "people.c.extra:get({ true })", "ArgumentError", "get needs a key" },
    { "select(people):prefix_with(5)", "ArgumentError", "prefixes and suffixes are strings" },
    { "people:insert():prefix_with(nil)", "ArgumentError", "got a nil" },
    { "people.c.age:in_{ 1, nil, 3, nil, 5 }", "ArgumentError", "nil in it" },
    { "tuple_(people.c.id, people.c.age):in_{ 1, 2 }", "ArgumentError", "row 1 is not" },
    { "people.c.name:like('x', { escap = '!' })", "ArgumentError", "mean 'escape'" },
    { "people.c.name:like('x', '!')", "ArgumentError", "are a table" },
    { "people.c.name:contains('x', { escape = 1 })", "ArgumentError", "a character" },
    { "people.c.name:collate()", "ArgumentError", "name of a collation" },
    { "func.rank():over{ partition = 1 }", "ArgumentError", "mean 'partition_by'" },
    { "people:insert():from_select()", "ArgumentError", "list of names and a SELECT" },
    { "text('a'):columns(5)", "ArgumentError", "sa%.column" },
    { "select(people):filter_by()", "ArgumentError", "filter_by{" },
    { "select(people):with_for_update{ no_wait = true }", "ArgumentError", "mean 'nowait'" },
    { "select(people):with_for_update{ of = 'x' }", "ArgumentError", "of names tables" },
    { "select(people):correlate(5)", "ArgumentError", "needs tables" },
    { "select(people):set_label_style('x')", "ArgumentError", "LABEL_STYLE" },
    { "select(people):cte('x', { recursiv = true })", "ArgumentError", "mean 'recursive'" },
    { "select(people):join(teams, { isoute = true })", "ArgumentError", "mean 'isouter'" },
    { "bindparam('x', { typ = 1 })", "ArgumentError", "no option 'typ'" },
    { "select(people):compile{ literal_bind = true }", "ArgumentError", "mean 'literal_binds'" },
    { "select(people):order_by('naem'):compile()", "CompileError", "no label or column 'naem'" },
    {
      "Table{ 't', MetaData(), Column{ 'a' }, Column{ 'a' } }",
      "ArgumentError",
      "two columns 'a'",
    },
    { "people:insert():values{ id = 1 }:values{ { id = 2 } }", "InvalidRequestError", "together" },
    { "func.f(tostring)", "ArgumentError", "cannot be a value" },
    { "select(people):add_cte(people)", "ArgumentError", "add_cte needs a CTE" },
    { "select(people):params(5)", "ArgumentError", "values by name" },
  },
}

tables.words = sa.Table({ "words", sa.MetaData(), sa.Column({ "end", sa.Integer }) })
tables.tostring = tostring

describe("a mistake in a statement", function()
  for what, mistakes in pairs(MISTAKES) do
    for _, mistake in ipairs(mistakes) do
      local code, class, said = unpack(mistake)
      it(("is explained at its line: %s: %s"):format(what, code:gsub("%s+", " ")), function()
        local ok, err = run(code)
        assert.is_false(ok)
        assert.equal(class, err.class, tostring(err))
        assert.matches(said, err.message)
        assert.equal("here:2", err.position, tostring(err))
      end)
    end
  end
end)
