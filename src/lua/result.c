// What a statement answered, for Lua: small results as tables of rows, others packed.
#include "lua/error.h"
#include "lua/reader.h"
#include "lua/rows.h"

enum {
  SMALL_COUNT = 32, // results up to here become rows at once
  SMALL_BYTES = 16 * 1024,
  RESULT_FIELDS = 2, // those that lunasa.Result always has beside the rows: names and rowcount
  PACE_BYTES = 1024, // LUA_GCSTEP counts in kilobytes
  MAY_RAISE = LUN_FORMAT_DATETIME_TABLE | LUN_FORMAT_JSON_DECODE | LUN_FORMAT_PLANNED,
};

// The collector does not see what malloc holds: it is told, or it would let it pile up. One that
// was stopped stays so.
static void pace_collector(lua_State *L, size_t bytes) {
  if (lua_gc(L, LUA_GCISRUNNING, 0)) {
    lua_gc(L, LUA_GCSTEP, (int)(bytes / PACE_BYTES));
  }
}

static void push_packed(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format) {
  lun_lua_rows_new(L, shared, result, format);
  pace_collector(L, result->rows.bytes);
}

static void push_counts(lua_State *L, lun_lua_shared *shared, const lun_result *result) {
  lua_pushinteger(L, (lua_Integer)result->rows.count);
  lun_lua_push_uint64(L, shared, result->affected_rows, 0);
  lun_lua_push_uint64(L, shared, result->insert_id, 0);
  lua_pushinteger(L, result->warning_count);
  if (result->info.size > 0) {
    lua_pushlstring(L, (const char *)result->info.data, result->info.size);
  } else {
    lua_pushnil(L);
  }
}

// Makes the rows of a small result at once. [-0, +1], nothing on failure
static lun_status push_small(
    lua_State *L, lun_lua_shared *shared, const lun_result *result, unsigned format, int names) {
  lun_lua_reader reader;
  lua_createtable(L, (int)result->rows.count, RESULT_FIELDS);
  int table = lua_gettop(L);
  lun_lua_reader_init(&reader, L, shared, result, format, names, 0);
  lun_status status = lun_lua_reader_fill(&reader, 0, result->rows.count, table);
  lua_settop(L, status == LUN_OK ? table : table - 1);
  return status;
}

// What a statement without rows answered; takes `result`. [-0, +7]
static int push_outcome(lua_State *L, lun_lua_shared *shared, lun_result *result) {
  lua_createtable(L, 0, RESULT_FIELDS);
  lua_pushnil(L);
  push_counts(L, shared, result);
  lun_result_free(result);
  return 7;
}

int lun_lua_push_batch(
    lua_State *L, lun_lua_shared *shared, int session, lun_result *result, unsigned format) {
  if (!result->metadata) {
    return push_outcome(L, shared, result);
  }
  lun_lua_rows_new(L, shared, result, format);
  lun_lua_rows_plan(L, lua_gettop(L), session);
  lun_lua_push_names(L, shared, result->metadata);
  lun_lua_push_public_names(L, lua_gettop(L));
  lua_remove(L, -2);
  push_counts(L, shared, result);
  return 7;
}

int lun_lua_push_result(
    lua_State *L, lun_lua_shared *shared, int session, lun_result *result, unsigned format) {
  if (!result->metadata) {
    return push_outcome(L, shared, result);
  }
  lun_lua_push_names(L, shared, result->metadata);
  int names = lua_gettop(L);
  bool has_duplicates = lun_lua_push_public_names(L, names);
  bool is_small = result->rows.count <= SMALL_COUNT && result->rows.bytes <= SMALL_BYTES;
  bool may_raise = (format & MAY_RAISE) != 0;
  bool is_packed = !is_small || has_duplicates;
  if (is_packed || may_raise) {
    push_packed(L, shared, result, format); // from here on it has an owner
    // What functions of the user's raise is for who looks at the rows.
    is_packed = lun_lua_rows_plan(L, lua_gettop(L), session) || is_packed;
  }
  if (is_packed) {
    lua_pushvalue(L, names + 1);
    push_counts(L, shared, result);
    return 7;
  }
  lun_status status = push_small(L, shared, result, format, names);
  if (status == LUN_OK) {
    lua_pushvalue(L, names + 1);
    push_counts(L, shared, result);
  }
  if (may_raise) {
    lun_lua_rows_free(L, names + 2);
  } else {
    lun_result_free(result);
  }
  return status == LUN_OK ? 7 : lun_lua_fail_status(L, status);
}
