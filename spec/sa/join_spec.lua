--- Joins, in every dialect.
local statements = require("spec.support.statements")

describe("joins", function()
  for name, check in
    statements([==[
select(people.c.name):join(teams)
> SELECT people.name FROM people JOIN teams ON teams.id = people.team_id
mysql> SELECT people.name FROM people INNER JOIN teams ON teams.id = people.team_id

select(people.c.name, teams.c.title):select_from(people):outerjoin(teams)
> SELECT people.name, teams.title FROM people LEFT OUTER JOIN teams ON teams.id = people.team_id

select(people.c.name):join(scores):join(games)
> SELECT people.name FROM people JOIN scores ON people.id = scores.person_id JOIN games ON
> games.id = scores.game_id
mysql> SELECT people.name FROM people INNER JOIN scores ON people.id = scores.person_id INNER
mysql> JOIN games ON games.id = scores.game_id

select(people.c.name):join(teams, people.c.id:eq(teams.c.lead_id))
> SELECT people.name FROM people JOIN teams ON people.id = teams.lead_id
mysql> SELECT people.name FROM people INNER JOIN teams ON people.id = teams.lead_id

select(games.c.id):join(teams, games.c.home_id:eq(teams.c.id)):join(t2,
  games.c.away_id:eq(t2.c.id))
> SELECT games.id FROM games JOIN teams ON games.home_id = teams.id JOIN teams AS t2 ON
> games.away_id = t2.id
mysql> SELECT games.id FROM games INNER JOIN teams ON games.home_id = teams.id INNER JOIN teams
mysql> AS t2 ON games.away_id = t2.id

select(people.c.name):join(teams, { isouter = true })
> SELECT people.name FROM people LEFT OUTER JOIN teams ON teams.id = people.team_id

select(people.c.name):select_from(people:join(teams):join(scores))
> SELECT people.name FROM people JOIN teams ON teams.id = people.team_id JOIN scores ON
> people.id = scores.person_id
mysql> SELECT people.name FROM people INNER JOIN teams ON teams.id = people.team_id INNER JOIN
mysql> scores ON people.id = scores.person_id

select(people.c.name):select_from(people:outerjoin(scores:join(games)))
> SELECT people.name FROM people LEFT OUTER JOIN (scores JOIN games ON games.id =
> scores.game_id) ON people.id = scores.person_id
mysql> SELECT people.name FROM people LEFT OUTER JOIN (scores INNER JOIN games ON games.id =
mysql> scores.game_id) ON people.id = scores.person_id

select(people.c.name):select_from(people:outerjoin(scores:join(games),
  scores.c.person_id:eq(people.c.id)))
> SELECT people.name FROM people LEFT OUTER JOIN (scores JOIN games ON games.id =
> scores.game_id) ON scores.person_id = people.id
mysql> SELECT people.name FROM people LEFT OUTER JOIN (scores INNER JOIN games ON games.id =
mysql> scores.game_id) ON scores.person_id = people.id

select(people.c.name, p2.c.name):join(p2, people.c.team_id:eq(p2.c.team_id))
> SELECT people.name, p2.name AS name_1 FROM people JOIN people AS p2 ON people.team_id =
> p2.team_id
mysql> SELECT people.name, p2.name AS name_1 FROM people INNER JOIN people AS p2 ON
mysql> people.team_id = p2.team_id

select(people.c.name):join_from(people, scores):join_from(people, teams)
> SELECT people.name FROM people JOIN scores ON people.id = scores.person_id JOIN teams ON
> teams.id = people.team_id
mysql> SELECT people.name FROM people INNER JOIN scores ON people.id = scores.person_id INNER
mysql> JOIN teams ON teams.id = people.team_id

select(people.c.name):outerjoin_from(people, scores)
> SELECT people.name FROM people LEFT OUTER JOIN scores ON people.id = scores.person_id

select(join(people, teams))
> SELECT people.id, people.name, people.email, people.age, people.is_member, people.team_id,
> people.joined, people.extra, teams.id AS id_1, teams.title, teams.lead_id FROM people JOIN
> teams ON teams.id = people.team_id
mysql> SELECT people.id, people.name, people.email, people.age, people.is_member,
mysql> people.team_id, people.joined, people.extra, teams.id AS id_1, teams.title,
mysql> teams.lead_id FROM people INNER JOIN teams ON teams.id = people.team_id

select(people.c.id):select_from(outerjoin(people, scores, people.c.id:eq(scores.c.person_id)))
> SELECT people.id FROM people LEFT OUTER JOIN scores ON people.id = scores.person_id

select(people.c.name):join(teams, and_(people.c.team_id:eq(teams.c.id),
  teams.c.title:eq("red")))
> SELECT people.name FROM people JOIN teams ON people.team_id = teams.id AND teams.title = ?
mysql> SELECT people.name FROM people INNER JOIN teams ON people.team_id = teams.id AND
mysql> teams.title = ?
# 'red'

select(people.c.name):join(teams, true_())
> SELECT people.name FROM people INNER JOIN teams ON true = 1
sqlite> SELECT people.name FROM people JOIN teams ON 1 = 1
postgresql> SELECT people.name FROM people JOIN teams ON true

select(people.c.name):join(teams, people.c.is_member)
> SELECT people.name FROM people INNER JOIN teams ON people.is_member = 1
sqlite> SELECT people.name FROM people JOIN teams ON people.is_member = 1
postgresql> SELECT people.name FROM people JOIN teams ON people.is_member

select(people.c.name):join(teams):add_columns(games.c.id)
! AmbiguousForeignKeysError: 'games' and 'teams' are joined by several foreign keys: give the
! condition

local s = select(scores.c.person_id):subquery("s")
return select(people.c.name):join(s, s.c.person_id:eq(people.c.id))
> SELECT people.name FROM people JOIN (SELECT scores.person_id AS person_id FROM scores) AS s
> ON s.person_id = people.id
mysql> SELECT people.name FROM people INNER JOIN (SELECT scores.person_id AS person_id FROM
mysql> scores) AS s ON s.person_id = people.id

local s = select(scores):subquery("s")
return select(people.c.name):join(s)
> SELECT people.name FROM people JOIN (SELECT scores.game_id AS game_id, scores.person_id AS
> person_id, scores.points AS points, scores.note AS note FROM scores) AS s ON people.id =
> s.person_id
mysql> SELECT people.name FROM people INNER JOIN (SELECT scores.game_id AS game_id,
mysql> scores.person_id AS person_id, scores.points AS points, scores.note AS note FROM scores)
mysql> AS s ON people.id = s.person_id

select(people.c.name):join(p2, people.c.id:eq(p2.c.id), { full = true })
> SELECT people.name FROM people FULL OUTER JOIN people AS p2 ON people.id = p2.id

select(games.c.id):join(teams)
! AmbiguousForeignKeysError: 'games' and 'teams' are joined by several foreign keys: give the
! condition

select(settings.c.hits):join(teams)
! NoForeignKeysError: there is no foreign key between 'settings' and 'teams': give the
! condition, a:join(b, a.c.id:eq(b.c.a_id))

local l = select(scores.c.points):where(scores.c.person_id:eq(people.c.id))
  :order_by(scores.c.points):limit(1):lateral("l")
return select(people.c.name, l.c.points):join(l, true_())
> SELECT people.name, l.points FROM people INNER JOIN LATERAL (SELECT scores.points AS points
> FROM scores WHERE scores.person_id = people.id ORDER BY scores.points LIMIT ?) AS l ON true =
> 1
sqlite> SELECT people.name, l.points FROM people JOIN LATERAL (SELECT scores.points AS points
sqlite> FROM scores WHERE scores.person_id = people.id ORDER BY scores.points LIMIT ? OFFSET ?)
sqlite> AS l ON 1 = 1
postgresql> SELECT people.name, l.points FROM people JOIN LATERAL (SELECT scores.points AS
postgresql> points FROM scores WHERE scores.person_id = people.id ORDER BY scores.points LIMIT
postgresql> ?) AS l ON true
# 1
sqlite# 1, 0

select(people.c.id):select_from(people:join(teams)):where(teams.c.title:eq("x"),
  scores.c.points:gt(1))
> SELECT people.id FROM scores, people JOIN teams ON teams.id = people.team_id WHERE
> teams.title = ? AND scores.points > ?
mysql> SELECT people.id FROM scores, people INNER JOIN teams ON teams.id = people.team_id WHERE
mysql> teams.title = ? AND scores.points > ?
# 'x', 1

select(people.c.id):select_from(people, teams)
> SELECT people.id FROM people, teams

select(people.c.id):select_from(people:join(teams), people:alias("x"):join(games, false_()))
> SELECT people.id FROM people INNER JOIN teams ON teams.id = people.team_id, people AS x INNER
> JOIN games ON false = 1
sqlite> SELECT people.id FROM people JOIN teams ON teams.id = people.team_id, people AS x JOIN
sqlite> games ON 0 = 1
postgresql> SELECT people.id FROM people JOIN teams ON teams.id = people.team_id, people AS x
postgresql> JOIN games ON false
]==])
  do
    it(name, check)
  end
end)
