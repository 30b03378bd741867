--- Assertions that every decoder of a packet has to stand.

local assert = require("luassert")

local decoder = {}

--- Asserts that `decode` refuses every beginning of `payload`, but for those whose size is a key of
--- `whole`: there a field that may be missing would begin.
---@param decode fun(bytes: string): table?, string?
---@param payload string
---@param whole? table<integer, true>
function decoder.refuses_truncation(decode, payload, whole)
  for size = 0, #payload - 1 do
    local packet, code = decode(payload:sub(1, size))
    if whole and whole[size] then
      assert(packet, ("cut to %d bytes: %s"):format(size, tostring(code)))
    else
      assert(packet == nil, ("a packet cut to %d bytes is taken for a whole one"):format(size))
      assert(code == "TRUNCATED" or code == "PROTOCOL", code)
    end
  end
end

--- Asserts that `decode` refuses `payload` for this reason.
---@param code string
function decoder.refuses(decode, payload, code)
  assert.same({ nil, code }, { decode(payload) })
end

--- Lengths that no packet can keep: more than there is, beyond 2^32, 2^63, 2^64 - 1, and the
--- prefixes that are no length at all.
decoder.HOSTILE_LENGTHS = {
  "\250",
  "\252\255\255",
  "\253\255\255\255",
  "\254\255\255\255\255\0\0\0\0",
  "\254\0\0\0\0\0\0\0\128",
  "\254\255\255\255\255\255\255\255\255",
  "\252",
  "\253\1",
  "\254\1\0\0",
  "\251",
  "\255",
}

return decoder
