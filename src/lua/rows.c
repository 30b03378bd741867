#include "lua/rows.h"

#include "lua/error.h"

#include <stdlib.h>

static const char NAME[] = "lunasa.rows";

enum {
  SMALL_COUNT = 32, // results up to here become rows at once
  SMALL_BYTES = 16 * 1024,
  BATCH_COUNT = 128,       // rows built by one call of `batch`
  BATCH_BYTES = 64 * 1024, // less when they are wide, so that they stay in the cache
  RESULT_FIELDS = 8,       // room for lunasa.Result's fields beside the rows
  MANY_COUNT = 10 * 1000,  // kept rows from which the collector rests while they are built
  PACE_BYTES = 1024,       // LUA_GCSTEP counts in kilobytes
};

// A Lua object that owns a result. The names and the format stay as they were when it was made.
typedef struct packed {
  lun_lua_shared *shared;
  lun_result *result; // NULL once closed
  unsigned format;
  int names; // registry reference
} packed;

static packed *check_packed(lua_State *L) {
  packed *rows = luaL_checkudata(L, 1, NAME);
  if (!rows->result) {
    luaL_error(L, "the result is closed");
  }
  return rows;
}

// Pushes the names one by one, so that each row finds its keys on the stack. [-0, +count]
static void push_keys(lua_State *L, int names, uint32_t count) {
  luaL_checkstack(L, (int)count + LUA_MINSTACK, "too many columns");
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, names, (int)i + 1);
  }
}

// Pushes one row as a table; `keys` is the stack index of the first name for dicts. [-0, +1]
static lun_status push_row(lua_State *L,
                           lun_lua_shared *shared,
                           const lun_result *result,
                           size_t i,
                           unsigned format,
                           int keys) {
  const lun_metadata *metadata = result->metadata;
  lun_value *cells = lun_lua_shared_cells(shared, metadata->count);
  if (!cells) {
    return LUN_ERR_NOMEM;
  }
  lun_status status = result->driver->decode(metadata, lun_rows_at(&result->rows, i), cells);
  if (status != LUN_OK) {
    return status;
  }
  bool is_array = (format & LUN_FORMAT_ARRAY) != 0;
  lua_createtable(L, is_array ? (int)metadata->count : 0, is_array ? 0 : (int)metadata->count);
  // Backwards, so that a name that appears twice means its first column, as everywhere.
  for (uint32_t c = metadata->count; c-- > 0;) {
    if (is_array) {
      lun_lua_push_cell(L, shared, &metadata->columns[c], &cells[c], format);
      lua_rawseti(L, -2, (int)c + 1);
    } else {
      lua_pushvalue(L, keys + (int)c);
      lun_lua_push_cell(L, shared, &metadata->columns[c], &cells[c], format);
      lua_rawset(L, -3);
    }
  }
  return LUN_OK;
}

static int raise_status(lua_State *L, lun_status status) {
  return luaL_error(L, "malformed row from the server: %s", lun_status_phrase(status));
}

// Appends rows [from, to) to the table below the keys; `names` is an absolute stack index.
static lun_status append_rows(lua_State *L,
                              lun_lua_shared *shared,
                              const lun_result *result,
                              size_t from,
                              size_t to,
                              unsigned format,
                              int names) {
  int table = lua_gettop(L);
  bool is_dict = (format & LUN_FORMAT_ARRAY) == 0;
  push_keys(L, names, is_dict ? result->metadata->count : 0);
  for (size_t i = from; i < to; i++) {
    lun_status status = push_row(L, shared, result, i, format, table + 1);
    if (status != LUN_OK) {
      lua_settop(L, table);
      return status;
    }
    lua_rawseti(L, table, (int)(i - from) + 1);
  }
  lua_settop(L, table);
  return LUN_OK;
}

// The collector does not see what malloc holds: it is told, or it would let it pile up.
static void pace_collector(lua_State *L, size_t bytes) {
  lua_gc(L, LUA_GCSTEP, (int)(bytes / PACE_BYTES));
}

