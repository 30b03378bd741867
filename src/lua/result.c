// What a statement answered, for Lua: small results as tables of rows, others packed.
#include "lua/error.h"
#include "lua/reader.h"
#include "lua/rows.h"

enum {
  SMALL_COUNT = 32, // results up to here become rows at once
  SMALL_BYTES = 16 * 1024,
  RESULT_FIELDS = 2, // those that lunasa.Result always has beside the rows: names and rowcount
  NOTED = (LUN_FORMAT_BY_CLASS & ~LUN_FORMAT_BIGINT_INT64) | LUN_FORMAT_BIGINT_NUMBER,
  MAY_RAISE = LUN_FORMAT_DATETIME_TABLE | LUN_FORMAT_JSON_DECODE | LUN_FORMAT_PLANNED,
};

static void push_packed(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format) {
  lun_lua_rows_new(L, shared, result, format);
  lun_lua_pace_collector(L, result->rows.bytes);
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

// A result notes by its format what became of the server's values.
static void set_format(lua_State *L, int table, unsigned format) {
  if (format & NOTED) {
    lua_pushinteger(L, (lua_Integer)format);
    lua_setfield(L, table, "format");
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
  if (status == LUN_OK) {
    set_format(L, table, format);
  }
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

// Makes the only row there is. [-0, +1], nothing on failure
static lun_status push_one(
    lua_State *L, lun_lua_shared *shared, const lun_result *result, unsigned format, int names) {
  const lun_metadata *metadata = result->metadata;
  lun_value cells[LUN_READER_CELLS];
  lun_status status = result->decoder->row(metadata, lun_rows_at(&result->rows, 0), cells);
  if (status != LUN_OK) {
    return status;
  }
  int count = (int)metadata->count;
  bool is_array = (format & LUN_FORMAT_ARRAY) != 0;
  lun_lua_warm_cells(L, shared, cells, metadata->count);
  lua_createtable(L, is_array ? count : 0, is_array ? 0 : count);
  for (int i = 0; i < count; i++) {
    if (is_array) {
      lun_lua_push_cell(L, shared, &metadata->columns[i], &cells[i], format);
      lua_rawseti(L, -2, i + 1);
    } else {
      lua_rawgeti(L, names, i + 1);
      lun_lua_push_cell(L, shared, &metadata->columns[i], &cells[i], format);
      lua_rawset(L, -3);
    }
  }
  return LUN_OK;
}

// Pushes the rows of a small result and the names that users get. [-0, +2], nothing when it is for
// the other ways
static bool
push_plain_rows(lua_State *L, lun_lua_shared *shared, const lun_result *result, unsigned format) {
  int names = lua_gettop(L) + 1;
  bool has_duplicates = lun_lua_push_both_names(L, shared, result->metadata);
  bool is_small = result->rows.count <= SMALL_COUNT && result->rows.bytes <= SMALL_BYTES;
  lun_status status = LUN_ERR_LIMIT;
  if (!has_duplicates && is_small && result->rows.count == 1
      && result->metadata->count <= LUN_READER_CELLS) {
    lua_createtable(L, 1, RESULT_FIELDS);
    status = push_one(L, shared, result, format, names);
    if (status == LUN_OK) {
      lua_rawseti(L, -2, 1);
      set_format(L, lua_gettop(L), format);
    }
  } else if (!has_duplicates && is_small) {
    status = push_small(L, shared, result, format, names);
  }
  if (status != LUN_OK) {
    lua_settop(L, names - 1);
    return false;
  }
  lua_pushvalue(L, names + 1);
  return true;
}

int lun_lua_push_plain(lua_State *L,
                       lun_lua_shared *shared,
                       const lun_result *result,
                       unsigned format) {
  bool has_counts = result->affected_rows != 0 || result->insert_id != 0
                    || result->warning_count != 0 || result->info.size != 0;
  if (result->is_out_parameters || (format & MAY_RAISE)) {
    return 0;
  }
  if (format & LUN_FORMAT_COUNTS) {
    lua_pushboolean(L, true);
    lun_lua_push_uint64(L, shared, result->affected_rows, 0);
    lun_lua_push_uint64(L, shared, result->insert_id, 0);
    return 3;
  }
  if (!result->metadata) {
    lua_createtable(L, 0, RESULT_FIELDS);
    lua_pushnil(L);
  } else if (!push_plain_rows(L, shared, result, format)) {
    return 0;
  }
  if (result->metadata && !has_counts) {
    lua_pushinteger(L, (lua_Integer)result->rows.count);
    return 3;
  }
  push_counts(L, shared, result);
  return 7;
}

int lun_lua_push_batch(
    lua_State *L, lun_lua_shared *shared, int session, lun_result *result, unsigned format) {
  if (!result->metadata) {
    return push_outcome(L, shared, result);
  }
  lun_lua_rows_new(L, shared, result, format);
  lun_lua_rows_plan(L, lua_gettop(L), session);
  lun_lua_push_both_names(L, shared, result->metadata);
  lua_remove(L, -2);
  push_counts(L, shared, result);
  return 7;
}

int lun_lua_push_result(
    lua_State *L, lun_lua_shared *shared, int session, lun_result *result, unsigned format) {
  if (!result->metadata) {
    return push_outcome(L, shared, result);
  }
  int names = lua_gettop(L) + 1;
  bool has_duplicates = lun_lua_push_both_names(L, shared, result->metadata);
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
