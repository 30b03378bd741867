// The values of rows, one column at a time.
#include "lua/packed.h"

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
  lun_lua_packed *rows = lun_lua_packed_check(L);
  const lun_result *result = rows->result;
  size_t count = result->rows.count;
  lua_Integer column = luaL_checkinteger(L, 2);
  luaL_argcheck(
      L, column >= 1 && column <= (lua_Integer)result->metadata->count, 2, "no such column");
  uint32_t c = (uint32_t)column - 1;
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL;
  lun_status status = LUN_OK;
  rows->users++;
  int plan = lun_lua_packed_push_plan(L, rows);
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
  lun_lua_packed_leave(L, rows, status);
  return 1;
}

// rows:column(c): a table of one column's values, NULL as lunasa.null.
static int rows_column(lua_State *L) {
  return lun_lua_packed_build(L, build_column);
}

// rows:fill(c, kind, values, nulls, count): writes column `c` into FFI memory that Lua owns and has
// sized for `count` rows: `kind` is as the names' metatable says, `nulls` one bit per row. Not for
// a column of strings.
static int rows_fill(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
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
      return lun_lua_packed_fail(L, LUN_ERR_PROTOCOL);
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

void lun_lua_rows_add_columns(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"column", rows_column},
      {"fill", rows_fill},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
