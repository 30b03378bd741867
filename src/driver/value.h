/// A value on its way to the server (a parameter) or from it (a cell of a row).
#pragma once

#include "base/view.h"

typedef enum lun_value_kind {
  LUN_VALUE_NULL,
  LUN_VALUE_INTEGER,  // .integer
  LUN_VALUE_UNSIGNED, // .natural
  LUN_VALUE_REAL,     // .real
  LUN_VALUE_TEXT,     // .bytes in the connection's character set
  LUN_VALUE_BINARY,   // .bytes, no character set
  LUN_VALUE_DATE,     // .moment (cells only, as the next two)
  LUN_VALUE_DATETIME, // .moment
  LUN_VALUE_TIME,     // .moment
  LUN_VALUE_LITERAL,  // .bytes that are SQL already (parameters only)
} lun_value_kind;

/// A date, a time, or both. Zero dates are all zero.
typedef struct lun_moment {
  uint16_t year;
  uint16_t hour; // of a time up to 838
  uint32_t microsecond;
  uint8_t month;
  uint8_t day;
  uint8_t minute;
  uint8_t second;
  uint8_t digits; // of the fraction that are shown, 0 to 6
  bool is_negative;
} lun_moment;

typedef struct lun_value {
  lun_value_kind kind;
  union {
    int64_t integer;
    uint64_t natural;
    double real;
    lun_moment moment;
    lun_view bytes; // borrowed: from the row, or from the caller of a command
  };
} lun_value;

enum { LUN_MOMENT_SIZE = 32 }; // room for any moment as text

/// Writes a moment as the servers print it, such as `2024-02-29 01:02:03.5` or `-838:59:59`, and
/// returns the size; no NUL follows it. `value` is of one of the three kinds that have a moment.
size_t lun_moment_format(const lun_value *value, char out[LUN_MOMENT_SIZE]);
