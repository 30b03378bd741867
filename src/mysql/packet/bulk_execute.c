#include "mysql/field_type.h"
#include "mysql/packet.h"
#include "mysql/packet/parameter.h"

enum { SEND_TYPES = 128, INDICATOR_VALUE = 0, INDICATOR_NULL = 1 };

// What a column holds, over all rows.
typedef struct column_kinds {
  bool has[LUN_VALUE_LITERAL + 1];
  bool has_negative;
  bool has_large; // beyond int64_t
} column_kinds;

static column_kinds
look_at(const lun_value *values, size_t value_count, size_t row_count, size_t column) {
  column_kinds kinds = {0};
  for (size_t row = 0; row < row_count; row++) {
    const lun_value *value = &values[row * value_count + column];
    kinds.has[value->kind] = true;
    kinds.has_negative |= value->kind == LUN_VALUE_INTEGER && value->integer < 0;
    kinds.has_large |= value->kind == LUN_VALUE_UNSIGNED && value->natural > INT64_MAX;
  }
  return kinds;
}

// The kind whose type all values of a column can have.
static lun_value_kind common_kind(const column_kinds *kinds) {
  bool has_integer = kinds->has[LUN_VALUE_INTEGER] || kinds->has[LUN_VALUE_UNSIGNED];
  if (kinds->has[LUN_VALUE_BINARY]) {
    return LUN_VALUE_BINARY;
  }
  bool has_moment =
      kinds->has[LUN_VALUE_DATE] || kinds->has[LUN_VALUE_DATETIME] || kinds->has[LUN_VALUE_TIME];
  if (kinds->has[LUN_VALUE_TEXT] || has_moment || (has_integer && kinds->has[LUN_VALUE_REAL])
      || (kinds->has_negative && kinds->has_large)) {
    return LUN_VALUE_TEXT;
  }
  if (kinds->has[LUN_VALUE_REAL]) {
    return LUN_VALUE_REAL;
  }
  if (has_integer) {
    bool is_signed = kinds->has_negative || !kinds->has[LUN_VALUE_UNSIGNED];
    return is_signed ? LUN_VALUE_INTEGER : LUN_VALUE_UNSIGNED;
  }
  return LUN_VALUE_TEXT; // nothing but NULL
}

static void append_cell(const lun_value *value, lun_value_kind kind, lun_buffer *out) {
  if (value->kind == LUN_VALUE_NULL) {
    lun_buffer_u8(out, INDICATOR_NULL);
    return;
  }
  lun_buffer_u8(out, INDICATOR_VALUE);
  if (kind == LUN_VALUE_TEXT || kind == LUN_VALUE_BINARY) {
    lun_mysql_parameter_text(value, out);
  } else {
    lun_mysql_parameter_value(value, out);
  }
}

// The types stand in the packet already: they are read from there, so that nothing is allocated.
static lun_value_kind kind_of_type(const uint8_t *type) {
  switch (type[0]) {
  case LUN_MYSQL_TYPE_LONGLONG: return type[1] == 0 ? LUN_VALUE_INTEGER : LUN_VALUE_UNSIGNED;
  case LUN_MYSQL_TYPE_DOUBLE: return LUN_VALUE_REAL;
  case LUN_MYSQL_TYPE_LONG_BLOB: return LUN_VALUE_BINARY;
  default: return LUN_VALUE_TEXT;
  }
}

lun_status lun_mysql_bulk_execute_encode(uint32_t statement_id,
                                         const lun_value *values,
                                         size_t value_count,
                                         size_t row_count,
                                         lun_buffer *out) {
  size_t start = out->size;
  lun_buffer_u8(out, LUN_MYSQL_COM_STMT_BULK_EXECUTE);
  lun_buffer_u32(out, statement_id);
  lun_buffer_u16(out, SEND_TYPES);
  size_t types = out->size;
  for (size_t column = 0; column < value_count; column++) {
    column_kinds kinds = look_at(values, value_count, row_count, column);
    if (kinds.has[LUN_VALUE_BINARY] && kinds.has[LUN_VALUE_TEXT]) {
      out->size = start;
      return LUN_ERR_UNSUPPORTED;
    }
    lun_buffer_u16(out, lun_mysql_parameter_type(common_kind(&kinds)));
  }
  for (size_t i = 0; i < value_count * row_count && out->status == LUN_OK; i++) {
    const uint8_t *type = out->data + types + i % value_count * 2;
    append_cell(&values[i], kind_of_type(type), out);
  }
  return out->status;
}
