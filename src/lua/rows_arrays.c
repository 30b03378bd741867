// The values of rows as arrays: one walk over the rows fills those of all columns.
#include "lua/packed.h"

static const char BYTES[] = "lunasa.bytes";

enum {
  CELLS = 2048, // that are decoded before they are written, about
  SIDE_BY_SIDE = 2,
  OWNERS = 6, // where they are on the stack
};

// What one column is written to. FFI memory of Lua's, but for the strings' bytes.
typedef struct array {
  char kind;
  size_t at;       // of its cell among those of a row
  uint8_t *values; // numbers of eight bytes; of strings, where each begins, and where the last ends
  uint8_t *nulls;  // one bit per row
  size_t null_count;
  lun_buffer *bytes;
} array;

static int bytes_gc(lua_State *L) {
  lun_buffer_deinit(luaL_checkudata(L, 1, BYTES));
  return 0;
}

// [-0, +1]
static lun_buffer *push_bytes(lua_State *L) {
  lun_buffer *bytes = lua_newuserdata(L, sizeof *bytes);
  *bytes = (lun_buffer){0};
  if (luaL_newmetatable(L, BYTES)) {
    lua_pushcfunction(L, bytes_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return bytes;
}

static void set_null(array *self, size_t row) {
  self->null_count++;
  self->nulls[row / 8] = (uint8_t)(self->nulls[row / 8] | 1u << row % 8);
}

static void put_reals(array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  for (size_t i = from; i < to; i++, cells += width) {
    double real = cells->real;
    if (cells->kind == LUN_VALUE_INTEGER) {
      real = (double)cells->integer;
    } else if (cells->kind == LUN_VALUE_UNSIGNED) {
      real = (double)cells->natural;
    } else if (cells->kind != LUN_VALUE_REAL) {
      real = 0;
      set_null(self, i);
    }
    memcpy(self->values + i * sizeof real, &real, sizeof real);
  }
}

// Of integers that fit both kinds, the bytes are the same.
static void
put_integers(array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  for (size_t i = from; i < to; i++, cells += width) {
    uint64_t bits = cells->natural;
    if (cells->kind != LUN_VALUE_INTEGER && cells->kind != LUN_VALUE_UNSIGNED) {
      bits = 0;
      set_null(self, i);
    }
    memcpy(self->values + i * sizeof bits, &bits, sizeof bits);
  }
}

// The text of a cell of strings, or nothing for NULL.
static lun_view text_of(const lun_value *cell, char moment[LUN_MOMENT_SIZE]) {
  if (cell->kind == LUN_VALUE_TEXT || cell->kind == LUN_VALUE_BINARY) {
    return cell->bytes;
  }
  bool is_moment = cell->kind == LUN_VALUE_DATE || cell->kind == LUN_VALUE_DATETIME
                   || cell->kind == LUN_VALUE_TIME;
  return (lun_view){(uint8_t *)moment, is_moment ? lun_moment_format(cell, moment) : 0};
}

static lun_status
put_strings(array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  lun_buffer *bytes = self->bytes;
  char moment[LUN_MOMENT_SIZE];
  for (size_t i = from; i < to; i++, cells += width) {
    lun_view text = text_of(cells, moment);
    if (cells->kind == LUN_VALUE_NULL) {
      set_null(self, i);
    }
    if (text.size > UINT32_MAX - bytes->size) {
      return LUN_ERR_LIMIT;
    }
    uint8_t *room = text.size <= bytes->capacity - bytes->size
                        ? bytes->data + bytes->size
                        : lun_buffer_reserve(bytes, text.size);
    if (text.size > 0) {
      if (!room) {
        return LUN_ERR_NOMEM;
      }
      memcpy(room, text.data, text.size);
      bytes->size += text.size;
    }
    uint32_t end = (uint32_t)bytes->size;
    memcpy(self->values + (i + 1) * sizeof end, &end, sizeof end);
  }
  return LUN_OK;
}

static lun_status put(array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  cells += self->at;
  if (self->bytes) {
    return put_strings(self, cells, width, from, to);
  } else if (self->kind == 'd') {
    put_reals(self, cells, width, from, to);
  } else {
    put_integers(self, cells, width, from, to);
  }
  return LUN_OK;
}

static size_t rows_at_once(size_t width) {
  return width < CELLS ? CELLS / width : 1;
}

static lun_status
fill(lun_lua_packed *rows, uint32_t column, array *arrays, size_t width, lun_value *cells) {
  size_t count = rows->result->rows.count;
  size_t most = rows_at_once(width);
  lun_status status = LUN_OK;
  for (size_t from = 0; from < count && status == LUN_OK; from += most) {
    size_t to = count - from < most ? count : from + most;
    status = width == 1 ? lun_lua_packed_cells(rows, column, from, to, cells)
                        : lun_lua_packed_rows(rows, from, to, cells);
    for (size_t i = 0; i < width && status == LUN_OK; i++) {
      status = put(&arrays[i], cells, width, from, to);
    }
  }
  return status;
}

// Gives back what growing left at the end. Returns how many bytes are held.
static size_t trim(const array *arrays, size_t width) {
  size_t held = 0;
  for (size_t i = 0; i < width; i++) {
    lun_buffer *bytes = arrays[i].bytes;
    if (bytes && bytes->size > 0) {
      lun_buffer_trim(bytes);
      held += bytes->capacity;
    }
  }
  return held;
}

static int fail(lua_State *L, lun_status status) {
  if (status == LUN_ERR_LIMIT) {
    return luaL_error(L, "the strings of a column are more than 4 GiB");
  }
  return lun_lua_packed_fail(L, status);
}

// rows:arrays(first, kinds, memory, count): writes columns, all of them or only number `first`,
// into FFI memory that Lua owns and has sized for `count` rows. `kinds` has a letter for each, as
// the names' metatable says, `memory` two pointers: to the values, or to where strings begin and
// end, and to the bits of NULLs. Returns a list that has, for each column of strings, the userdata
// that owns their bytes and begins with a pointer to them; false for others.
static int rows_arrays(lua_State *L) {
  size_t width;
  lun_lua_packed *rows = lun_lua_packed_check(L);
  size_t first = (size_t)luaL_checkinteger(L, 2) - 1;
  const char *kinds = luaL_checklstring(L, 3, &width);
  luaL_argcheck(L, lua_type(L, 4) == LUN_LUA_TCDATA, 4, "no pointers");
  uint8_t *const *memory = lua_topointer(L, 4);
  size_t count = (size_t)luaL_checkinteger(L, 5);
  lua_settop(L, 5);
  const lun_metadata *metadata = rows->result->metadata;
  luaL_argcheck(L, first < metadata->count && width >= 1, 2, "no such column");
  luaL_argcheck(L, width == 1 || (first == 0 && width == metadata->count), 3, "not all columns");
  lua_createtable(L, (int)width, 0);
  array *arrays = lua_newuserdata(L, width * sizeof *arrays);
  lun_value *cells = lua_newuserdata(L, rows_at_once(width) * width * sizeof *cells);
  for (size_t i = 0; i < width; i++) {
    luaL_argcheck(L, kinds[i] == *lun_lua_array_kind(&metadata->columns[first + i]), 3, "no kind");
    arrays[i] = (array){.kind = kinds[i],
                        .at = i,
                        .values = memory[i * SIDE_BY_SIDE],
                        .nulls = memory[i * SIDE_BY_SIDE + 1]};
    if (!strchr("diu", kinds[i])) {
      arrays[i].bytes = push_bytes(L);
    } else {
      lua_pushboolean(L, false);
    }
    lua_rawseti(L, OWNERS, (int)i + 1);
  }
  lun_lua_packed_check(L); // a finalizer may have closed them meanwhile
  luaL_argcheck(L, count == rows->result->rows.count, 5, "not the row count");
  lun_status status = fill(rows, (uint32_t)first, arrays, width, cells);
  if (status != LUN_OK) {
    return fail(L, status);
  }
  size_t held = trim(arrays, width);
  lua_createtable(L, (int)width, 0);
  for (size_t i = 0; i < width; i++) {
    lua_pushinteger(L, (lua_Integer)arrays[i].null_count);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushvalue(L, OWNERS);
  lua_insert(L, -2);
  lun_lua_pace_collector(L, held);
  return 2;
}

void lun_lua_rows_add_arrays(lua_State *L) {
  lua_pushcfunction(L, rows_arrays);
  lua_setfield(L, -2, "arrays");
}