// [-0, +1]
static void push_packed(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format) {
  packed *rows = lua_newuserdata(L, sizeof *rows);
  *rows = (packed){.shared = shared, .names = LUA_NOREF, .format = format};
  luaL_getmetatable(L, NAME);
  lua_setmetatable(L, -2);
  rows->result = result;
  lun_lua_push_names(L, shared, result->metadata);
  rows->names = luaL_ref(L, LUA_REGISTRYINDEX);
  pace_collector(L, result->rows.bytes);
}

static bool is_small(const lun_result *result) {
  return result->rows.count <= SMALL_COUNT && result->rows.bytes <= SMALL_BYTES;
}

static void push_counts(lua_State *L, lun_lua_shared *shared, const lun_result *result) {
  lua_pushinteger(L, (lua_Integer)result->rows.count);
  lun_lua_push_uint64(L, shared, result->affected_rows, 0);
  lun_lua_push_uint64(L, shared, result->insert_id, 0);
  lua_pushinteger(L, result->warning_count);
  lua_pushlstring(L, (const char *)result->info.data, result->info.size);
}

int lun_lua_push_result(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format) {
  if (!result->metadata) {
    lua_createtable(L, 0, RESULT_FIELDS);
    lua_pushnil(L);
    push_counts(L, shared, result);
    lun_result_free(result);
    return 7;
  }
  lun_lua_push_names(L, shared, result->metadata);
  int names = lua_gettop(L);
  luaL_getmetafield(L, names, "has_duplicates");
  bool has_duplicates = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!is_small(result) || has_duplicates) {
    push_packed(L, shared, result, format);
    lua_insert(L, names);
    push_counts(L, shared, result);
    return 7;
  }
  lua_createtable(L, (int)result->rows.count, RESULT_FIELDS);
  lun_status status = append_rows(L, shared, result, 0, result->rows.count, format, names);
  if (status != LUN_OK) {
    lun_result_free(result);
    return lun_lua_fail_status(L, status);
  }
  lua_insert(L, names);
  push_counts(L, shared, result);
  lun_result_free(result);
  return 7;
}

// rows:all(): every row, in one table.
static int build_all(lua_State *L) {
  packed *rows = check_packed(L);
  unsigned format = (unsigned)luaL_optinteger(L, 2, rows->format);
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
  int names = lua_gettop(L);
  size_t count = rows->result->rows.count;
  lua_createtable(L, (int)count, 0);
  lun_status status = append_rows(L, rows->shared, rows->result, 0, count, format, names);
  return status == LUN_OK ? 1 : raise_status(L, status);
}

// Nothing of a large result that is kept is garbage yet: the collector would walk it again and
// again for nothing. It rests, and is woken also when building fails.
static int rows_all(lua_State *L) {
  packed *rows = check_packed(L);
  if (rows->result->rows.count < MANY_COUNT || !lua_gc(L, LUA_GCISRUNNING, 0)) {
    return build_all(L);
  }
  lua_pushcfunction(L, build_all);
  lua_insert(L, 1);
  lua_gc(L, LUA_GCSTOP, 0);
  int status = lua_pcall(L, lua_gettop(L) - 1, 1, 0);
  lua_gc(L, LUA_GCRESTART, 0);
  return status == 0 ? 1 : lua_error(L);
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
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
  int names = lua_gettop(L);
  lua_createtable(L, (int)(to - from), 0);
  lun_status status = append_rows(L, rows->shared, rows->result, from, to, format, names);
  if (status != LUN_OK) {
    return raise_status(L, status);
  }
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
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
  int names = lua_gettop(L);
  push_keys(L, names, format & LUN_FORMAT_ARRAY ? 0 : rows->result->metadata->count);
  lun_status status = push_row(L, rows->shared, rows->result, (size_t)i - 1, format, names + 1);
  return status == LUN_OK ? 1 : raise_status(L, status);
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
  lun_status status = result->driver->decode_cell(result->metadata, row, c, &cell);
  if (status != LUN_OK) {
    return raise_status(L, status);
  }
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL; // nil is no row
  lun_lua_push_cell(L, rows->shared, &result->metadata->columns[c], &cell, format);
  return 1;
}

