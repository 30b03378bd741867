--- What MetaData, tables and indexes do in a database: they ask the engine.
local door = require("lunasa.sa.door")
local index = require("lunasa.sa.schema.index")
local metadata = require("lunasa.sa.schema.metadata")
local schema_table = require("lunasa.sa.schema.table")

require("lunasa.sa.schema.statements")

local MetaData, Table, Index = metadata.MetaData, schema_table.Table, index.Index

---@class lunasa.sa.CreateOptions
---@field checkfirst? boolean what is there already, or not there any more, is left alone
---@field tables? lunasa.sa.Table[] of create_all and drop_all: these only

--- Creates the tables that are not there, in the order in which they refer to each other, with
--- their indexes.
---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? lunasa.sa.CreateOptions checkfirst is true unless it is false
function MetaData:create_all(bind, options)
  door.load(".ddl", "create_all").create_all(self, bind, options)
end

--- Drops the tables that are there, in the opposite order.
---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? lunasa.sa.CreateOptions checkfirst is true unless it is false
function MetaData:drop_all(bind, options)
  door.load(".ddl", "drop_all").drop_all(self, bind, options)
end

--- Loads the tables that a database has and this MetaData has not: `reflect{ bind = conn }`.
---@async
---@param options { bind: any, only?: string[]|function, views?: boolean, schema?: string }
function MetaData:reflect(options)
  door.load(".autoload", "reflect").reflect(self, options)
end

--- Creates the table with its indexes.
---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? lunasa.sa.CreateOptions checkfirst is false unless it is true
function Table:create(bind, options)
  door.load(".ddl", "table:create").create_table(self, bind, options)
end

---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? lunasa.sa.CreateOptions checkfirst is false unless it is true
function Table:drop(bind, options)
  door.load(".ddl", "table:drop").drop_table(self, bind, options)
end

--- Creates the index on its table, which is there.
---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? lunasa.sa.CreateOptions checkfirst is false unless it is true
function Index:create(bind, options)
  door.load(".ddl", "index:create").create_index(self, bind, options)
end

---@async
---@param bind lunasa.SAConnection|lunasa.Engine
---@param options? lunasa.sa.CreateOptions checkfirst is false unless it is true
function Index:drop(bind, options)
  door.load(".ddl", "index:drop").drop_index(self, bind, options)
end
