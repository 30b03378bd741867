#include "base/little.h"
#include "mysql/field_type.h"
#include "mysql/packet.h"
#include "mysql/packet/parameter.h"

enum { SEND_TYPES = 128, INDICATOR_VALUE = 0, INDICATOR_NULL = 1 };

// What a column holds over all rows: a bit for each kind of value, and two more.
enum { HAS_NEGATIVE = 1 << 14, HAS_LARGE = 1 << 15 };

static unsigned kind_bit(lun_value_kind kind) {
  return 1u << kind;
}

static bool is_string(lun_value_kind kind) {
  return kind == LUN_VALUE_TEXT || kind == LUN_VALUE_BINARY;
}

static unsigned bits_of(const lun_value *value) {
  unsigned bits = kind_bit(value->kind);
  if (value->kind == LUN_VALUE_INTEGER && value->integer < 0) {
    bits |= HAS_NEGATIVE;
  } else if (value->kind == LUN_VALUE_UNSIGNED && value->natural > INT64_MAX) {
    bits |= HAS_LARGE;
  }
  return bits;
}

// The kind whose type all values of a column can have.
static lun_value_kind common_kind(unsigned bits) {
  const unsigned integers = kind_bit(LUN_VALUE_INTEGER) | kind_bit(LUN_VALUE_UNSIGNED);
  const unsigned moments =
      kind_bit(LUN_VALUE_DATE) | kind_bit(LUN_VALUE_DATETIME) | kind_bit(LUN_VALUE_TIME);
  const unsigned mixed_signs = HAS_NEGATIVE | HAS_LARGE;
  bool has_real = (bits & kind_bit(LUN_VALUE_REAL)) != 0;
  if (bits & kind_bit(LUN_VALUE_BINARY)) {
    return LUN_VALUE_BINARY;
  }
  if ((bits & (kind_bit(LUN_VALUE_TEXT) | moments)) || (has_real && (bits & integers))
      || (bits & mixed_signs) == mixed_signs) {
    return LUN_VALUE_TEXT;
  }
  if (has_real) {
    return LUN_VALUE_REAL;
  }
  if (bits & integers) {
    bool is_signed = (bits & HAS_NEGATIVE) || !(bits & kind_bit(LUN_VALUE_UNSIGNED));
    return is_signed ? LUN_VALUE_INTEGER : LUN_VALUE_UNSIGNED;
  }
  return LUN_VALUE_TEXT; // nothing but NULL
}

// Writes the type of each column to `types`, where two bytes stand for each; until then they hold
// what the columns hold, so that nothing is allocated. Returns false when one has no type.
static bool
write_types(const lun_value *values, size_t value_count, size_t row_count, uint8_t *types) {
  const unsigned strings = kind_bit(LUN_VALUE_BINARY) | kind_bit(LUN_VALUE_TEXT);
  uint16_t bits;
  memset(types, 0, value_count * sizeof bits);
  for (size_t row = 0; row < row_count; row++) {
    for (uint8_t *at = types; at < types + value_count * sizeof bits; at += sizeof bits) {
      memcpy(&bits, at, sizeof bits);
      bits = (uint16_t)(bits | bits_of(values++));
      memcpy(at, &bits, sizeof bits);
    }
  }
  for (uint8_t *at = types; at < types + value_count * sizeof bits; at += sizeof bits) {
    memcpy(&bits, at, sizeof bits);
    if ((bits & strings) == strings) {
      return false;
    }
    lun_store_u16(at, lun_mysql_parameter_type(common_kind(bits)));
  }
  return true;
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

// Most values are a number of eight bytes, or a string whose length is one byte: they are written
// without a call for each part.
enum { LONGEST = 250, ROOM = 2 + LONGEST };

// Returns where the next bytes go; what is before `at` is written. NULL when out of memory.
static uint8_t *make_room(lun_buffer *out, const uint8_t *at) {
  out->size = (size_t)(at - out->data);
  return lun_buffer_reserve(out, ROOM);
}

static uint8_t *
append_other(const lun_value *value, lun_value_kind kind, const uint8_t *at, lun_buffer *out) {
  out->size = (size_t)(at - out->data);
  if (is_string(kind)) {
    lun_mysql_parameter_text(value, out);
  } else {
    lun_mysql_parameter_value(value, out);
  }
  return out->data + out->size;
}

// Writes one value where there is room for a short one.
static uint8_t *
append_cell(const lun_value *value, lun_value_kind kind, uint8_t *at, lun_buffer *out) {
  if (value->kind == LUN_VALUE_NULL) {
    *at++ = INDICATOR_NULL;
    return at;
  }
  *at++ = INDICATOR_VALUE;
  if (!is_string(kind)) {
    lun_store_u64(at, value->natural); // the same bytes, whichever number it is
    return at + sizeof value->natural;
  }
  size_t size = is_string(value->kind) ? value->bytes.size : 0;
  if (size == 0 || size > LONGEST) {
    return append_other(value, kind, at, out);
  }
  *at++ = (uint8_t)size;
  memcpy(at, value->bytes.data, size);
  return at + size;
}

static void append_rows(
    const lun_value *values, size_t value_count, size_t row_count, size_t types, lun_buffer *out) {
  uint8_t *at = make_room(out, out->data + out->size);
  for (size_t row = 0; row < row_count; row++) {
    for (size_t column = 0; column < value_count && at; column++) {
      lun_value_kind kind = kind_of_type(out->data + types + column * 2);
      at = append_cell(values++, kind, at, out);
      bool has_room = (size_t)(out->data + out->capacity - at) >= ROOM;
      at = has_room && out->status == LUN_OK ? at : make_room(out, at);
    }
  }
  if (at) {
    out->size = (size_t)(at - out->data);
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
  uint8_t *room = lun_buffer_reserve(out, value_count * 2);
  if (!room) {
    return out->status;
  } else if (!write_types(values, value_count, row_count, room)) {
    out->size = start;
    return LUN_ERR_UNSUPPORTED;
  }
  out->size += value_count * 2;
  append_rows(values, value_count, row_count, types, out);
  return out->status;
}
