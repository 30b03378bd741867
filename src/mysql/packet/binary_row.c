#include "mysql/field_type.h"
#include "mysql/packet.h"

enum { LENENC = 0, TEMPORAL = 0xfe, NEVER = 0xff };

// How many bytes a cell has; all other types are length-encoded strings.
const uint8_t LUN_MYSQL_BINARY_WIDTHS[256] = {
    [LUN_MYSQL_TYPE_TINY] = 1,
    [LUN_MYSQL_TYPE_SHORT] = 2,
    [LUN_MYSQL_TYPE_YEAR] = 2,
    [LUN_MYSQL_TYPE_LONG] = 4,
    [LUN_MYSQL_TYPE_INT24] = 4,
    [LUN_MYSQL_TYPE_FLOAT] = 4,
    [LUN_MYSQL_TYPE_LONGLONG] = 8,
    [LUN_MYSQL_TYPE_DOUBLE] = 8,
    [LUN_MYSQL_TYPE_DATE] = TEMPORAL,
    [LUN_MYSQL_TYPE_NEWDATE] = TEMPORAL,
    [LUN_MYSQL_TYPE_DATETIME] = TEMPORAL,
    [LUN_MYSQL_TYPE_TIMESTAMP] = TEMPORAL,
    [LUN_MYSQL_TYPE_TIME] = TEMPORAL,
    [LUN_MYSQL_TYPE_NULL] = NEVER,
};

static bool is_temporal_size(uint8_t type, uint8_t size) {
  if (type == LUN_MYSQL_TYPE_TIME) {
    return size == 0 || size == 8 || size == 12;
  }
  return size == 0 || size == 4 || size == 7 || size == 11;
}

lun_view lun_mysql_other_binary_cell(lun_reader *reader, uint8_t type) {
  uint8_t width = LUN_MYSQL_BINARY_WIDTHS[type];
  if (width == LENENC) {
    return lun_reader_lenenc_view(reader);
  }
  if (width <= sizeof(uint64_t)) {
    return lun_reader_take(reader, width);
  }
  uint8_t size = width == TEMPORAL ? lun_reader_u8(reader) : 0;
  if (width == NEVER || !is_temporal_size(type, size)) {
    lun_reader_fail(reader, LUN_ERR_PROTOCOL);
    return (lun_view){0};
  }
  return lun_reader_take(reader, size);
}

// Servers clear the bits that are of no column: others would mean that the columns were miscounted.
static bool has_stray_bits(lun_view bitmap, uint32_t count) {
  const unsigned unused = (1u << LUN_MYSQL_UNUSED_BITS) - 1;
  unsigned beyond = (count + LUN_MYSQL_UNUSED_BITS) % 8;
  return (bitmap.data[0] & unused) != 0
         || (beyond != 0 && bitmap.data[bitmap.size - 1] >> beyond != 0);
}

// Numbers and short strings are looked at here; `bitmap` is not where no column is NULL.
static inline lun_status
check_cells(lun_view rest, lun_view bitmap, bool is_sparse, const lun_metadata *metadata) {
  const lun_column *column = metadata->columns;
  for (uint32_t i = 0; i < metadata->count; i++, column++) {
    if (is_sparse && lun_mysql_binary_is_null(bitmap, i)) {
      continue;
    }
    size_t size = LUN_MYSQL_BINARY_WIDTHS[column->type];
    if (size == LENENC && rest.size > 0 && *rest.data < LUN_MYSQL_HEADER_NULL) {
      size = 1 + (size_t)*rest.data;
    }
    if (size - 1 < LUN_MYSQL_HEADER_NULL && size <= rest.size) { // else it is no size
      rest = (lun_view){rest.data + size, rest.size - size};
      continue;
    }
    lun_reader reader = lun_reader_over(rest);
    lun_mysql_other_binary_cell(&reader, column->type);
    if (reader.status != LUN_OK) {
      return reader.status;
    }
    rest = reader.rest;
  }
  return rest.size == 0 ? LUN_OK : LUN_ERR_TRAILING;
}

lun_status lun_mysql_binary_row_check(lun_view row, const lun_metadata *metadata) {
  lun_reader reader = lun_reader_over(row);
  lun_view bitmap = lun_mysql_binary_bitmap(&reader, metadata->count);
  if (reader.status != LUN_OK) {
    return reader.status;
  }
  if (lun_mysql_binary_has_bits(bitmap)) {
    return has_stray_bits(bitmap, metadata->count)
               ? LUN_ERR_PROTOCOL
               : check_cells(reader.rest, bitmap, true, metadata);
  }
  return check_cells(reader.rest, bitmap, false, metadata);
}
