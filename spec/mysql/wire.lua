--- Packets of a server that real ones will not send: made by hand, field by field.

local bit = require("bit")

local wire = {}

wire.CAPABILITY = {
  LONG_PASSWORD = 0x1,
  CONNECT_WITH_DB = 0x8,
  COMPRESS = 0x20,
  LOCAL_FILES = 0x80,
  PROTOCOL_41 = 0x200,
  SSL = 0x800,
  SECURE_CONNECTION = 0x8000,
  PLUGIN_AUTH = 0x80000,
  CONNECT_ATTRS = 0x100000,
  PLUGIN_AUTH_LENENC = 0x200000,
  SESSION_TRACK = 0x800000,
  DEPRECATE_EOF = 0x1000000,
  ZSTD = 0x4000000,
  QUERY_ATTRIBUTES = 0x8000000,
}

--- What MySQL 9.7 offers, but for CLIENT_QUERY_ATTRIBUTES.
wire.ALL = 0xd7ffffff

--- What MariaDB 10.11 offers, and the extensions behind it.
wire.MARIADB = 0x81fffffe
wire.EXTENDED = { STMT_BULK = 0x4, CACHE_METADATA = 0x10 }

wire.STATUS = {
  IN_TRANS = 0x0001,
  AUTOCOMMIT = 0x0002,
  MORE_RESULTS = 0x0008,
  NO_BACKSLASH_ESCAPES = 0x0200,
  PS_OUT_PARAMS = 0x1000,
  STATE_CHANGED = 0x4000,
}

wire.SCRAMBLE = "abcdefghijklmnopqrst"

---@param value integer
---@param width integer in bytes
function wire.uint(value, width)
  local bytes = {}
  for i = 1, width do
    bytes[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

local uint = wire.uint

function wire.lenenc(value)
  if value < 0xfb then
    return uint(value, 1)
  elseif value < 0x10000 then
    return "\252" .. uint(value, 2)
  elseif value < 0x1000000 then
    return "\253" .. uint(value, 3)
  end
  return "\254" .. uint(value, 8)
end

--- A length-encoded string.
function wire.text(bytes)
  return wire.lenenc(#bytes) .. bytes
end

--- A frame.
---@param sequence integer
---@param payload string
function wire.frame(sequence, payload)
  return uint(#payload, 3) .. uint(sequence, 1) .. payload
end

--- A compressed packet.
---@param sequence integer
---@param bytes string as they travel
---@param size? integer before compression; 0, stored as they are, unless given
function wire.compressed(sequence, bytes, size)
  return uint(#bytes, 3) .. uint(sequence, 1) .. uint(size or 0, 3) .. bytes
end

--- Frames with consecutive numbers.
---@param sequence integer of the first
---@param payloads string[]
function wire.frames(sequence, payloads)
  local frames = {}
  for i, payload in ipairs(payloads) do
    frames[i] = wire.frame((sequence + i - 1) % 256, payload)
  end
  return table.concat(frames)
end

--- Protocol::HandshakeV10 of a MySQL that offers everything, but for what `fields` says.
---@param fields? table version, capabilities, extended, plugin, scramble, charset
function wire.greeting(fields)
  fields = fields or {}
  local capabilities = fields.capabilities or wire.ALL
  local scramble = fields.scramble or wire.SCRAMBLE
  return table.concat({
    "\10",
    fields.version or "9.7.4",
    "\0",
    uint(77, 4),
    scramble:sub(1, 8),
    "\0",
    uint(capabilities % 0x10000, 2),
    uint(fields.charset or 255, 1),
    uint(wire.STATUS.AUTOCOMMIT, 2),
    uint(math.floor(capabilities / 0x10000), 2),
    uint(21, 1),
    ("\0"):rep(6),
    uint(fields.extended or 0, 4),
    scramble:sub(9),
    "\0",
    fields.plugin or "mysql_native_password",
    "\0",
  })
end

local NOTHING = {
  header = 0,
  affected_rows = 0,
  insert_id = 0,
  status = wire.STATUS.AUTOCOMMIT,
  warnings = 0,
  info = "",
}
NOTHING.__index = NOTHING

--- OK_Packet, for a session that tracks its state.
---@param fields? table header, affected_rows, insert_id, status, warnings, info, state
function wire.ok(fields)
  fields = setmetatable(fields or {}, NOTHING)
  local status, words = fields.status, ""
  if fields.state then
    status = bit.bor(status, wire.STATUS.STATE_CHANGED)
    words = wire.text(fields.info) .. wire.text(fields.state)
  elseif fields.info ~= "" then
    words = wire.text(fields.info)
  end
  return uint(fields.header, 1)
    .. wire.lenenc(fields.affected_rows)
    .. wire.lenenc(fields.insert_id)
    .. uint(status, 2)
    .. uint(fields.warnings, 2)
    .. words
end

--- The OK_Packet that ends rows.
function wire.end_of_rows(fields)
  fields = fields or {}
  fields.header = 0xfe
  return wire.ok(fields)
end

--- ERR_Packet.
function wire.err(code, message, sqlstate)
  return "\255" .. uint(code, 2) .. "#" .. (sqlstate or "HY000") .. message
end

--- COM_STMT_PREPARE_OK.
function wire.prepare_ok(id, columns, parameters)
  return "\0" .. uint(id, 4) .. uint(columns, 2) .. uint(parameters, 2) .. "\0" .. uint(0, 2)
end

--- A row of the binary protocol: a number in a column of type LONG.
function wire.binary_row(number)
  return number and "\0\0" .. uint(number, 4) or "\0\4"
end

--- EOF_Packet.
function wire.eof(status, warnings)
  return "\254" .. uint(warnings or 0, 2) .. uint(status or wire.STATUS.AUTOCOMMIT, 2)
end

--- Protocol::ColumnDefinition41.
---@param name string
---@param fields? table type, flags, charset, decimals, extended
function wire.column(name, fields)
  fields = fields or {}
  return table.concat({
    wire.text("def"),
    wire.text("test"),
    wire.text("t"),
    wire.text("t"),
    wire.text(name),
    wire.text(name),
    fields.extended and wire.text(fields.extended) or "",
    "\12",
    uint(fields.charset or 63, 2),
    uint(11, 4),
    uint(fields.type or 3, 1),
    uint(fields.flags or 0, 2),
    uint(fields.decimals or 0, 1),
    "\0\0",
  })
end

--- Text Resultset Row; `false` is NULL.
function wire.row(...)
  local cells = { ... }
  for i, cell in ipairs(cells) do
    cells[i] = cell and wire.text(cell) or "\251"
  end
  return table.concat(cells)
end

--- Protocol::AuthSwitchRequest.
function wire.auth_switch(plugin, data)
  return "\254" .. plugin .. "\0" .. (data or wire.SCRAMBLE .. "\0")
end

--- One entry of the session state.
---@param kind integer 0 system variables, 1 schema
function wire.change(kind, data)
  return uint(kind, 1) .. wire.text(data)
end

--- The change of a system variable.
function wire.variable(name, value)
  return wire.change(0, wire.text(name) .. wire.text(value))
end

return wire
