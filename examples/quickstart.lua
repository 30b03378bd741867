--- Makes two tables, fills them and joins them.
---
---     lunasa --server examples/quickstart.lua        on a private MariaDB, gone afterwards
---     lunasa --url mysql://user:password@host/database examples/quickstart.lua
local lunasa = require("lunasa")

local conn = lunasa.connect()

conn:execute("CREATE TEMPORARY TABLE moons (name VARCHAR(20), planet VARCHAR(20), radius INT)")
conn:execute("CREATE TEMPORARY TABLE planets (name VARCHAR(20), orbit INT)")

-- All of it, or nothing.
conn:transaction(function()
  for name, orbit in pairs({ Earth = 365, Mars = 687, Jupiter = 4333 }) do
    conn:execute("INSERT INTO planets VALUES (?, ?)", { name, orbit })
  end
  for _, moon in ipairs({
    { name = "Luna", planet = "Earth", radius = 1737 },
    { name = "Phobos", planet = "Mars", radius = 11 },
    { name = "Deimos", planet = "Mars", radius = 6 },
    { name = "Europa", planet = "Jupiter", radius = 1561 },
  }) do
    conn:execute("INSERT INTO moons VALUES (:name, :planet, :radius)", moon)
  end
end)

local result = conn:query(
  [[SELECT moons.name, planet, radius, orbit
      FROM moons JOIN planets ON planets.name = moons.planet
     WHERE radius > ?
     ORDER BY radius DESC]],
  { 10 }
)

print(("%-8s %-8s %9s %12s"):format("moon", "planet", "radius/km", "year/days"))
for row in result:rows() do
  print(("%-8s %-8s %9d %12d"):format(row.name, row.planet, row.radius, row.orbit))
end

conn:close()
