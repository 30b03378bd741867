--- What the functions of the suite are given: a server, a schema on it, and ways to connect.

local assert = require("luassert")
local busted = require("busted")
local features = require("spec.suite.features")
local lunasa = require("lunasa")
local task = require("spec.support.task")

---@class spec.Database
---@field name string "mariadb", "mariadb_next" or "mysql"
---@field kind string "mariadb" or "mysql"
---@field server spec.Server
---@field features table<string, any>
---@field schema string
---@field private opened { close: function }[] by the spec under way
---@field private tables_made integer
---@field private prefix string of the names of its tables
---@field private extra? table options of all its connections
local Database = {}
Database.__index = Database

local database = {}

--- How long a statement that was given up may take to end, in seconds: longer than by default, for
--- slow machines.
local PATIENCE = 20

local function random_schema()
  local seed = tostring({}):match("0x(%x+)") or "0"
  math.randomseed(os.time() + tonumber(seed, 16) % 2 ^ 31)
  return ("lunasa_%08x"):format(math.random(0, 2 ^ 31 - 1))
end

--- Makes a handle; with `describe_with` around the specs, its schema exists while they run.
---@param server spec.Server
---@return spec.Database
function database.new(server)
  return setmetatable({
    name = server.name,
    kind = server.kind,
    server = server,
    features = features[server.name],
    schema = random_schema(),
    opened = {},
    tables_made = 0,
    prefix = "t",
  }, Database)
end

--- Gives a handle on the same schema whose connections all have these options.
---@param extra table
---@param prefix string of the names of its tables
---@return spec.Database
function Database:with_options(extra, prefix)
  local other = { extra = extra, prefix = prefix, opened = {}, tables_made = 0 }
  other.__index = other
  return setmetatable(other, {
    __index = function(_, name)
      return self[name] -- the schema is there later
    end,
  })
end

--- Describes something inside a schema of its own.
---@param server spec.Server
---@param define fun(db: spec.Database)
function database.describe(server, define)
  local db = database.new(server)
  busted.setup(task(function()
    db:administrate("CREATE DATABASE " .. db.schema .. " CHARACTER SET utf8mb4")
  end))
  busted.teardown(task(function()
    db:administrate("DROP DATABASE " .. db.schema)
  end))
  define(db)
end

--- Gives root's options on the schema over TCP without TLS, with others over them.
---@param more? table
---@return table
function Database:options(more)
  local options = {
    host = self.server.host,
    port = self.server.port,
    user = "root",
    database = self.schema,
    ssl = false,
    cancel_timeout = PATIENCE,
  }
  for _, source in ipairs({ self.extra or {}, more or {} }) do
    for name, value in pairs(source) do
      options[name] = value
    end
  end
  if options.unix_socket then
    options.host, options.port = nil, nil
  end
  return options
end

--- Runs a statement on a connection of its own that belongs to no schema.
---@param sql string
function Database:administrate(sql)
  local options = self:options()
  options.database = nil
  local conn = lunasa.connect(options)
  conn:execute(sql)
  conn:close()
end

--- Remembers to close something when the spec ends.
---@generic T
---@param thing T
---@return T
function Database:closing(thing)
  table.insert(self.opened, thing)
  return thing
end

--- Connects; the connection is closed when the spec ends.
---@param more? table
---@return lunasa.Connection
function Database:connect(more)
  return self:closing(lunasa.connect(self:options(more)))
end

--- Makes a pool, closed when the spec ends.
---@param more? table
---@return lunasa.Pool
function Database:pool(more)
  return self:closing(lunasa.create_pool(self:options(more)))
end

--- Makes a table with a name of its own.
---@param conn lunasa.Connection
---@param columns string
---@return string name
function Database:table(conn, columns)
  self.tables_made = self.tables_made + 1
  local name = ("%s%d"):format(self.prefix, self.tables_made)
  conn:execute(("CREATE TABLE %s (%s) ENGINE=InnoDB"):format(name, columns))
  return name
end

local has_lfs, lfs = pcall(require, "lfs")

--- Counts what this process has open, sockets among it; nothing where nobody can tell.
---@return integer?
local function count_open_files()
  if not has_lfs or not lfs.attributes("/proc/self/fd") then
    return nil
  end
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

---@private
function Database:close_all()
  for i = #self.opened, 1, -1 do
    self.opened[i]:close()
    self.opened[i] = nil
  end
end

--- Waits until no more files are open than before: a fence around a statement that was given up
--- closes its own in the background.
local function settles(open_before)
  for i = 0, 3000 do
    lunasa.sleep(i > 0 and 0.001 or 0) -- the loop closes what it has watched
    if count_open_files() <= open_before then
      return true
    end
  end
  return false
end

--- Like busted's `it`, as a task that may suspend; what it opened is closed, and it left nothing
--- else open.
---@param name string
---@param body fun(conn: lunasa.Connection) gets a connection on the schema when it takes one
function Database:it(name, body)
  busted.it(
    name,
    task(function()
      local takes_connection = debug.getinfo(body, "u").nparams > 0
      local open_before = count_open_files()
      local ok, err = pcall(function()
        body(takes_connection and self:connect() or nil)
      end)
      self:close_all()
      if not ok then
        error(err, 0)
      end
      assert.is_true(settles(open_before), "files were left open")
    end)
  )
end

--- `it` for what only some databases have; pending on the others.
---@param feature string a field of spec/suite/features.lua
---@param name string
---@param body fun(conn: lunasa.Connection)
function Database:it_with(feature, name, body)
  if self.features[feature] then
    return self:it(name, body)
  end
end

--- Tells whether the connections speak the binary protocol.
---@return boolean
function Database:is_binary()
  return self.extra ~= nil and self.extra.protocol == "binary"
end

--- `it` for what only the text protocol does.
---@param name string
---@param body fun(conn: lunasa.Connection)
function Database:it_in_text(name, body)
  if not self:is_binary() then
    return self:it(name, body)
  end
end

--- Calls a function that must raise, and gives its error.
---@param work function
---@param ... any its arguments
---@return lunasa.Error
function database.failure(work, ...)
  local ok, err = pcall(work, ...)
  assert.is_false(ok, "nothing was raised")
  assert.is_true(lunasa.is_error(err), "not an error of lunasa: " .. tostring(err))
  return err
end

return database
