#include "mysql/field_type.h"

static lun_column_class text_or_binary(uint16_t charset) {
  return charset == LUN_MYSQL_CHARSET_BINARY ? LUN_COLUMN_BINARY : LUN_COLUMN_TEXT;
}

// The type is a byte from the server, not an enum of ours: an unknown one is kept as bytes.
lun_column_class lun_mysql_column_class(uint8_t type, uint16_t flags, uint16_t charset) {
  switch (type) {
  case LUN_MYSQL_TYPE_TINY:
  case LUN_MYSQL_TYPE_SHORT:
  case LUN_MYSQL_TYPE_LONG:
  case LUN_MYSQL_TYPE_INT24:
  case LUN_MYSQL_TYPE_YEAR: return LUN_COLUMN_INTEGER;
  case LUN_MYSQL_TYPE_LONGLONG:
    return flags & LUN_MYSQL_FLAG_UNSIGNED ? LUN_COLUMN_UNSIGNED : LUN_COLUMN_INTEGER;
  case LUN_MYSQL_TYPE_FLOAT:
  case LUN_MYSQL_TYPE_DOUBLE: return LUN_COLUMN_REAL;
  case LUN_MYSQL_TYPE_DECIMAL:
  case LUN_MYSQL_TYPE_NEWDECIMAL: return LUN_COLUMN_DECIMAL;
  case LUN_MYSQL_TYPE_NULL: return LUN_COLUMN_NULL;
  case LUN_MYSQL_TYPE_DATE:
  case LUN_MYSQL_TYPE_NEWDATE: return LUN_COLUMN_DATE;
  case LUN_MYSQL_TYPE_TIME: return LUN_COLUMN_TIME;
  case LUN_MYSQL_TYPE_TIMESTAMP:
  case LUN_MYSQL_TYPE_DATETIME: return LUN_COLUMN_DATETIME;
  case LUN_MYSQL_TYPE_BIT: return LUN_COLUMN_BIT;
  case LUN_MYSQL_TYPE_JSON: return LUN_COLUMN_JSON;
  case LUN_MYSQL_TYPE_GEOMETRY:
  case LUN_MYSQL_TYPE_VECTOR: return LUN_COLUMN_BINARY;
  default: return text_or_binary(charset);
  }
}
