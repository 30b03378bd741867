// The values of rows, one row at a time.
#include "lua/packed.h"

// Pushes the values of row `i`, counted from 0, as for an array; a nil would end a loop.
static int push_values(lua_State *L, lun_lua_packed *rows, size_t i) {
  unsigned format = (rows->format | LUN_FORMAT_ARRAY) & ~(unsigned)LUN_FORMAT_NIL;
  int count = (int)rows->result->metadata->count; // leaving may close it
  lun_lua_reader reader;
  rows->users++;
  int plan = lun_lua_packed_push_plan(L, rows);
  lun_lua_reader_init(&reader, L, rows->shared, rows->result, format, 0, plan);
  lun_lua_packed_leave(L, rows, lun_lua_reader_push_values(&reader, i));
  return count;
}

// rows:values_at(i): the values of one row, nothing outside 1..count. LuaJIT compiles a loop around
// it once, and around the iterators of rows:values() once for each of them.
static int rows_values_at(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  bool is_inside = i >= 1 && (size_t)i <= rows->result->rows.count;
  return is_inside ? push_values(L, rows, (size_t)i - 1) : 0;
}

// Has the collector do a little while values are read. Then it does not pause, and strings that
// come and go stay in the processor's cache, where making one costs half. When other things live,
// going over them would cost more than that.
static void step_collector(lua_State *L) {
  enum { STEP_KILOBYTES = 2, MOST_KILOBYTES = 4 * 1024 };
  if (lua_gc(L, LUA_GCISRUNNING, 0) && lua_gc(L, LUA_GCCOUNT, 0) < MOST_KILOBYTES) {
    lua_gc(L, LUA_GCSTEP, STEP_KILOBYTES);
  }
}

// rows:step(): the rows themselves; for a stream, whose values are read batch by batch.
static int rows_step(lua_State *L) {
  step_collector(L);
  lua_settop(L, 1);
  return 1;
}

// The iterator of rows:values(): upvalues are the rows and how many are done.
static int next_values(lua_State *L) {
  enum { STEP_ROWS = 256 };
  size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(2)); // huge when it began before 1
  if (i % STEP_ROWS == STEP_ROWS - 1) {
    step_collector(L); // may run a finalizer that closes the rows
  }
  lun_lua_packed *rows = lun_lua_packed_check_open(L, lua_touserdata(L, lua_upvalueindex(1)));
  if (i >= rows->result->rows.count) {
    return 0;
  }
  lua_pushinteger(L, (lua_Integer)i + 1);
  lua_replace(L, lua_upvalueindex(2));
  return push_values(L, rows, i);
}

// rows:values(from): an iterator over the values of the rows from `from`, counted from 1.
static int rows_values(lua_State *L) {
  lun_lua_packed_check(L);
  lua_Integer first = luaL_optinteger(L, 2, 1);
  lua_settop(L, 1);
  lua_pushinteger(L, first - 1);
  lua_pushcclosure(L, next_values, 2);
  return 1;
}

void lun_lua_rows_add_values(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"values", rows_values},
      {"values_at", rows_values_at},
      {"step", rows_step},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
