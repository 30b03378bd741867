#include "lua/rows.h"

#include "lua/error.h"
#include "lua/reader.h"

#include <stdlib.h>

static const char NAME[] = "lunasa.rows";

enum {
  BATCH_COUNT = 128,       // rows built by one call of `batch`
  BATCH_BYTES = 64 * 1024, // less when they are wide, so that they stay in the cache
  MANY_COUNT = 10 * 1000,  // kept rows from which the collector rests while they are built
};

// A Lua object that owns a result. The names and the format stay as they were when it was made.
typedef struct packed {
  lun_lua_shared *shared;
  lun_result *result; // NULL once closed
  unsigned format;
  int names; // registry references
  int plan;  // LUA_NOREF for none
  // Calls that are reading the rows now. A finalizer or a converter may close the result under
  // their hands: then the last of them frees it, or the collector when that one raised.
  unsigned users;
  bool is_closing;
} packed;

static int raise_status(lua_State *L, lun_status status) {
  return luaL_error(L, "malformed row from the server: %s", lun_status_phrase(status));
}

static packed *check_open(lua_State *L, packed *rows) {
  if (!rows->result || rows->is_closing) {
    luaL_error(L, "the result is closed");
  }
  return rows;
}

static packed *check_packed(lua_State *L) {
  return check_open(L, luaL_checkudata(L, 1, NAME));
}

static void free_result(lua_State *L, packed *rows) {
  lun_result_free(rows->result);
  rows->result = NULL;
  luaL_unref(L, LUA_REGISTRYINDEX, rows->names);
  luaL_unref(L, LUA_REGISTRYINDEX, rows->plan);
  rows->names = rows->plan = LUA_NOREF;
}

// Ends a call that counted itself in `rows->users`; raises an error when it failed.
static void leave(lua_State *L, packed *rows, lun_status status) {
  if (--rows->users == 0 && rows->is_closing) {
    free_result(L, rows);
  }
  if (status != LUN_OK) {
    raise_status(L, status);
  }
}

// Pushes the plan, and returns its index; 0, and nothing is pushed, for none.
static int push_plan(lua_State *L, const packed *rows) {
  if (rows->plan == LUA_NOREF) {
    return 0;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->plan);
  return lua_gettop(L);
}

// Makes a reader over the rows, with the names (for dicts) and the plan pushed below what it needs.
static void init_reader(lua_State *L, packed *rows, unsigned format, lun_lua_reader *reader) {
  int names = 0;
  if (!(format & LUN_FORMAT_ARRAY)) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
    names = lua_gettop(L);
  }
  int plan = push_plan(L, rows);
  lun_lua_reader_init(reader, L, rows->shared, rows->result, format, names, plan);
}

void lun_lua_rows_new(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format) {
  packed *rows = lua_newuserdata(L, sizeof *rows);
  *rows = (packed){.shared = shared, .names = LUA_NOREF, .plan = LUA_NOREF, .format = format};
  luaL_getmetatable(L, NAME);
  lua_setmetatable(L, -2);
  rows->result = result;
  lun_lua_push_names(L, shared, result->metadata);
  rows->names = luaL_ref(L, LUA_REGISTRYINDEX);
}

void lun_lua_rows_free(lua_State *L, int index) {
  free_result(L, lua_touserdata(L, index));
}

bool lun_lua_rows_plan(lua_State *L, int index, int session) {
  packed *rows = lua_touserdata(L, index);
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
  packed *rows = check_packed(L);
  unsigned format = (unsigned)luaL_optinteger(L, 2, rows->format);
  size_t count = rows->result->rows.count;
  lun_lua_reader reader;
  rows->users++; // before anything that could run a finalizer
  lua_createtable(L, (int)count, 0);
  int table = lua_gettop(L);
  init_reader(L, rows, format, &reader);
  leave(L, rows, lun_lua_reader_fill(&reader, 0, count, table));
  lua_settop(L, table);
  return 1;
}

