/// What src/lua/parameters.c, src/lua/values.c and src/lua/attributes.c tell each other.
#pragma once

#include "lua/parameters.h"

#include <math.h>

/// Returns a number as a value: one without a fraction is an integer, so that `LIMIT ?` and exact
/// comparisons work.
static inline lun_value lun_lua_number(double number) {
  enum { EXACT_BITS = 53 };
  const double most = (double)((int64_t)1 << EXACT_BITS);
  if (number >= -most && number <= most) {
    int64_t integer = (int64_t)number;
    if ((double)integer == number && (integer != 0 || !signbit(number))) {
      return (lun_value){.kind = LUN_VALUE_INTEGER, .integer = integer};
    }
  }
  return (lun_value){.kind = LUN_VALUE_REAL, .real = number};
}

/// Whether SQL has such a value: it has no NaN and no infinity.
static inline bool lun_lua_is_sql(const lun_value *value) {
  return value->kind != LUN_VALUE_REAL || isfinite(value->real);
}

/// Appends `value`, whose bytes are kept already. LUN_ERR_ARGUMENT for NaN and infinities, which
/// SQL does not have. May raise when out of memory. [-0, +0]
lun_status
lun_lua_values_add(lua_State *L, lun_lua_values *values, const lun_value *value, lun_error *error);

/// Makes room for what is there `times` over: growing would leave garbage behind. [-0, +0]
void lun_lua_values_reserve(lua_State *L, lun_lua_values *values, size_t times);

/// Keeps the string at stack index `index` alive as long as `values`. [-0, +0]
void lun_lua_values_keep(lua_State *L, lun_lua_values *values, int index);

/// Reads a number, a string, a boolean or lunasa.null at stack index `index`; returns whether it is
/// one of them. A string is kept alive by `values`, unless that is NULL. [-0, +0]
bool lun_lua_scalar(lua_State *L, int index, lun_value *value, lun_lua_values *values);

/// Pushes the table that keeps `values` alive and empties them. [-0, +1]
void lun_lua_values_begin(lua_State *L, lun_lua_values *values);

/// Appends the scalar or value object at stack index `index`. Raises what a value object raises.
/// [-0, +0]
lun_status lun_lua_values_append(
    lua_State *L, lun_session *session, int index, lun_lua_values *values, lun_error *error);

/// lun_lua_collect with `values` begun already: further ones are appended. [-0, +0]
lun_status lun_lua_place(lua_State *L,
                         lun_session *session,
                         lun_view sql,
                         int args,
                         bool is_pyformat,
                         lun_buffer *text,
                         lun_lua_values *values,
                         lun_error *error);

/// Is a lun_lua_rows_reader that knows nothing of the state's inside.
size_t lun_lua_read_rows(
    lua_State *L, int list, size_t first, size_t count, size_t width, lun_value *cells);
