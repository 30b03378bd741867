#include "lua/rows.h"

#include "lua/error.h"
#include "lua/packed.h"

#include <stdlib.h>

const char LUN_LUA_ROWS_KIND[] = "lunasa.rows";

enum {
  BATCH_COUNT = 128,       // rows built by one call of `batch`
  BATCH_BYTES = 64 * 1024, // less when they are wide, so that they stay in the cache
  MANY_COUNT = 10 * 1000,  // kept rows from which the collector rests while they are built
};

int lun_lua_packed_fail(lua_State *L, lun_status status) {
  return luaL_error(L, "malformed row from the server: %s", lun_status_phrase(status));
}

lun_lua_packed *lun_lua_packed_check_open(lua_State *L, lun_lua_packed *rows) {
  if (!rows->result || rows->is_closing) {
    luaL_error(L, "the result is closed");
  }
  return rows;
}

lun_lua_packed *lun_lua_packed_check(lua_State *L) {
  return lun_lua_packed_check_open(L, lun_lua_check_kind(L, 1, LUN_LUA_ROWS_KIND));
}

static void free_result(lua_State *L, lun_lua_packed *rows) {
  lun_lua_packed_forget_marks(rows);
  lun_result_free(rows->result);
  rows->result = NULL;
  luaL_unref(L, LUA_REGISTRYINDEX, rows->names);
  luaL_unref(L, LUA_REGISTRYINDEX, rows->plan);
  rows->names = rows->plan = LUA_NOREF;
}

void lun_lua_packed_leave(lua_State *L, lun_lua_packed *rows, lun_status status) {
  if (--rows->users == 0 && rows->is_closing) {
    free_result(L, rows);
  }
  if (status != LUN_OK) {
    lun_lua_packed_fail(L, status);
  }
}

int lun_lua_packed_push_plan(lua_State *L, const lun_lua_packed *rows) {
  if (rows->plan == LUA_NOREF) {
    return 0;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->plan);
  return lua_gettop(L);
}

// Makes a reader over the rows, with the names (for dicts) and the plan pushed below what it needs.
static void
init_reader(lua_State *L, lun_lua_packed *rows, unsigned format, lun_lua_reader *reader) {
  int names = 0;
  if (!(format & LUN_FORMAT_ARRAY)) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
    names = lua_gettop(L);
  }
  int plan = lun_lua_packed_push_plan(L, rows);
  lun_lua_reader_init(reader, L, rows->shared, rows->result, format, names, plan);
}

void lun_lua_rows_new(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format) {
  lun_lua_packed *rows = lua_newuserdata(L, sizeof *rows);
  *rows = (lun_lua_packed){.kind = LUN_LUA_ROWS_KIND,
                           .shared = shared,
                           .names = LUA_NOREF,
                           .plan = LUA_NOREF,
                           .format = format};
  luaL_getmetatable(L, LUN_LUA_ROWS_KIND);
  lua_setmetatable(L, -2);
  rows->result = result;
  lun_lua_push_names(L, shared, result->metadata);
  rows->names = luaL_ref(L, LUA_REGISTRYINDEX);
}

void lun_lua_rows_free(lua_State *L, int index) {
  free_result(L, lua_touserdata(L, index));
}

bool lun_lua_rows_plan(lua_State *L, int index, int session) {
  lun_lua_packed *rows = lua_touserdata(L, index);
  if (!(rows->format & LUN_FORMAT_PLANNED) || rows->shared->plan == LUA_NOREF) {
    return false;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->shared->plan);
  lua_pushvalue(L, session);
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
  lun_lua_push_public_names(L, -1);
  lua_remove(L, -2);
  lua_pushboolean(L, (rows->format & LUN_FORMAT_TINYINT1) != 0);
  lua_call(L, 3, 1);
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    return false;
  }
  rows->plan = luaL_ref(L, LUA_REGISTRYINDEX);
  return true;
}

static int build_all(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  unsigned format = (unsigned)luaL_optinteger(L, 2, rows->format);
  size_t count = rows->result->rows.count;
  lun_lua_reader reader;
  rows->users++; // before anything that could run a finalizer
  lua_createtable(L, (int)count, 0);
  int table = lua_gettop(L);
  init_reader(L, rows, format, &reader);
  lun_lua_packed_leave(L, rows, lun_lua_reader_fill(&reader, 0, count, table));
  lua_settop(L, table);
  return 1;
}

