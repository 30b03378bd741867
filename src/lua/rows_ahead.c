// Rows decoded ahead into memory of Lua's, for iterators that LuaJIT compiles into the user's loop.
//
// What is called by its address may not raise, yield or call back. The strings are copied, so that
// nothing of a result is looked at behind the call: whoever closes it closes it.
#include "lua/rows_ahead.h"

#include "lua/packed.h"

#include <stddef.h>

enum {
  MOST_WIDTH = 16, // columns: with more, compiled loops get too long
  MOST_SIZE = 512, // bytes of a string: what is longer is better copied once
};

static const int64_t MOST_EXACT = (int64_t)1 << 53;

// What lunasa.rows_ahead has of one iterator: this, then for `most` rows a double for each cell;
// where each string begins, counted from the beginning of all this, and its size, both uint32_t;
// and `room` bytes of strings.
typedef struct ahead {
  double next;      // row that is decoded next, counted from 0
  double due;       // Lua's: the row at which the collector does a step
  uint32_t width;   // columns
  uint32_t strings; // a bit for each column that has strings, the others have numbers
  uint32_t format;
  uint32_t few; // rows that are decoded by the next call
  uint32_t most;
  uint32_t room;
  int32_t at; // Lua's: cells that were given, and cells that are there
  int32_t last;
} ahead;

// Whether cells of a column are strings, or numbers, and no more is made of them.
static bool is_string(lun_column_class class) {
  return class != LUN_COLUMN_INTEGER && class != LUN_COLUMN_UNSIGNED && class != LUN_COLUMN_REAL;
}

static uint32_t strings_of(const lun_metadata *metadata) {
  uint32_t strings = 0;
  for (uint32_t i = 0; i < metadata->count; i++) {
    strings |= (uint32_t)is_string(metadata->columns[i].class) << i;
  }
  return strings;
}

static bool put_number(double *number, const lun_value *cell, uint32_t format) {
  bool rounds = (format & LUN_FORMAT_BIGINT_NUMBER) != 0;
  switch (cell->kind) {
  case LUN_VALUE_INTEGER:
    *number = (double)cell->integer;
    return rounds || (cell->integer <= MOST_EXACT && cell->integer >= -MOST_EXACT);
  case LUN_VALUE_UNSIGNED:
    *number = (double)cell->natural;
    return rounds || cell->natural <= (uint64_t)MOST_EXACT;
  case LUN_VALUE_REAL: *number = cell->real; return true;
  case LUN_VALUE_NULL:
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME:
  case LUN_VALUE_LITERAL: break;
  }
  return false;
}

typedef struct writer {
  const ahead *to;
  double *numbers;
  uint32_t *offsets;
  uint32_t *sizes;
  uint8_t *bytes; // where the next string is put
  uint8_t *end;
  lun_view strings[LUN_READER_CELLS]; // the first of them
  size_t count;                       // of `strings`
} writer;

static writer begin(ahead *to) {
  size_t cells = (size_t)to->most * to->width;
  writer self = {.to = to, .numbers = (double *)(to + 1)};
  self.offsets = (uint32_t *)(self.numbers + cells);
  self.sizes = self.offsets + cells;
  self.bytes = (uint8_t *)(self.sizes + cells);
  self.end = self.bytes + to->room;
  return self;
}

static bool put_string(writer *self, size_t at, const lun_value *cell) {
  char moment[LUN_MOMENT_SIZE];
  lun_view text = {0};
  if (cell->kind == LUN_VALUE_TEXT || cell->kind == LUN_VALUE_BINARY) {
    text = cell->bytes;
  } else if (cell->kind == LUN_VALUE_DATE || cell->kind == LUN_VALUE_DATETIME
             || cell->kind == LUN_VALUE_TIME) {
    text = (lun_view){(uint8_t *)moment, lun_moment_format(cell, moment)};
  } else {
    return false;
  }
  if (text.size > MOST_SIZE || text.size > (size_t)(self->end - self->bytes)) {
    return false;
  }
  if (text.size > 0) {
    memcpy(self->bytes, text.data, text.size);
  }
  self->offsets[at] = (uint32_t)(self->bytes - (const uint8_t *)self->to);
  self->sizes[at] = (uint32_t)text.size;
  if (self->count < LUN_READER_CELLS) {
    self->strings[self->count++] = (lun_view){self->bytes, text.size};
  }
  self->bytes += text.size;
  return true;
}

