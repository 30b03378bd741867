--- The tables that the specs of the SQL language are about, beside all names of the language
--- itself: an environment for statements.
local sa = require("lunasa.sa")

local meta = sa.MetaData()
local Column = sa.Column

local tables = { meta = meta }

tables.teams = sa.Table({
  "teams",
  meta,
  Column({ "id", sa.Integer, primary_key = true }),
  Column({ "title", sa.String(30) }),
  Column({ "lead_id", sa.Integer }),
})
tables.people = sa.Table({
  "people",
  meta,
  Column({ "id", sa.Integer, primary_key = true }),
  Column({ "name", sa.String(40), nullable = false }),
  Column({ "email", sa.String(80), unique = true }),
  Column({ "age", sa.Integer }),
  Column({ "is_member", sa.Boolean }),
  Column({ "team_id", sa.Integer, sa.ForeignKey({ "teams.id" }) }),
  Column({ "joined", sa.DateTime }),
  Column({ "extra", sa.JSON }),
})
tables.games = sa.Table({
  "games",
  meta,
  Column({ "id", sa.Integer, primary_key = true }),
  Column({ "home_id", sa.Integer, sa.ForeignKey({ "teams.id" }) }),
  Column({ "away_id", sa.Integer, sa.ForeignKey({ "teams.id" }) }),
  Column({ "played", sa.Date }),
  Column({ "score", sa.Numeric(6, 2) }),
  Column({ "state", sa.Enum({ "open", "over", name = "game_state" }) }),
})
tables.scores = sa.Table({
  "scores",
  meta,
  Column({ "game_id", sa.Integer, sa.ForeignKey({ "games.id" }), primary_key = true }),
  Column({ "person_id", sa.Integer, sa.ForeignKey({ "people.id" }), primary_key = true }),
  Column({ "points", sa.Integer }),
  Column({ "note", sa.Text }),
})
tables.settings = sa.Table({
  "settings",
  meta,
  Column({ "key", sa.String(20), primary_key = true }),
  Column({ "value", sa.String(90) }),
  Column({ "hits", sa.Integer, default = 1, onupdate = 2 }),
  Column({ "changed", sa.DateTime, default = sa.func.now(), onupdate = sa.func.now() }),
})
tables.p2 = tables.people:alias("p2")
tables.t2 = tables.teams:alias("t2")

return setmetatable(tables, { __index = sa })
