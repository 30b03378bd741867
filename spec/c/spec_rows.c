// src/mysql: column definitions and rows.
#include "base/number.h"
#include "mysql/decode.h"
#include "mysql/field_type.h"
#include "mysql/packet.h"
#include "spec_module.h"

#include <stdlib.h>

static const char *const CLASSES[] = {
    [LUN_COLUMN_NULL] = "null",
    [LUN_COLUMN_INTEGER] = "integer",
    [LUN_COLUMN_UNSIGNED] = "unsigned",
    [LUN_COLUMN_REAL] = "real",
    [LUN_COLUMN_DECIMAL] = "decimal",
    [LUN_COLUMN_TEXT] = "text",
    [LUN_COLUMN_BINARY] = "binary",
    [LUN_COLUMN_BIT] = "bit",
    [LUN_COLUMN_DATE] = "date",
    [LUN_COLUMN_TIME] = "time",
    [LUN_COLUMN_DATETIME] = "datetime",
    [LUN_COLUMN_JSON] = "json",
};

// column(bytes, is_extended)
static int column(lua_State *L) {
  lun_reader reader = lun_reader_over(lun_spec_view(L, 1));
  lun_column packet;
  lun_mysql_column_decode(&reader, lua_toboolean(L, 2), &packet);
  lun_status status = lun_reader_finish(&reader);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_view(L, "schema", packet.schema);
  lun_spec_set_view(L, "table", packet.table);
  lun_spec_set_view(L, "original_table", packet.original_table);
  lun_spec_set_view(L, "name", packet.name);
  lun_spec_set_view(L, "original_name", packet.original_name);
  lun_spec_set_view(L, "type_name", packet.type_name);
  lun_spec_set_view(L, "format", packet.format);
  lua_pushstring(L, CLASSES[packet.class]);
  lua_setfield(L, -2, "class");
  lun_spec_set_number(L, "charset", packet.charset);
  lun_spec_set_number(L, "length", packet.length);
  lun_spec_set_number(L, "type", packet.type);
  lun_spec_set_number(L, "flags", packet.flags);
  lun_spec_set_number(L, "decimals", packet.decimals);
  return 1;
}