// Nothing of a large result that is kept is garbage yet: the collector would walk it again and
// again for nothing. It rests, and is woken also when building fails.
int lun_lua_packed_build(lua_State *L, lua_CFunction build) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  if (rows->result->rows.count < MANY_COUNT || !lua_gc(L, LUA_GCISRUNNING, 0)) {
    return build(L);
  }
  lua_pushcfunction(L, build);
  lua_insert(L, 1);
  lua_gc(L, LUA_GCSTOP, 0);
  int status = lua_pcall(L, lua_gettop(L) - 1, 1, 0);
  lua_gc(L, LUA_GCRESTART, 0);
  return status == 0 ? 1 : lua_error(L);
}

// rows:all(): every row, in one table.
static int rows_all(lua_State *L) {
  return lun_lua_packed_build(L, build_all);
}

// rows:batch(from): a table of the rows from `from`, counted from 1, and how many they are.
static int rows_batch(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  lua_Integer first = luaL_checkinteger(L, 2);
  unsigned format = (unsigned)luaL_optinteger(L, 3, rows->format);
  const lun_rows *store = &rows->result->rows;
  size_t from = first > 0 ? (size_t)first - 1 : 0;
  size_t to = from;
  size_t bytes = 0;
  while (to < store->count && to - from < BATCH_COUNT && bytes < BATCH_BYTES) {
    bytes += lun_rows_at(store, to++).size;
  }
  lun_lua_reader reader;
  rows->users++;
  lua_createtable(L, (int)(to - from), 0);
  int table = lua_gettop(L);
  init_reader(L, rows, format, &reader);
  lun_lua_packed_leave(L, rows, lun_lua_reader_fill(&reader, from, to, table));
  lua_settop(L, table);
  lua_pushinteger(L, (lua_Integer)(to - from));
  return 2;
}

// rows:row(i): one row, or nil outside 1..count.
static int rows_row(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  unsigned format = (unsigned)luaL_optinteger(L, 3, rows->format);
  if (i < 1 || (size_t)i > rows->result->rows.count) {
    return 0;
  }
  lun_lua_reader reader;
  rows->users++;
  init_reader(L, rows, format, &reader);
  lun_lua_packed_leave(L, rows, lun_lua_reader_push_row(&reader, (size_t)i - 1));
  return 1;
}

// rows:get(i, column): one cell, column counted from 1; nothing outside the result.
static int rows_get(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  lua_Integer column = luaL_checkinteger(L, 3);
  const lun_result *result = rows->result;
  if (i < 1 || (size_t)i > result->rows.count || column < 1
      || column > (lua_Integer)result->metadata->count) {
    return 0;
  }
  lun_value cell;
  uint32_t c = (uint32_t)column - 1;
  lun_view row = lun_rows_at(&result->rows, (size_t)i - 1);
  lun_status status = result->decoder->cell(result->metadata, row, c, NULL, &cell);
  if (status != LUN_OK) {
    return lun_lua_packed_fail(L, status);
  }
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL; // nil is no row
  rows->users++;
  int plan = lun_lua_packed_push_plan(L, rows);
  lun_lua_push_planned(L, rows->shared, result->metadata, c, &cell, format, plan);
  lun_lua_packed_leave(L, rows, LUN_OK);
  return 1;
}

static int rows_close(lua_State *L) {
  lun_lua_packed *rows = luaL_checkudata(L, 1, LUN_LUA_ROWS_KIND);
  rows->is_closing = true;
  if (rows->users == 0) {
    free_result(L, rows);
  }
  return 0;
}

static int rows_gc(lua_State *L) {
  lun_lua_packed *rows = lun_lua_check_kind(L, 1, LUN_LUA_ROWS_KIND);
  rows->is_closing = true; // for a finalizer of the user's that comes later
  free_result(L, rows);
  return 0;
}

// rows:count()
static int rows_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)lun_lua_packed_check(L)->result->rows.count);
  return 1;
}

static int rows_tostring(lua_State *L) {
  lun_lua_packed *rows = luaL_checkudata(L, 1, LUN_LUA_ROWS_KIND);
  if (rows->result) {
    lua_pushfstring(L, "lunasa.rows (%d)", (int)rows->result->rows.count);
  } else {
    lua_pushliteral(L, "lunasa.rows (closed)");
  }
  return 1;
}

void lun_lua_rows_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"all", rows_all},
      {"batch", rows_batch},
      {"row", rows_row},
      {"get", rows_get},
      {"count", rows_count},
      {"close", rows_close},
      {NULL, NULL},
  };
  if (luaL_newmetatable(L, LUN_LUA_ROWS_KIND)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lun_lua_rows_add_values(L);
    lun_lua_rows_add_columns(L);
    lun_lua_rows_add_arrays(L);
    lun_lua_rows_add_batches(L);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, rows_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, rows_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_pop(L, 1);
}
