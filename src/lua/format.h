/// How the values of a result become Lua values: the table of docs/values.md, packed into a number
/// that travels with each call.
#pragma once

#include "lua/shared.h"

enum {
  LUN_FORMAT_ARRAY = 1 << 0,          // rows are arrays, not dicts
  LUN_FORMAT_NIL = 1 << 1,            // NULL is nil, not lunasa.null
  LUN_FORMAT_BIGINT_STRING = 1 << 2,  // integers beyond 2^53; default: int64_t, uint64_t
  LUN_FORMAT_BIGINT_NUMBER = 1 << 3,  // rounded
  LUN_FORMAT_BIGINT_INT64 = 1 << 4,   // BIGINT is always cdata, whatever its value
  LUN_FORMAT_DECIMAL_NUMBER = 1 << 5, // DECIMAL as a number
  LUN_FORMAT_DATETIME_TABLE = 1 << 6, // lunasa.datetime and lunasa.duration
  LUN_FORMAT_JSON_DECODE = 1 << 7,    // JSON as tables
  LUN_FORMAT_BIT_NUMBER = 1 << 8,     // BIT as an integer
  LUN_FORMAT_QUIET = 1 << 9,          // no statement of the user: its counts are not noted
  LUN_FORMAT_CONV = 1 << 10,          // functions of the connection's make values
  LUN_FORMAT_TINYINT1 = 1 << 11,      // TINYINT(1) as a boolean
  LUN_FORMAT_BINARY = 1 << 12,        // what is sent is a prepared statement
  LUN_FORMAT_COUNTS = 1 << 13,        // nothing but counts is wanted: lun_lua_push_plain()
};

/// The flags for which Lua is asked for functions that make values: lun_lua_push_plan().
enum { LUN_FORMAT_PLANNED = LUN_FORMAT_CONV | LUN_FORMAT_TINYINT1 };

/// The flags that look at a column's class: without them a cell's kind says all.
enum {
  LUN_FORMAT_BY_CLASS = LUN_FORMAT_BIGINT_INT64 | LUN_FORMAT_DECIMAL_NUMBER
                        | LUN_FORMAT_DATETIME_TABLE | LUN_FORMAT_JSON_DECODE
                        | LUN_FORMAT_BIT_NUMBER,
};

/// Pushes `value`, a cell of `column`. [-0, +1]
void lun_lua_push_cell(lua_State *L,
                       lun_lua_shared *shared,
                       const lun_column *column,
                       const lun_value *value,
                       unsigned format);

/// The same through a plan: what the function of column `c` makes of the value as it is without
/// options. `plan` is the stack index of a list of functions and false, 0 for none. NULL stays
/// NULL, and a nil becomes it. Raises what the function raises. [-0, +1]
void lun_lua_push_planned(lua_State *L,
                          lun_lua_shared *shared,
                          const lun_metadata *metadata,
                          uint32_t c,
                          const lun_value *value,
                          unsigned format,
                          int plan);

/// Pushes an integer: a number where that is exact, else as `format` says. [-0, +1]
void lun_lua_push_int64(lua_State *L, lun_lua_shared *shared, int64_t value, unsigned format);
void lun_lua_push_uint64(lua_State *L, lun_lua_shared *shared, uint64_t value, unsigned format);