// text_row(bytes, count): the cells, false for NULL.
static int text_row(lua_State *L) {
  lun_view row = lun_spec_view(L, 1);
  uint32_t count = (uint32_t)luaL_checknumber(L, 2);
  lun_status status = lun_mysql_text_row_check(row, count);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lun_reader reader = lun_reader_over(row);
  lua_newtable(L);
  for (uint32_t i = 0; i < count; i++) {
    bool is_null;
    lun_view cell = lun_mysql_text_cell(&reader, &is_null);
    if (is_null) {
      lua_pushboolean(L, false);
    } else {
      lun_spec_push_view(L, cell);
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

// class(type, flags, charset)
static int class_name(lua_State *L) {
  lua_pushstring(L,
                 CLASSES[lun_mysql_column_class((uint8_t)luaL_checknumber(L, 1),
                                                (uint16_t)luaL_checknumber(L, 2),
                                                (uint16_t)luaL_checknumber(L, 3))]);
  return 1;
}

int lun_spec_push_value(lua_State *L, const lun_value *value) {
  static const char *const KINDS[] = {
      [LUN_VALUE_NULL] = "null",
      [LUN_VALUE_INTEGER] = "integer",
      [LUN_VALUE_UNSIGNED] = "unsigned",
      [LUN_VALUE_REAL] = "real",
      [LUN_VALUE_TEXT] = "text",
      [LUN_VALUE_BINARY] = "binary",
      [LUN_VALUE_DATE] = "date",
      [LUN_VALUE_DATETIME] = "datetime",
      [LUN_VALUE_TIME] = "time",
      [LUN_VALUE_LITERAL] = "literal",
  };
  char digits[LUN_NUMBER_SIZE];
  char moment[LUN_MOMENT_SIZE];
  lua_pushstring(L, KINDS[value->kind]);
  switch (value->kind) {
  case LUN_VALUE_NULL: return 1;
  case LUN_VALUE_INTEGER:
    lua_pushlstring(L, digits, lun_format_int64(value->integer, digits));
    break;
  case LUN_VALUE_UNSIGNED:
    lua_pushlstring(L, digits, lun_format_uint64(value->natural, digits));
    break;
  case LUN_VALUE_REAL: lua_pushnumber(L, value->real); break;
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: lua_pushlstring(L, moment, lun_moment_format(value, moment)); break;
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_LITERAL: lun_spec_push_view(L, value->bytes); break;
  }
  return 2;
}

// The metadata of the table at `index`, of Protocol::ColumnDefinition41. One reference is the
// caller's.
static lun_status read_metadata(lua_State *L, int index, lun_metadata **metadata) {
  luaL_checktype(L, index, LUA_TTABLE);
  uint32_t count = (uint32_t)lua_objlen(L, index);
  lun_buffer raw = {0};
  for (uint32_t i = 1; i <= count; i++) {
    lua_rawgeti(L, index, (int)i);
    lun_buffer_lenenc_view(&raw, lun_spec_view(L, -1));
    lua_pop(L, 1);
  }
  lun_metadata_cache *cache = lun_metadata_cache_new();
  lun_status status = lun_metadata_cache_get(
      cache, lun_buffer_bytes(&raw), count, lun_mysql_parse_columns, metadata);
  lun_metadata_cache_free(cache);
  lun_buffer_deinit(&raw);
  return status;
}

enum { COPIES = 3 };

// Whether the last of some equal rows, decoded together, has the cells that it has alone.
static bool is_same_among_many(const lun_decoder *decoder,
                               const lun_metadata *metadata,
                               const lun_rows *store,
                               const lun_value *cells,
                               lun_status alone) {
  uint32_t count = metadata->count;
  lun_value *many = calloc((size_t)count * COPIES, sizeof *many);
  const lun_value *last = many + (size_t)count * (COPIES - 1);
  bool is_same = decoder->rows(metadata, store, 0, COPIES, many) == alone;
  for (uint32_t i = 0; i < count && alone == LUN_OK; i++) {
    is_same = is_same && last[i].kind == cells[i].kind;
    if (cells[i].kind == LUN_VALUE_INTEGER || cells[i].kind == LUN_VALUE_REAL) {
      is_same = is_same && last[i].natural == cells[i].natural;
    }
  }
  free(many);
  return is_same;
}

// Kind and value of one cell, column counted from 1; decoded alone, with its row, and with others.
static int decode_with(lua_State *L, const lun_decoder *decoder, const lun_metadata *metadata) {
  uint32_t wanted = (uint32_t)luaL_checknumber(L, 3) - 1;
  lun_value *cells = calloc(metadata->count, sizeof *cells);
  lun_value cell = {0};
  lun_rows store = {0};
  for (int i = 0; i < COPIES; i++) {
    lun_rows_append(&store, lun_spec_view(L, 2));
  }
  lun_view row = lun_rows_at(&store, COPIES - 1);
  lun_status status = decoder->row(metadata, row, cells);
  bool is_same = is_same_among_many(decoder, metadata, &store, cells, status);
  if (status == LUN_OK) {
    status = decoder->cell(metadata, row, wanted, NULL, &cell);
  }
  int results = status == LUN_OK ? lun_spec_push_value(L, &cell) : lun_spec_fail(L, status);
  is_same = is_same && (status != LUN_OK || cell.kind == cells[wanted].kind);
  lun_rows_deinit(&store);
  free(cells);
  return is_same ? results : luaL_error(L, "a cell differs from the same one in its row");
}

// decode(definitions, row, column)
static int decode(lua_State *L) {
  lun_metadata *metadata = NULL;
  lun_status status = read_metadata(L, 1, &metadata);
  int results = status == LUN_OK ? decode_with(L, &LUN_MYSQL_TEXT_DECODER, metadata)
                                 : lun_spec_fail(L, status);
  lun_metadata_release(metadata);
  return results;
}

// decode_binary(definitions, row, column): as decode, of a row that was checked.
static int decode_binary(lua_State *L) {
  lun_metadata *metadata = NULL;
  lun_view row = lun_spec_view(L, 2);
  lun_status status = read_metadata(L, 1, &metadata);
  if (status == LUN_OK) {
    status = lun_mysql_binary_row_check(row, metadata);
  }
  int results = status == LUN_OK ? decode_with(L, &LUN_MYSQL_BINARY_DECODER, metadata)
                                 : lun_spec_fail(L, status);
  lun_metadata_release(metadata);
  return results;
}

// check_binary_row(definitions, row): true, or nil and the status.
static int check_binary_row(lua_State *L) {
  lun_metadata *metadata = NULL;
  lun_view row = lun_spec_view(L, 2);
  lun_status status = read_metadata(L, 1, &metadata);
  if (status == LUN_OK) {
    status = lun_mysql_binary_row_check(row, metadata);
  }
  lun_metadata_release(metadata);
  lua_pushboolean(L, true);
  return status == LUN_OK ? 1 : lun_spec_fail(L, status);
}

const luaL_Reg LUN_SPEC_ROWS[] = {
    {"column", column},
    {"text_row", text_row},
    {"class", class_name},
    {"decode", decode},
    {"decode_binary", decode_binary},
    {"check_binary_row", check_binary_row},
    {NULL, NULL},
};