// Nothing of a large result that is kept is garbage yet: the collector would walk it again and
// again for nothing. It rests, and is woken also when building fails.
static int build_at_rest(lua_State *L, lua_CFunction build) {
  packed *rows = check_packed(L);
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
  return build_at_rest(L, build_all);
}

// rows:batch(from): a table of the rows from `from`, counted from 1, and how many they are.
static int rows_batch(lua_State *L) {
  packed *rows = check_packed(L);
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
  leave(L, rows, lun_lua_reader_fill(&reader, from, to, table));
  lua_settop(L, table);
  lua_pushinteger(L, (lua_Integer)(to - from));
  return 2;
}

// rows:row(i): one row, or nil outside 1..count.
static int rows_row(lua_State *L) {
  packed *rows = check_packed(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  unsigned format = (unsigned)luaL_optinteger(L, 3, rows->format);
  if (i < 1 || (size_t)i > rows->result->rows.count) {
    return 0;
  }
  lun_lua_reader reader;
  rows->users++;
  init_reader(L, rows, format, &reader);
  leave(L, rows, lun_lua_reader_push_row(&reader, (size_t)i - 1));
  return 1;
}

// rows:get(i, column): one cell, column counted from 1; nothing outside the result.
static int rows_get(lua_State *L) {
  packed *rows = check_packed(L);
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
  lun_status status = result->decoder->cell(result->metadata, row, c, &cell);
  if (status != LUN_OK) {
    return raise_status(L, status);
  }
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL; // nil is no row
  rows->users++;
  int plan = push_plan(L, rows);
  lun_lua_push_planned(L, rows->shared, result->metadata, c, &cell, format, plan);
  leave(L, rows, LUN_OK);
  return 1;
}

// Pushes the values of row `i`, counted from 0, as for an array; a nil would end a loop.
static int push_values(lua_State *L, packed *rows, size_t i) {
  unsigned format = (rows->format | LUN_FORMAT_ARRAY) & ~(unsigned)LUN_FORMAT_NIL;
  int count = (int)rows->result->metadata->count; // leaving may close it
  lun_lua_reader reader;
  rows->users++;
  init_reader(L, rows, format, &reader);
  leave(L, rows, lun_lua_reader_push_values(&reader, i));
  return count;
}

// rows:values_at(i): the values of one row, nothing outside 1..count. LuaJIT compiles a loop around
// it once, and around the iterators of rows:values() once for each of them.
static int rows_values_at(lua_State *L) {
  packed *rows = check_packed(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  bool is_inside = i >= 1 && (size_t)i <= rows->result->rows.count;
  return is_inside ? push_values(L, rows, (size_t)i - 1) : 0;
}

// The iterator of rows:values(): upvalues are the rows and how many are done.
static int next_values(lua_State *L) {
  packed *rows = check_open(L, lua_touserdata(L, lua_upvalueindex(1)));
  size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(2)); // huge when it began before 1
  if (i >= rows->result->rows.count) {
    return 0;
  }
  lua_pushinteger(L, (lua_Integer)i + 1);
  lua_replace(L, lua_upvalueindex(2));
  return push_values(L, rows, i);
}

// rows:values(from): an iterator over the values of the rows from `from`, counted from 1.
static int rows_values(lua_State *L) {
  check_packed(L);
  lua_Integer first = luaL_optinteger(L, 2, 1);
  lua_settop(L, 1);
  lua_pushinteger(L, first - 1);
  lua_pushcclosure(L, next_values, 2);
  return 1;
}

// Decodes the cells of a column from row `from` on, up to LUN_READER_CELLS.
static lun_status
decode_cells(const lun_result *result, uint32_t column, size_t from, size_t to, lun_value *cells) {
  for (size_t i = from; i < to; i++) {
    lun_view row = lun_rows_at(&result->rows, i);
    lun_status status = result->decoder->cell(result->metadata, row, column, &cells[i - from]);
    if (status != LUN_OK) {
      return status;
    }
  }
  return LUN_OK;
}

static int build_column(lua_State *L) {
  packed *rows = check_packed(L);
  const lun_result *result = rows->result;
  size_t count = result->rows.count;
  lua_Integer column = luaL_checkinteger(L, 2);
  luaL_argcheck(
      L, column >= 1 && column <= (lua_Integer)result->metadata->count, 2, "no such column");
  uint32_t c = (uint32_t)column - 1;
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL;
  lun_status status = LUN_OK;
  rows->users++;
  int plan = push_plan(L, rows);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count && status == LUN_OK; i += LUN_READER_CELLS) {
    lun_value cells[LUN_READER_CELLS];
    size_t end = count - i < LUN_READER_CELLS ? count : i + LUN_READER_CELLS;
    status = decode_cells(result, c, i, end, cells);
    if (status == LUN_OK) {
      lun_lua_warm_cells(L, rows->shared, cells, end - i);
    }
    for (size_t n = i; n < end && status == LUN_OK; n++) {
      lun_lua_push_planned(L, rows->shared, result->metadata, c, &cells[n - i], format, plan);
      lua_rawseti(L, -2, (int)n + 1);
    }
  }
  leave(L, rows, status);
  return 1;
}

