--- The types as SQL names them, for who wants exactly these: `sa.VARCHAR(20)`, `sa.TIMESTAMP`.
local generic = require("lunasa.sa.type.generic")
local types = require("lunasa.sa.type")

local upper = {}

--- A type that is written as it is called.
local function named(name, parent, fields)
  fields = fields or {}
  fields.kind, fields.word = "named", name
  local made = types.define(name, parent, fields)
  made.shape_name = name
  return made
end

upper.INTEGER, upper.INT = named("INTEGER", generic.Integer), named("INTEGER", generic.Integer)
upper.SMALLINT = named("SMALLINT", generic.Integer)
upper.BIGINT = named("BIGINT", generic.Integer)
upper.BOOLEAN = types.define("BOOLEAN", generic.Boolean, {})
upper.REAL = named("REAL", generic.Float)
upper.FLOAT = types.define("FLOAT", generic.Float, {})
upper.NUMERIC = types.define("NUMERIC", generic.Numeric, {})
upper.DECIMAL = types.define("DECIMAL", generic.Numeric, { kind = "decimal" })
upper.CHAR = types.define("CHAR", generic.String, { kind = "char" })
upper.NCHAR = types.define("NCHAR", generic.String, { kind = "nchar" })
upper.VARCHAR = types.define("VARCHAR", generic.String, {})
upper.NVARCHAR = types.define("NVARCHAR", generic.String, { kind = "nvarchar" })
upper.TEXT = types.define("TEXT", generic.Text, {})
upper.CLOB = named("CLOB", generic.Text)
upper.BLOB = types.define("BLOB", generic.LargeBinary, { kind = "blob" })
upper.BINARY = types.define("BINARY", generic.LargeBinary, { kind = "binary" })
upper.VARBINARY = types.define("VARBINARY", generic.LargeBinary, { kind = "varbinary" })
upper.DATE = named("DATE", generic.Date)
upper.DATETIME = named("DATETIME", generic.DateTime)
upper.TIMESTAMP = types.define("TIMESTAMP", generic.DateTime, { kind = "timestamp" })
upper.TIME = types.define("TIME", generic.Time, {})

return upper
