--- How values come out: options of a connection or a call, as the number that C understands.
local bit = require("bit")
local core = require("lunasa.core")

local format = {}

local FLAGS = core.format

--- The protocol travels with the format of the values.
local BINARY = FLAGS.binary

--- The flag that a value of an option stands for; defaults stand for none.
local MEANING = {
  rows = { array = FLAGS.array },
  null = { ["nil"] = FLAGS.null_nil },
  bigint = {
    string = FLAGS.bigint_string,
    number = FLAGS.bigint_number,
    int64 = FLAGS.bigint_int64,
  },
  decimal = { number = FLAGS.decimal_number },
  datetime = { table = FLAGS.datetime_table },
  json = { decode = FLAGS.json_decode },
  bit = { number = FLAGS.bit_number },
  tinyint1 = { boolean = FLAGS.tinyint1 },
  protocol = { binary = BINARY },
}

format.ARRAY = FLAGS.array

--- Nothing but counts is wanted: of `lunasa.plain`.
format.COUNTS = FLAGS.counts

--- Of what is no statement of the user: its counts are not those of the last statement.
format.QUIET = FLAGS.quiet

--- Options of a call that differ from the connection's in the protocol only: made once, known by
--- their identity. Those in text are of statements of our own: servers do not prepare all of them.
format.BINARY_OPTIONS = { protocol = "binary" }
format.TEXT_OPTIONS = { protocol = "text" }

--- Tells whether a format is of the binary protocol.
---@param flags integer
---@return boolean
function format.is_binary(flags)
  return bit.band(flags, BINARY) ~= 0
end

--- Tells whether rows of a format are lists, not tables by name.
---@param flags integer
---@return boolean
function format.is_array(flags)
  return bit.band(flags, FLAGS.array) ~= 0
end

--- Gives a format for the binary protocol.
---@param flags integer
---@return integer
function format.binary(flags)
  return bit.bor(flags, BINARY)
end

--- What statements of our own do without.
local NOT_OWN = bit.bor(BINARY, FLAGS.conv, FLAGS.tinyint1)

--- Gives a format for a statement of our own.
---@param flags integer
---@return integer
function format.own(flags)
  return bit.bor(bit.band(flags, bit.bnot(NOT_OWN)), FLAGS.quiet)
end

--- The options, in a list: quicker to go through for each call.
local OPTIONS = {}
for name in pairs(MEANING) do
  OPTIONS[#OPTIONS + 1] = name
end

local has_converters = false

--- Gives C the functions that make values of text. They are loaded when a connection wants them.
local function load_converters()
  has_converters = true
  local datetime = require("lunasa.datetime")
  core.set_converters({
    datetime = datetime.new,
    duration = datetime.duration,
    json = require("lunasa.json").decode,
  })
end

--- Makes the number for a configuration, or for the options of a call over those of a connection.
---@param options table
---@param base? table the connection's configuration
---@return integer
function format.of(options, base)
  local flags = 0
  if options.conv or base and base.conv then
    flags = FLAGS.conv
  end
  for i = 1, #OPTIONS do
    local name = OPTIONS[i]
    local value = options[name]
    if value == nil and base then
      value = base[name]
    end
    flags = flags + (MEANING[name][value] or 0)
    if not has_converters and (value == "table" or value == "decode") then
      load_converters()
    end
  end
  if bit.band(flags, FLAGS.conv + FLAGS.tinyint1) ~= 0 then
    require("lunasa.conv") -- C asks it
  end
  return flags
end

return format