static bool put_row(writer *self, size_t row, const lun_value *cells) {
  const ahead *to = self->to;
  size_t at = row * to->width;
  for (uint32_t c = 0; c < to->width; c++) {
    bool is_put = to->strings >> c & 1 ? put_string(self, at + c, &cells[c])
                                       : put_number(&self->numbers[at + c], &cells[c], to->format);
    if (!is_put) {
      return false;
    }
  }
  return true;
}

static size_t put_rows(writer *self, const lun_result *result, size_t from, size_t most) {
  lun_value cells[MOST_WIDTH];
  size_t count = 0;
  for (; count < most; count++) {
    lun_lua_packed_prefetch(&result->rows, from + count);
    lun_view row = lun_rows_at(&result->rows, from + count);
    if (result->decoder->row(result->metadata, row, cells) != LUN_OK
        || !put_row(self, count, cells)) {
      break;
    }
  }
  return count;
}

// read(rows, ahead): how many of the next rows were decoded, and are behind `next` now; 0 where
// there is none. When the first of them has something that is neither a number nor a short string,
// minus its number, counted from 1, and `next` is behind it.
static double read_ahead(const void *userdata, ahead *to) {
  const lun_lua_packed *rows = userdata;
  const lun_result *result = rows->result;
  size_t from = (size_t)to->next;
  if (!result || rows->is_closing || from >= result->rows.count) {
    return 0;
  }
  size_t left = result->rows.count - from;
  size_t count = 0;
  if (result->metadata->count == to->width && strings_of(result->metadata) == to->strings) {
    writer self = begin(to);
    count = put_rows(&self, result, from, left < to->few ? left : to->few);
    to->few = to->few * 2 < to->most ? to->few * 2 : to->most;
    if (rows->shared->warm && self.count > 0) {
      rows->shared->warm(rows->shared->thread, self.strings, self.count);
    }
  }
  to->next += count > 0 ? (double)count : 1;
  return count > 0 ? (double)count : -to->next;
}

static bool is_plain(const lun_column *column, unsigned format) {
  enum { BIGINT_DIGITS = 12 };
  switch (column->class) {
  case LUN_COLUMN_INTEGER:
  case LUN_COLUMN_UNSIGNED:
    return !(format & LUN_FORMAT_BIGINT_INT64) || column->length < BIGINT_DIGITS;
  case LUN_COLUMN_DECIMAL: return !(format & LUN_FORMAT_DECIMAL_NUMBER);
  case LUN_COLUMN_BIT: return !(format & LUN_FORMAT_BIT_NUMBER);
  case LUN_COLUMN_DATE:
  case LUN_COLUMN_TIME:
  case LUN_COLUMN_DATETIME: return !(format & LUN_FORMAT_DATETIME_TABLE);
  case LUN_COLUMN_JSON: return !(format & LUN_FORMAT_JSON_DECODE);
  case LUN_COLUMN_NULL: return false;
  case LUN_COLUMN_REAL:
  case LUN_COLUMN_TEXT:
  case LUN_COLUMN_BINARY: break;
  }
  return true;
}

// shape(rows, format): a letter for each column, "n" for numbers and "s" for strings, and the
// names; nil where rows are not to be read ahead.
static int shape(lua_State *L) {
  const lun_lua_packed *rows = lun_lua_packed_check(L);
  unsigned format = (unsigned)luaL_optinteger(L, 2, rows->format);
  const lun_metadata *metadata = rows->result->metadata;
  char letters[MOST_WIDTH];
  if (rows->plan != LUA_NOREF || metadata->count == 0 || metadata->count > MOST_WIDTH) {
    return 0;
  }
  for (uint32_t i = 0; i < metadata->count; i++) {
    if (!is_plain(&metadata->columns[i], format)) {
      return 0;
    }
    letters[i] = is_string(metadata->columns[i].class) ? 's' : 'n';
  }
  if (!rows->shared->thread) {
    rows->shared->thread = lua_newthread(L);
    luaL_ref(L, LUA_REGISTRYINDEX);
  }
  lua_pushlstring(L, letters, metadata->count);
  lua_rawgeti(L, LUA_REGISTRYINDEX, rows->names);
  return 2;
}

void lun_lua_rows_push_ahead(lua_State *L) {
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, MOST_SIZE);
  lua_setfield(L, -2, "longest");
  lua_pushcfunction(L, shape);
  lua_setfield(L, -2, "shape");
  lua_pushlightuserdata(L, (void *)(uintptr_t)read_ahead);
  lua_setfield(L, -2, "read");
  lua_pushinteger(L, offsetof(lun_lua_packed, is_closing));
  lua_setfield(L, -2, "is_closing");
}
