--- Transactions in two phases, as MySQL and MariaDB write them.
---
--- An xid is written in hexadecimal: a text in quotes would be converted to the connection's
--- collation, and be another xid.
local errors = require("lunasa.error")
local mistake = require("lunasa.sa.mistake")
local suggest = require("lunasa.suggest")

local xa = {}

--- What both servers take: bytes of each part, and the number that says how it is made.
local LONGEST, LARGEST_FORMAT, DEFAULT_FORMAT = 64, 2 ^ 31 - 1, 1

--- XAER_NOTA: there is no such transaction, or none that this session may end.
local UNKNOWN = 1397

--- XAER_RMFAIL and XAER_OUTSIDE: another transaction is open, as MySQL and MariaDB say it.
local INSIDE = { [1399] = true, [1400] = true }

local PREFIX = "_sa_"
local RANDOM_BYTES = 16

---@class lunasa.Xid
---@field gtrid string the transaction, 1 to 64 bytes
---@field bqual? string the branch, up to 64 bytes; ""
---@field format_id? integer 0 to 2147483647; 1

local FIELDS = { gtrid = true, bqual = true, format_id = true }

local Xid = {}

function Xid:__tostring()
  local parts = {}
  for i, part in ipairs({ self.gtrid, self.bqual }) do
    parts[i] = part:find("[^%w%p ]") and xa.hexadecimal(part) or ("'%s'"):format(part)
  end
  return ("%s,%d"):format(table.concat(parts, ","), self.format_id)
end

---@param bytes string
---@return string literal
function xa.hexadecimal(bytes)
  return ("X'%s'"):format(bytes:gsub(".", function(byte)
    return ("%02X"):format(byte:byte())
  end))
end

local function check_part(name, value, least)
  if type(value) ~= "string" then
    local message = ("the %s of an xid must be a string, got %s"):format(name, type(value))
    mistake.raise("ArgumentError", message)
  elseif #value < least or #value > LONGEST then
    local message = "the %s of an xid has %d to %d bytes, got %d"
    mistake.raise("ArgumentError", message:format(name, least, LONGEST, #value))
  end
end

local function check_format(value)
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > LARGEST_FORMAT then
    local message = "the format_id of an xid is an integer from 0 to %d, got %s"
    mistake.raise("ArgumentError", message:format(LARGEST_FORMAT, tostring(value)))
  end
end

--- Raises for what is no xid.
---@param xid any
function xa.check(xid)
  if type(xid) ~= "table" then
    check_part("gtrid", xid, 1)
    return
  end
  for name in pairs(xid) do
    if not FIELDS[name] then
      local hint = suggest.among(name, FIELDS)
      mistake.raise("ArgumentError", ("an xid has no %s%s"):format(tostring(name), hint))
    end
  end
  check_part("gtrid", xid.gtrid, 1)
  check_part("bqual", xid.bqual or "", 0)
  check_format(xid.format_id or DEFAULT_FORMAT)
end

--- Makes one that no other transaction has.
---@return string
function xa.create()
  local random = io.open("/dev/urandom", "rb")
  local bytes = random and random:read(RANDOM_BYTES)
  if random then
    random:close()
  end
  if not bytes then
    mistake.raise("InvalidRequestError", "there is no /dev/urandom here: give the xid yourself")
  end
  return PREFIX .. xa.hexadecimal(bytes):sub(3, -2):lower()
end

---@param xid string|lunasa.Xid
---@return string
local function literal(xid)
  if type(xid) == "string" then
    return xa.hexadecimal(xid)
  end
  local bqual = xa.hexadecimal(xid.bqual or "")
  return ("%s,%s,%d"):format(xa.hexadecimal(xid.gtrid), bqual, xid.format_id or DEFAULT_FORMAT)
end

---@async
local function run(driver, form, xid, limit)
  driver:execute(form:format(literal(xid)), nil, { protocol = "text", timeout = limit })
end

---@async
function xa.start(driver, xid)
  run(driver, "XA START %s", xid)
end

---@async
function xa.finish(driver, xid, limit)
  run(driver, "XA END %s", xid, limit)
end

---@async
function xa.prepare(driver, xid)
  run(driver, "XA PREPARE %s", xid)
end

---@async
function xa.commit(driver, xid, is_prepared)
  run(driver, is_prepared and "XA COMMIT %s" or "XA COMMIT %s ONE PHASE", xid)
end

---@async
function xa.rollback(driver, xid, limit)
  run(driver, "XA ROLLBACK %s", xid, limit)
end

--- Tells whether there is no such transaction, or none that this session may end.
---@param err any
---@return boolean
function xa.is_unknown(err)
  return errors.is_error(err) and err.errno == UNKNOWN
end

--- Tells whether an error may say that another transaction is open.
---@param err any
---@return boolean
function xa.is_inside(err)
  return errors.is_error(err) and INSIDE[err.errno] ~= nil
end

--- Tells whether two xids are of the same transaction.
---@return boolean
function xa.is_same(a, b)
  local function whole(xid)
    return type(xid) == "string" and { gtrid = xid } or xid
  end
  return literal(whole(a)) == literal(whole(b))
end

--- Gives the transactions that are prepared: the text of each that was begun with a text, a table
--- for others.
---@async
---@return (string|lunasa.Xid)[]
function xa.recover(driver)
  local found = {}
  local answer = driver:query("XA RECOVER", nil, { protocol = "text", rows = "array" })
  for row in answer:rows() do
    local format_id, length, data = tonumber(row[1]), tonumber(row[2]), row[4]
    local gtrid, bqual = data:sub(1, length), data:sub(length + 1)
    local is_plain = bqual == "" and format_id == DEFAULT_FORMAT
    local xid = { gtrid = gtrid, bqual = bqual, format_id = format_id }
    table.insert(found, is_plain and gtrid or setmetatable(xid, Xid))
  end
  return found
end

return xa
