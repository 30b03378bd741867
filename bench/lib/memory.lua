--- What this process holds, by those who hold it.

local ffi = require("ffi")

local memory = {}

ffi.cdef([[
typedef struct {
  size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
} bench_mallinfo;
bench_mallinfo bench_mallinfo2(void) __asm__("mallinfo2");
]])

local PAGE = 4096

local function resident()
  local file = assert(io.open("/proc/self/statm"))
  local pages = file:read("*a"):match("^%d+ (%d+)")
  file:close()
  return tonumber(pages) * PAGE
end

---@class bench.Memory
---@field lua number bytes that the collector counts
---@field malloc number bytes that C has from malloc
---@field resident number bytes in RAM

--- Collects twice, because a finalizer may leave garbage.
---@return bench.Memory
function memory.now()
  collectgarbage()
  collectgarbage()
  local info = ffi.C.bench_mallinfo2()
  return {
    lua = collectgarbage("count") * 1024,
    malloc = tonumber(info.uordblks) + tonumber(info.hblkhd),
    resident = resident(),
  }
end

--- What one of `count` things holds that were made between two moments.
---@param before bench.Memory
---@param after bench.Memory
---@param count integer
---@return table<string, number> for `measure.answer`
function memory.each(before, after, count)
  return {
    lua_bytes = (after.lua - before.lua) / count,
    malloc_bytes = (after.malloc - before.malloc) / count,
    resident_bytes = (after.resident - before.resident) / count,
  }
end

return memory
