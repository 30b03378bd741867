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

void lun_lua_warm_cells(lua_State *L,
                        const lun_lua_shared *shared,
                        const lun_value *cells,
                        size_t count) {
  lun_view strings[LUN_READER_CELLS];
  size_t used = 0;
  for (size_t i = 0; shared->warm && i < count && used < LUN_READER_CELLS; i++) {
    if (cells[i].kind == LUN_VALUE_TEXT || cells[i].kind == LUN_VALUE_BINARY) {
      strings[used++] = cells[i].bytes;
    }
  }
  if (used > 0) {
    shared->warm(L, strings, used);
  }
}

static lun_status decode(const lun_lua_reader *reader, size_t i, lun_value *cells) {
  const lun_result *result = reader->result;
  return result->decoder->row(result->metadata, lun_rows_at(&result->rows, i), cells);
}

static void push_cell(lun_lua_reader *reader, const lun_value *cells, uint32_t c) {
  const lun_metadata *metadata = reader->result->metadata;
  const lun_value *cell = &cells[c];
  if (reader->plan) {
    lun_lua_push_planned(
        reader->L, reader->shared, metadata, c, cell, reader->format, reader->plan);
  } else {
    lun_lua_push_cell(reader->L, reader->shared, &metadata->columns[c], cell, reader->format);
  }
}

// Pushes a decoded row as a table. [-0, +1]
static void push_table(lun_lua_reader *reader, const lun_value *cells) {
  lua_State *L = reader->L;
  int count = (int)reader->result->metadata->count;
  bool is_array = (reader->format & LUN_FORMAT_ARRAY) != 0;
  lua_createtable(L, is_array ? count : 0, is_array ? 0 : count);
  // Backwards, so that a name that appears twice means its first column, as everywhere.
  for (int c = count - 1; c >= 0; c--) {
    if (is_array) {
      push_cell(reader, cells, (uint32_t)c);
      lua_rawseti(L, -2, c + 1);
    } else {
      lua_pushvalue(L, reader->keys + c);
      push_cell(reader, cells, (uint32_t)c);
      lua_rawset(L, -3);
    }
  }
}

lun_status lun_lua_reader_push_row(lun_lua_reader *reader, size_t i) {
  lun_status status = decode(reader, i, reader->cells);
  if (status == LUN_OK) {
    push_table(reader, reader->cells);
  }
  return status;
}

lun_status lun_lua_reader_push_values(lun_lua_reader *reader, size_t i) {
  lun_status status = decode(reader, i, reader->cells);
  if (status != LUN_OK) {
    return status;
  }
  uint32_t count = reader->result->metadata->count;
  luaL_checkstack(reader->L, (int)count + LUA_MINSTACK, "too many columns");
  for (uint32_t c = 0; c < count; c++) {
    push_cell(reader, reader->cells, c);
  }
  return LUN_OK;
}

// Decodes rows from `from` on, as many as there is room for, and sets `*row_count`.
static lun_status
decode_some(const lun_lua_reader *reader, size_t from, size_t to, size_t *row_count) {
  size_t width = reader->result->metadata->count;
  size_t most = width * 2 > LUN_READER_CELLS ? 1 : LUN_READER_CELLS / width;
  size_t count = to - from < most ? to - from : most;
  for (size_t i = 0; i < count; i++) {
    lun_status status = decode(reader, from + i, reader->cells + i * width);
    if (status != LUN_OK) {
      return status;
    }
  }
  lun_lua_warm_cells(reader->L, reader->shared, reader->cells, count * width);
  *row_count = count;
  return LUN_OK;
}

lun_status lun_lua_reader_fill(lun_lua_reader *reader, size_t from, size_t to, int table) {
  size_t width = reader->result->metadata->count;
  size_t row_count;
  for (size_t i = from; i < to; i += row_count) {
    lun_status status = decode_some(reader, i, to, &row_count);
    if (status != LUN_OK) {
      return status;
    }
    for (size_t row = 0; row < row_count; row++) {
      push_table(reader, reader->cells + row * width);
      lua_rawseti(reader->L, table, (int)(i + row - from) + 1);
    }
  }
  return LUN_OK;
}
