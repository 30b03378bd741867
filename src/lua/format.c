#include "lua/format.h"

#include "base/number.h"

static const int64_t MOST_EXACT = (int64_t)1 << 53; // doubles hold every integer up to here

enum { BITS_PER_BYTE = 8 };

// A cdata is made by calling its ctype; its eight bytes are where lua_topointer points.
static void push_cdata(lua_State *L, int type, const void *bytes) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, type);
  lua_call(L, 0, 1);
  memcpy((void *)lua_topointer(L, -1), bytes, sizeof(uint64_t));
}

// Whether an integer is pushed as a number: where that is exact, or where rounding was asked for.
static bool is_number(bool is_exact, unsigned format) {
  return is_exact ? (format & LUN_FORMAT_BIGINT_INT64) == 0
                  : (format & LUN_FORMAT_BIGINT_NUMBER) != 0;
}

void lun_lua_push_int64(lua_State *L, lun_lua_shared *shared, int64_t value, unsigned format) {
  if (is_number(value <= MOST_EXACT && value >= -MOST_EXACT, format)) {
    lua_pushnumber(L, (lua_Number)value);
  } else if (format & LUN_FORMAT_BIGINT_STRING) {
    char text[LUN_NUMBER_SIZE];
    lua_pushlstring(L, text, lun_format_int64(value, text));
  } else {
    push_cdata(L, shared->int64_type, &value);
  }
}

void lun_lua_push_uint64(lua_State *L, lun_lua_shared *shared, uint64_t value, unsigned format) {
  if (is_number(value <= (uint64_t)MOST_EXACT, format)) {
    lua_pushnumber(L, (lua_Number)value);
  } else if (format & LUN_FORMAT_BIGINT_STRING) {
    char text[LUN_NUMBER_SIZE];
    lua_pushlstring(L, text, lun_format_uint64(value, text));
  } else {
    push_cdata(L, shared->uint64_type, &value);
  }
}

// Calls a converter of lunasa.core.set_converters with the text.
static void push_converted(lua_State *L, int converter, lun_view text) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, converter);
  lua_pushlstring(L, (const char *)text.data, text.size);
  lua_call(L, 1, 1);
}

static void push_bits(lua_State *L, lun_lua_shared *shared, lun_view bytes, unsigned format) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size; i++) {
    value = value << BITS_PER_BYTE | bytes.data[i];
  }
  lun_lua_push_uint64(L, shared, value, format & ~(unsigned)LUN_FORMAT_BIGINT_INT64);
}

static void push_decimal(lua_State *L, lun_view text) {
  double value;
  if (lun_parse_double(text, &value)) {
    lua_pushnumber(L, value);
  } else {
    lua_pushlstring(L, (const char *)text.data, text.size);
  }
}

// Whether the column's class and the format together ask for more than a string. Pushes if so.
static bool push_by_class(
    lua_State *L, lun_lua_shared *shared, lun_column_class class, lun_view bytes, unsigned format) {
  int converter = LUA_NOREF;
  switch (class) {
  case LUN_COLUMN_DECIMAL:
    if (format & LUN_FORMAT_DECIMAL_NUMBER) {
      push_decimal(L, bytes);
      return true;
    }
    return false;
  case LUN_COLUMN_BIT:
    if (format & LUN_FORMAT_BIT_NUMBER && bytes.size <= sizeof(uint64_t)) {
      push_bits(L, shared, bytes, format);
      return true;
    }
    return false;
  case LUN_COLUMN_DATE:
  case LUN_COLUMN_DATETIME:
    converter = format & LUN_FORMAT_DATETIME_TABLE ? shared->to_datetime : LUA_NOREF;
    break;
  case LUN_COLUMN_TIME:
    converter = format & LUN_FORMAT_DATETIME_TABLE ? shared->to_duration : LUA_NOREF;
    break;
  case LUN_COLUMN_JSON:
    converter = format & LUN_FORMAT_JSON_DECODE ? shared->to_json : LUA_NOREF;
    break;
  case LUN_COLUMN_NULL:
  case LUN_COLUMN_INTEGER:
  case LUN_COLUMN_UNSIGNED:
  case LUN_COLUMN_REAL:
  case LUN_COLUMN_TEXT:
  case LUN_COLUMN_BINARY: break;
  }
  if (converter == LUA_NOREF) {
    return false;
  }
  push_converted(L, converter, bytes);
  return true;
}

static void push_bytes(
    lua_State *L, lun_lua_shared *shared, lun_column_class class, lun_view bytes, unsigned format) {
  if (!(format & LUN_FORMAT_BY_CLASS) || !push_by_class(L, shared, class, bytes, format)) {
    lua_pushlstring(L, (const char *)bytes.data, bytes.size);
  }
}

static void push_moment(lua_State *L,
                        lun_lua_shared *shared,
                        lun_column_class class,
                        const lun_value *value,
                        unsigned format) {
  char text[LUN_MOMENT_SIZE];
  size_t size = lun_moment_format(value, text);
  push_bytes(L, shared, class, (lun_view){(const uint8_t *)text, size}, format);
}

static unsigned integer_format(const lun_column *column, unsigned format) {
  // Only BIGINT columns are always cdata under bigint = "int64"; an INT fits a number.
  enum { BIGINT_DIGITS = 12 };
  return column->length >= BIGINT_DIGITS ? format : format & ~(unsigned)LUN_FORMAT_BIGINT_INT64;
}

static void push_null(lua_State *L, unsigned format) {
  if (format & LUN_FORMAT_NIL) {
    lua_pushnil(L);
  } else {
    lua_pushlightuserdata(L, NULL);
  }
}

void lun_lua_push_cell(lua_State *L,
                       lun_lua_shared *shared,
                       const lun_column *column,
                       const lun_value *value,
                       unsigned format) {
  switch (value->kind) {
  case LUN_VALUE_NULL: push_null(L, format); return;
  case LUN_VALUE_INTEGER:
    lun_lua_push_int64(L, shared, value->integer, integer_format(column, format));
    return;
  case LUN_VALUE_UNSIGNED:
    lun_lua_push_uint64(L, shared, value->natural, integer_format(column, format));
    return;
  case LUN_VALUE_REAL: lua_pushnumber(L, value->real); return;
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: push_moment(L, shared, column->class, value, format); return;
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_LITERAL: push_bytes(L, shared, column->class, value->bytes, format); return;
  }
}

void lun_lua_push_planned(lua_State *L,
                          lun_lua_shared *shared,
                          const lun_metadata *metadata,
                          uint32_t c,
                          const lun_value *value,
                          unsigned format,
                          int plan) {
  const lun_column *column = &metadata->columns[c];
  if (plan && value->kind != LUN_VALUE_NULL) {
    lua_rawgeti(L, plan, (int)c + 1);
    if (lua_toboolean(L, -1)) {
      lun_lua_push_cell(L, shared, column, value, 0);
      lua_call(L, 1, 1);
      if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        push_null(L, format);
      }
      return;
    }
    lua_pop(L, 1);
  }
  lun_lua_push_cell(L, shared, column, value, format);
}
