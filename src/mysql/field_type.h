/// Column types and flags (manual: "Column Definition Flags", enum_field_types).
#pragma once

#include "driver/column.h"

typedef enum lun_mysql_field_type {
  LUN_MYSQL_TYPE_DECIMAL = 0x00,
  LUN_MYSQL_TYPE_TINY = 0x01,
  LUN_MYSQL_TYPE_SHORT = 0x02,
  LUN_MYSQL_TYPE_LONG = 0x03,
  LUN_MYSQL_TYPE_FLOAT = 0x04,
  LUN_MYSQL_TYPE_DOUBLE = 0x05,
  LUN_MYSQL_TYPE_NULL = 0x06,
  LUN_MYSQL_TYPE_TIMESTAMP = 0x07,
  LUN_MYSQL_TYPE_LONGLONG = 0x08,
  LUN_MYSQL_TYPE_INT24 = 0x09,
  LUN_MYSQL_TYPE_DATE = 0x0a,
  LUN_MYSQL_TYPE_TIME = 0x0b,
  LUN_MYSQL_TYPE_DATETIME = 0x0c,
  LUN_MYSQL_TYPE_YEAR = 0x0d,
  LUN_MYSQL_TYPE_NEWDATE = 0x0e,
  LUN_MYSQL_TYPE_VARCHAR = 0x0f,
  LUN_MYSQL_TYPE_BIT = 0x10,
  LUN_MYSQL_TYPE_VECTOR = 0xf2,
  LUN_MYSQL_TYPE_JSON = 0xf5,
  LUN_MYSQL_TYPE_NEWDECIMAL = 0xf6,
  LUN_MYSQL_TYPE_ENUM = 0xf7,
  LUN_MYSQL_TYPE_SET = 0xf8,
  LUN_MYSQL_TYPE_TINY_BLOB = 0xf9,
  LUN_MYSQL_TYPE_MEDIUM_BLOB = 0xfa,
  LUN_MYSQL_TYPE_LONG_BLOB = 0xfb,
  LUN_MYSQL_TYPE_BLOB = 0xfc,
  LUN_MYSQL_TYPE_VAR_STRING = 0xfd,
  LUN_MYSQL_TYPE_STRING = 0xfe,
  LUN_MYSQL_TYPE_GEOMETRY = 0xff,
} lun_mysql_field_type;

enum {
  LUN_MYSQL_FLAG_UNSIGNED = 0x0020,
  LUN_MYSQL_CHARSET_BINARY = 63, // what tells BLOB from TEXT
};

/// Returns the class of a column from its type, flags and character set.
lun_column_class lun_mysql_column_class(uint8_t type, uint16_t flags, uint16_t charset);
