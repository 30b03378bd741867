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
  LUN_VALUE_LITERAL,  // .bytes that are SQL already (parameters only)
} lun_value_kind;

typedef struct lun_value {
  lun_value_kind kind;
  union {
    int64_t integer;
    uint64_t natural;
    double real;
    lun_view bytes; // borrowed: from the row, or from the caller of a command
  };
} lun_value;