// The iterator of rows:values(): upvalues are the rows and how many are done.
static int next_values(lua_State *L) {
  packed *rows = lua_touserdata(L, lua_upvalueindex(1));
  size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(2));
  if (!rows->result) {
    return luaL_error(L, "the result is closed");
  }
  const lun_result *result = rows->result;
  if (i >= result->rows.count) {
    return 0;
  }
  lua_pushinteger(L, (lua_Integer)i + 1);
  lua_replace(L, lua_upvalueindex(2));
  const lun_metadata *metadata = result->metadata;
  lun_value *cells = lun_lua_shared_cells(rows->shared, metadata->count);
  if (!cells) {
    return raise_status(L, LUN_ERR_NOMEM);
  }
  lun_status status = result->driver->decode(metadata, lun_rows_at(&result->rows, i), cells);
  if (status != LUN_OK) {
    return raise_status(L, status);
  }
  luaL_checkstack(L, (int)metadata->count + LUA_MINSTACK, "too many columns");
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL; // a nil would end the loop
  for (uint32_t c = 0; c < metadata->count; c++) {
    lun_lua_push_cell(L, rows->shared, &metadata->columns[c], &cells[c], format);
  }
  return (int)metadata->count;
}

static int rows_values(lua_State *L) {
  check_packed(L);
  lua_settop(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_values, 2);
  return 1;
}

// rows:column(c): a table of one column's values, NULL as lunasa.null.
static int rows_column(lua_State *L) {
  packed *rows = check_packed(L);
  const lun_result *result = rows->result;
  lua_Integer column = luaL_checkinteger(L, 2);
  luaL_argcheck(
      L, column >= 1 && column <= (lua_Integer)result->metadata->count, 2, "no such column");
  uint32_t c = (uint32_t)column - 1;
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL;
  lua_createtable(L, (int)result->rows.count, 0);
  for (size_t i = 0; i < result->rows.count; i++) {
    lun_value cell;
    lun_view row = lun_rows_at(&result->rows, i);
    lun_status status = result->driver->decode_cell(result->metadata, row, c, &cell);
    if (status != LUN_OK) {
      return raise_status(L, status);
    }
    lun_lua_push_cell(L, rows->shared, &result->metadata->columns[c], &cell, format);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

// rows:fill(c, kind, values, nulls): writes column `c` into FFI memory that Lua owns and has sized:
// `kind` is as the names' metatable says, `nulls` one bit per row. Not for a column of strings.
static int rows_fill(lua_State *L) {
  packed *rows = check_packed(L);
  const lun_result *result = rows->result;
  uint32_t c = (uint32_t)luaL_checkinteger(L, 2) - 1;
  bool is_double = *luaL_checkstring(L, 3) == 'd';
  uint8_t *values = *(uint8_t *const *)lua_topointer(L, 4);
  uint8_t *nulls = *(uint8_t *const *)lua_topointer(L, 5);
  luaL_argcheck(L, c < result->metadata->count, 2, "no such column");
  for (size_t i = 0; i < result->rows.count; i++) {
    lun_value cell;
    lun_view row = lun_rows_at(&result->rows, i);
    if (result->driver->decode_cell(result->metadata, row, c, &cell) != LUN_OK) {
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
  lun_result_free(rows->result);
  rows->result = NULL;
  luaL_unref(L, LUA_REGISTRYINDEX, rows->names);
  rows->names = LUA_NOREF;
  return 0;
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
      {"column", rows_column},
      {"fill", rows_fill},
      {"close", rows_close},
      {NULL, NULL},
  };
  if (luaL_newmetatable(L, NAME)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, rows_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, rows_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_pop(L, 1);
}
