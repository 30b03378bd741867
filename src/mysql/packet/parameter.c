// Values and their types as the binary protocol sends them (manual: "Binary Protocol Value").
#include "mysql/packet/parameter.h"

#include "base/number.h"
#include "mysql/field_type.h"

#include <stdlib.h>

enum { UNSIGNED_TYPE = 0x8000 };

uint16_t lun_mysql_parameter_type(lun_value_kind kind) {
  switch (kind) {
  case LUN_VALUE_NULL: return LUN_MYSQL_TYPE_NULL;
  case LUN_VALUE_INTEGER: return LUN_MYSQL_TYPE_LONGLONG;
  case LUN_VALUE_UNSIGNED: return LUN_MYSQL_TYPE_LONGLONG | UNSIGNED_TYPE;
  case LUN_VALUE_REAL: return LUN_MYSQL_TYPE_DOUBLE;
  case LUN_VALUE_TEXT:
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: return LUN_MYSQL_TYPE_VAR_STRING;
  case LUN_VALUE_BINARY: return LUN_MYSQL_TYPE_LONG_BLOB;
  case LUN_VALUE_LITERAL: break;
  }
  abort(); // SQL is no value: a caller's bug
}

static void append_text(const char *text, size_t size, lun_buffer *out) {
  lun_buffer_lenenc_view(out, (lun_view){(const uint8_t *)text, size});
}

void lun_mysql_parameter_value(const lun_value *value, lun_buffer *out) {
  uint64_t bits;
  char moment[LUN_MOMENT_SIZE];
  switch (value->kind) {
  case LUN_VALUE_NULL: return;
  case LUN_VALUE_INTEGER: lun_buffer_u64(out, (uint64_t)value->integer); return;
  case LUN_VALUE_UNSIGNED: lun_buffer_u64(out, value->natural); return;
  case LUN_VALUE_REAL:
    memcpy(&bits, &value->real, sizeof bits);
    lun_buffer_u64(out, bits);
    return;
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY: lun_buffer_lenenc_view(out, value->bytes); return;
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: append_text(moment, lun_moment_format(value, moment), out); return;
  case LUN_VALUE_LITERAL: abort();
  }
}

void lun_mysql_parameter_text(const lun_value *value, lun_buffer *out) {
  char digits[LUN_NUMBER_SIZE];
  size_t size = 0;
  switch (value->kind) {
  case LUN_VALUE_INTEGER: size = lun_format_int64(value->integer, digits); break;
  case LUN_VALUE_UNSIGNED: size = lun_format_uint64(value->natural, digits); break;
  case LUN_VALUE_REAL: size = lun_format_double(value->real, digits); break;
  case LUN_VALUE_NULL:
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME:
  case LUN_VALUE_LITERAL: lun_mysql_parameter_value(value, out); return;
  }
  append_text(digits, size, out);
}

typedef struct parameter {
  const lun_value *value;
  lun_view name;
  bool is_long;
} parameter;

static parameter parameter_at(const lun_mysql_parameters *all, size_t i) {
  if (i < all->value_count) {
    return (parameter){.value = &all->values[i], .is_long = all->is_long && all->is_long[i]};
  }
  const lun_attribute *attribute = &all->attributes[i - all->value_count];
  return (parameter){.value = &attribute->value, .name = attribute->name};
}

static void append_nulls(const lun_mysql_parameters *all, size_t count, lun_buffer *out) {
  size_t size = (count + 7) / 8;
  uint8_t *bitmap = lun_buffer_reserve(out, size);
  if (!bitmap) {
    return;
  }
  memset(bitmap, 0, size);
  for (size_t i = 0; i < count; i++) {
    parameter one = parameter_at(all, i);
    if (one.value->kind == LUN_VALUE_NULL && !one.is_long) {
      bitmap[i / 8] = (uint8_t)(bitmap[i / 8] | 1u << i % 8);
    }
  }
  out->size += size;
}

void lun_mysql_parameters_encode(const lun_mysql_parameters *all, lun_buffer *out) {
  size_t count = all->value_count + all->attribute_count;
  if (count == 0) {
    return;
  }
  append_nulls(all, count, out);
  lun_buffer_u8(out, 1); // the types follow
  for (size_t i = 0; i < count; i++) {
    parameter one = parameter_at(all, i);
    lun_buffer_u16(out, lun_mysql_parameter_type(one.value->kind));
    if (all->has_names) {
      lun_buffer_lenenc_view(out, one.name);
    }
  }
  for (size_t i = 0; i < count; i++) {
    parameter one = parameter_at(all, i);
    if (!one.is_long) {
      lun_mysql_parameter_value(one.value, out);
    }
  }
}
