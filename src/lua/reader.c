#include "lua/reader.h"

// Pushes the names one by one, so that each row finds its keys on the stack. [-0, +count]
static void push_keys(lua_State *L, int names, uint32_t count) {
  luaL_checkstack(L, (int)count + LUA_MINSTACK, "too many columns");
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, names, (int)i + 1);
  }
}

void lun_lua_reader_init(lun_lua_reader *reader,
                         lua_State *L,
                         lun_lua_shared *shared,
                         const lun_result *result,
                         unsigned format,
                         int names,
                         int plan) {
  uint32_t count = result->metadata->count;
  reader->L = L;
  reader->shared = shared;
  reader->result = result;
  reader->format = format;
  reader->plan = plan;
  reader->cells = reader->few;
  if (count > LUN_READER_CELLS) {
    reader->cells = lua_newuserdata(L, count * sizeof *reader->cells);
  }
  reader->keys = lua_gettop(L) + 1;
  if (!(format & LUN_FORMAT_ARRAY)) {
    push_keys(L, names, count);
  }
}

static lun_status decode(lun_lua_reader *reader, size_t i) {
  const lun_result *result = reader->result;
  return result->decoder->row(result->metadata, lun_rows_at(&result->rows, i), reader->cells);
}

static void push_cell(lun_lua_reader *reader, uint32_t c) {
  const lun_metadata *metadata = reader->result->metadata;
  const lun_value *cell = &reader->cells[c];
  if (reader->plan) {
    lun_lua_push_planned(
        reader->L, reader->shared, metadata, c, cell, reader->format, reader->plan);
  } else {
    lun_lua_push_cell(reader->L, reader->shared, &metadata->columns[c], cell, reader->format);
  }
}

lun_status lun_lua_reader_push_row(lun_lua_reader *reader, size_t i) {
  lua_State *L = reader->L;
  lun_status status = decode(reader, i);
  if (status != LUN_OK) {
    return status;
  }
  int count = (int)reader->result->metadata->count;
  bool is_array = (reader->format & LUN_FORMAT_ARRAY) != 0;
  lua_createtable(L, is_array ? count : 0, is_array ? 0 : count);
  // Backwards, so that a name that appears twice means its first column, as everywhere.
  for (int c = count - 1; c >= 0; c--) {
    if (is_array) {
      push_cell(reader, (uint32_t)c);
      lua_rawseti(L, -2, c + 1);
    } else {
      lua_pushvalue(L, reader->keys + c);
      push_cell(reader, (uint32_t)c);
      lua_rawset(L, -3);
    }
  }
  return LUN_OK;
}

lun_status lun_lua_reader_push_values(lun_lua_reader *reader, size_t i) {
  lun_status status = decode(reader, i);
  if (status != LUN_OK) {
    return status;
  }
  uint32_t count = reader->result->metadata->count;
  luaL_checkstack(reader->L, (int)count + LUA_MINSTACK, "too many columns");
  for (uint32_t c = 0; c < count; c++) {
    push_cell(reader, c);
  }
  return LUN_OK;
}

lun_status lun_lua_reader_fill(lun_lua_reader *reader, size_t from, size_t to, int table) {
  for (size_t i = from; i < to; i++) {
    lun_status status = lun_lua_reader_push_row(reader, i);
    if (status != LUN_OK) {
      return status;
    }
    lua_rawseti(reader->L, table, (int)(i - from) + 1);
  }
  return LUN_OK;
}
