// The values of rows as arrays: one walk over the rows fills those of all columns.
#include "lua/packed.h"

static const char BYTES[] = "lunasa.bytes";

enum {
  CELLS = 2048, // that are decoded before they are written, about
};

// Where lists with a place for each column are on the stack.
enum { VALUES = 3, NULLS, NULL_COUNTS, OWNERS };

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

// Makes what column `column` is written to, and puts it into the lists. [-0, +0]
static void make_array(lua_State *L, lun_lua_packed *rows, size_t column, array *self) {
  const char *kind = lun_lua_array_kind(&rows->result->metadata->columns[column]);
  int place = (int)self->at + 1;
  self->kind = *kind;
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->shared->make_array);
  lua_pushstring(L, kind);
  lua_pushinteger(L, (lua_Integer)rows->result->rows.count);
  lua_call(L, 2, 2);
  self->values = (uint8_t *)lua_topointer(L, -2);
  self->nulls = (uint8_t *)lua_topointer(L, -1);
  lua_rawseti(L, NULLS, place);
  lua_rawseti(L, VALUES, place);
  if (strchr("diu", *kind)) {
    lua_pushboolean(L, false);
  } else {
    self->bytes = push_bytes(L);
  }
  lua_rawseti(L, OWNERS, place);
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
  rows->users++; // before anything that could run a finalizer
  lua_settop(L, VALUES - 1);
  for (int list = VALUES; list <= OWNERS; list++) {
    lua_createtable(L, (int)width, 0);
  }
  array *arrays = lua_newuserdata(L, width * sizeof *arrays);
  lun_value *cells = lua_newuserdata(L, rows_at_once(width) * width * sizeof *cells);
  for (size_t i = 0; i < width; i++) {
    arrays[i] = (array){.at = i};
    make_array(L, rows, first + i, &arrays[i]);
  }
  size_t count = result->rows.count;
  lun_status status = fill(rows, first, arrays, width, cells);
  lun_lua_packed_leave(L, rows, LUN_OK);
  if (status != LUN_OK) {
    return fail(L, status);
  }
  for (size_t i = 0; i < width; i++) {
    lua_pushinteger(L, (lua_Integer)arrays[i].null_count);
    lua_rawseti(L, NULL_COUNTS, (int)i + 1);
  }
  size_t held = trim(arrays, width);
  lua_settop(L, OWNERS);
  lua_pushinteger(L, (lua_Integer)count);
  lun_lua_pace_collector(L, held);
  return OWNERS - VALUES + 2;
}

void lun_lua_rows_add_arrays(lua_State *L) {
  lua_pushcfunction(L, rows_arrays);
  lua_setfield(L, -2, "arrays");
}
