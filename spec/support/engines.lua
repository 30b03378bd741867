--- What specs of engines have: an engine, and tables of the SQL language that exist.

local sa = require("lunasa.sa")

local engines = {}

local count = 0

--- Makes an engine, closed when the spec ends.
---@param db spec.Database
---@param more? table
---@return lunasa.Engine
function engines.of(db, more)
  return db:closing(sa.create_engine(db:options(more)))
end

--- Gives a connection of an engine of its own, given back when the spec ends. What it does is
--- committed at once.
---@param db spec.Database
---@param more? table
---@return lunasa.SAConnection
function engines.connect(db, more)
  local options = { autocommit = true }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return db:closing(engines.of(db, options):acquire())
end

--- Makes a table with a name of its own.
---@param conn lunasa.SAConnection
---@param ... lunasa.sa.Column
---@return lunasa.sa.Table
function engines.table(conn, ...)
  count = count + 1
  local made = sa.Table("sa" .. count, sa.MetaData(), ...)
  conn:execute(sa.CreateTable(made))
  return made
end

--- Makes the table that most specs use: id, name and age.
---@param conn lunasa.SAConnection
---@return lunasa.sa.Table
function engines.people(conn)
  return engines.table(
    conn,
    sa.Column("id", sa.Integer, { primary_key = true }),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.Integer)
  )
end

--- Gives the values of the rows of a result, each as a list.
---@param res lunasa.ResultProxy
---@return any[][]
function engines.lists(res)
  local lists = {}
  for row in res:rows() do
    local values = sa.row.values(row)
    values.n = nil
    lists[#lists + 1] = values
  end
  return lists
end

return engines
