// Rows decoded ahead into memory of Lua's, for iterators that LuaJIT compiles into the user's loop.
//
// What is called by its address may not raise, yield or call back. The strings are copied, so that
// nothing of a result is looked at behind the call: whoever closes it closes it.
#include "lua/rows_ahead.h"

#include "lua/packed.h"

#include <stddef.h>

enum {
  MOST_WIDTH = 16, // columns: with more, compiled loops get too long
  MOST_SIZE = 256, // bytes of a string: what is longer is better copied once
  CELLS = 128,     // that are decoded at once, at most; more than MOST_WIDTH
};

static const int64_t MOST_EXACT = (int64_t)1 << 53;

// What lunasa.rows_ahead has of one iterator: this, then for `most` rows a double for each cell;
// where each string begins, counted from the beginning of all this, and its size, both uint32_t;
// and `room` bytes for each column of strings.
typedef struct ahead {
  double next;      // row that is decoded next, counted from 0
  double due;       // Lua's: the row at which the collector does a step
  uint32_t width;   // columns
  uint32_t strings; // a bit for each column that has strings, the others have numbers
  uint32_t format;
  uint32_t few; // rows that are decoded by the next call
  uint32_t most;
  uint32_t room; // MOST_SIZE at least
  uint32_t odds; // grows with each row that has something else in it, shrinks with others
  uint32_t unused;
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

// Writes a column of numbers. Returns how many there are before something else.
static size_t
put_numbers(double *numbers, const lun_value *cells, size_t width, size_t count, unsigned format) {
  bool rounds = (format & LUN_FORMAT_BIGINT_NUMBER) != 0;
  for (size_t i = 0; i < count; i++, cells += width, numbers += width) {
    bool is_exact;
    if (cells->kind == LUN_VALUE_INTEGER) {
      *numbers = (double)cells->integer;
      is_exact = cells->integer <= MOST_EXACT && cells->integer >= -MOST_EXACT;
    } else if (cells->kind == LUN_VALUE_UNSIGNED) {
      *numbers = (double)cells->natural;
      is_exact = cells->natural <= (uint64_t)MOST_EXACT;
    } else if (cells->kind == LUN_VALUE_REAL) {
      *numbers = cells->real;
      is_exact = true;
    } else {
      return i;
    }
    if (!is_exact && !rounds) {
      return i;
    }
  }
  return count;
}

// Where strings go, of one column.
typedef struct strings {
  uint32_t *offsets;
  uint32_t *sizes;
  const uint8_t *origin;
  uint8_t *bytes; // where the next one is put
  uint8_t *end;
} strings;

// Writes a column of strings. Returns how many there are before something else, or before there is
// no more room.
static size_t put_strings(strings to, const lun_value *cells, size_t width, size_t count) {
  for (size_t i = 0; i < count; i++, cells += width) {
    char moment[LUN_MOMENT_SIZE];
    lun_view text;
    if (cells->kind == LUN_VALUE_TEXT || cells->kind == LUN_VALUE_BINARY) {
      text = cells->bytes;
    } else if (cells->kind == LUN_VALUE_DATE || cells->kind == LUN_VALUE_DATETIME
               || cells->kind == LUN_VALUE_TIME) {
      text = (lun_view){(uint8_t *)moment, lun_moment_format(cells, moment)};
    } else {
      return i;
    }
    if (text.size > MOST_SIZE || text.size > (size_t)(to.end - to.bytes)) {
      return i;
    }
    if (text.size > 0) {
      memcpy(to.bytes, text.data, text.size);
    }
    to.offsets[i * width] = (uint32_t)(to.bytes - to.origin);
    to.sizes[i * width] = (uint32_t)text.size;
    to.bytes += text.size;
  }
  return count;
}

// Writes cells of rows, column by column. Returns how many rows are whole.
static size_t put_rows(ahead *to, const lun_value *cells, size_t count) {
  size_t all = (size_t)to->most * to->width;
  double *numbers = (double *)(to + 1);
  uint32_t *offsets = (uint32_t *)(numbers + all);
  uint8_t *bytes = (uint8_t *)(offsets + all * 2);
  for (uint32_t c = 0; c < to->width; c++) {
    if (to->strings >> c & 1) {
      strings column = {offsets + c, offsets + all + c, (uint8_t *)to, bytes, bytes + to->room};
      count = put_strings(column, cells + c, to->width, count);
      bytes += to->room;
    } else {
      count = put_numbers(numbers + c, cells + c, to->width, count, to->format);
    }
  }
  return count;
}

// Has the strings of `count` rows, or of the first of them, looked for before they are made.
static void warm(const lun_lua_shared *shared, const ahead *to, size_t count) {
  lun_view views[LUN_READER_CELLS];
  size_t all = (size_t)to->most * to->width;
  const uint32_t *offsets = (const uint32_t *)((const double *)(to + 1) + all);
  size_t used = 0;
  for (size_t row = 0; row < count; row++) {
    for (uint32_t c = 0; c < to->width && used < LUN_READER_CELLS; c++) {
      size_t at = row * to->width + c;
      if (to->strings >> c & 1) {
        views[used++] = (lun_view){(const uint8_t *)to + offsets[at], offsets[all + at]};
      }
    }
  }
  if (used > 0) {
    shared->warm(shared->thread, views, used);
  }
}

// Decodes and writes rows from `from` on. Returns how many.
static size_t put_some(ahead *to, const lun_result *result, size_t from, size_t most) {
  lun_value cells[CELLS];
  size_t count = CELLS / to->width < most ? CELLS / to->width : most;
  const lun_metadata *metadata = result->metadata;
  if (result->decoder->rows(metadata, &result->rows, from, from + count, cells) != LUN_OK) {
    most = count; // one of them is malformed: as many as there are before it
    for (count = 0; count < most; count++) {
      lun_view row = lun_rows_at(&result->rows, from + count);
      if (result->decoder->row(metadata, row, cells + count * to->width) != LUN_OK) {
        break;
      }
    }
  }
  return put_rows(to, cells, count);
}

// read(rows, ahead): how many of the next rows were decoded, and are behind `next` now; 0 where
// there is none. When the first of them has something that is neither a number nor a short string,
// minus its number, counted from 1, and `next` is behind it.
static double read_ahead(const void *userdata, ahead *to) {
  enum { COST_OF_ODD = 16 };
  const lun_lua_packed *rows = userdata;
  const lun_result *result = rows->result;
  size_t from = (size_t)to->next;
  if (!result || rows->is_closing || from >= result->rows.count) {
    return 0;
  }
  size_t left = result->rows.count - from;
  size_t count = 0;
  if (result->metadata->count == to->width && strings_of(result->metadata) == to->strings) {
    size_t most = left < to->few ? left : to->few;
    count = put_some(to, result, from, most);
    size_t next = count == most ? most * 2 : count;
    to->few = next > to->most ? to->most : next > 0 ? (uint32_t)next : 1;
  }
  if (count == 0) {
    to->odds += COST_OF_ODD;
    to->next += 1;
    return -to->next;
  }
  if (rows->shared->warm) {
    warm(rows->shared, to, count);
  }
  to->odds = to->odds > count ? to->odds - (uint32_t)count : 0;
  to->next += (double)count;
  return (double)count;
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
  lua_pushinteger(L, CELLS);
  lua_setfield(L, -2, "most_cells");
  lua_pushcfunction(L, shape);
  lua_setfield(L, -2, "shape");
  lua_pushlightuserdata(L, (void *)(uintptr_t)read_ahead);
  lua_setfield(L, -2, "read");
  lua_pushinteger(L, offsetof(lun_lua_packed, is_closing));
  lua_setfield(L, -2, "is_closing");
}