// rows:column(c): a table of one column's values, NULL as lunasa.null.
static int rows_column(lua_State *L) {
  return build_at_rest(L, build_column);
}

// rows:fill(c, kind, values, nulls, count): writes column `c` into FFI memory that Lua owns and has
// sized for `count` rows: `kind` is as the names' metatable says, `nulls` one bit per row. Not for
// a column of strings.
static int rows_fill(lua_State *L) {
  packed *rows = check_packed(L);
  const lun_result *result = rows->result;
  uint32_t c = (uint32_t)luaL_checkinteger(L, 2) - 1;
  bool is_double = *luaL_checkstring(L, 3) == 'd';
  uint8_t *values = *(uint8_t *const *)lua_topointer(L, 4);
  uint8_t *nulls = *(uint8_t *const *)lua_topointer(L, 5);
  luaL_argcheck(L, c < result->metadata->count, 2, "no such column");
  luaL_argcheck(L, (size_t)luaL_checkinteger(L, 6) == result->rows.count, 6, "not the row count");
  for (size_t i = 0; i < result->rows.count; i++) {
    lun_value cell;
    lun_view row = lun_rows_at(&result->rows, i);
    if (result->decoder->cell(result->metadata, row, c, &cell) != LUN_OK) {
      return raise_status(L, LUN_ERR_PROTOCOL);
    }
    if (cell.kind == LUN_VALUE_NULL) {
      nulls[i / 8] = (uint8_t)(nulls[i / 8] | 1u << i % 8);
      cell.integer = 0;
      cell.kind = LUN_VALUE_INTEGER;
    }
    double real = cell.kind == LUN_VALUE_INTEGER    ? (double)cell.integer
                  : cell.kind == LUN_VALUE_UNSIGNED ? (double)cell.natural
                                                    : cell.real;
    memcpy(
        values + i * sizeof real, is_double ? (void *)&real : (void *)&cell.integer, sizeof real);
  }
  return 0;
}

static int rows_close(lua_State *L) {
  packed *rows = luaL_checkudata(L, 1, NAME);
  rows->is_closing = true;
  if (rows->users == 0) {
    free_result(L, rows);
  }
  return 0;
}

static int rows_gc(lua_State *L) {
  free_result(L, luaL_checkudata(L, 1, NAME));
  return 0;
}

// rows:count()
static int rows_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_packed(L)->result->rows.count);
  return 1;
}

static int rows_tostring(lua_State *L) {
  packed *rows = luaL_checkudata(L, 1, NAME);
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
      {"values", rows_values},
      {"values_at", rows_values_at},
      {"column", rows_column},
      {"fill", rows_fill},
      {"count", rows_count},
      {"close", rows_close},
      {NULL, NULL},
  };
  if (luaL_newmetatable(L, NAME)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, rows_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, rows_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_pop(L, 1);
}
