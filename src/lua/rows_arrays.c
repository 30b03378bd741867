// The values of rows as arrays: one walk over the rows fills those of all columns.
#include "lua/arrays.h"

// Where lists with a place for each column are on the stack.
enum { VALUES = 3, NULLS, NULL_COUNTS, OWNERS };

static const int LISTS[] = {VALUES, NULLS, OWNERS};

enum { SAMPLE = 4 }; // steps, after which it is known how long strings are

static lun_status
fill(lun_lua_packed *rows, uint32_t column, lun_lua_array *arrays, size_t width, lun_value *cells) {
  size_t count = rows->result->rows.count;
  size_t most = lun_lua_arrays_step(width);
  lun_status status = LUN_OK;
  for (size_t from = 0; from < count && status == LUN_OK; from += most) {
    size_t to = count - from < most ? count : from + most;
    status = width == 1 ? lun_lua_packed_cells(rows, column, from, to, cells)
                        : lun_lua_packed_rows(rows, from, to, cells);
    for (size_t i = 0; i < width && status == LUN_OK; i++) {
      status = lun_lua_array_put(&arrays[i], cells + i, width, from, to);
      if (from == SAMPLE * most) {
        lun_lua_array_expect(&arrays[i], to, count, rows->result->rows.bytes);
      }
    }
  }
  return status;
}

// rows:arrays(column): a column as FFI memory, or all of them for nil. Lists that have a place for
// each of these: the values, or where strings begin and end; the bits of NULLs; how many are NULL;
// and the userdata that owns the bytes of strings and begins with a pointer to them, or false.
// Behind the lists, the number of rows.
static int rows_arrays(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  const lun_result *result = rows->result;
  lua_Integer column = luaL_optinteger(L, 2, 1);
  luaL_argcheck(
      L, column >= 1 && column <= (lua_Integer)result->metadata->count, 2, "no such column");
  uint32_t first = (uint32_t)column - 1;
  size_t width = lua_isnoneornil(L, 2) ? result->metadata->count : 1;
  size_t count = result->rows.count;
  rows->users++; // before anything that could run a finalizer
  lua_settop(L, VALUES - 1);
  for (int list = VALUES; list <= OWNERS; list++) {
    lua_createtable(L, (int)width, 0);
  }
  lun_lua_array *arrays = lua_newuserdata(L, width * sizeof *arrays);
  lun_value *cells = lua_newuserdata(L, lun_lua_arrays_step(width) * width * sizeof *cells);
  for (size_t i = 0; i < width; i++) {
    const lun_column *described = &result->metadata->columns[first + i];
    lun_lua_array_make(L, &arrays[i], rows->shared, described, count, false, LISTS, (int)i + 1);
  }
  lun_status status = fill(rows, first, arrays, width, cells);
  lun_lua_packed_leave(L, rows, LUN_OK);
  if (status != LUN_OK) {
    return lun_lua_arrays_fail(L, status);
  }
  size_t held = 0;
  for (size_t i = 0; i < width; i++) {
    lua_pushinteger(L, (lua_Integer)arrays[i].null_count);
    lua_rawseti(L, NULL_COUNTS, (int)i + 1);
    held += lun_lua_array_trim(&arrays[i]);
  }
  lua_settop(L, OWNERS);
  lua_pushinteger(L, (lua_Integer)count);
  lun_lua_pace_collector(L, held);
  return OWNERS - VALUES + 2;
}

void lun_lua_rows_add_arrays(lua_State *L) {
  lua_pushcfunction(L, rows_arrays);
  lua_setfield(L, -2, "arrays");
}
