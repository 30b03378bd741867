#include "mysql/field_type.h"
#include "mysql/packet.h"

enum { LENENC = 0, TEMPORAL = 0xfe, NEVER = 0xff, UNUSED_BITS = 2 };

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

lun_view lun_mysql_binary_bitmap(lun_reader *reader, uint32_t count) {
  if (lun_reader_u8(reader) != LUN_MYSQL_HEADER_OK) {
    lun_reader_fail(reader, LUN_ERR_PROTOCOL);
  }
  return lun_reader_take(reader, ((size_t)count + UNUSED_BITS + 7) / 8);
}

// Servers clear the bits that are of no column: others would mean that the columns were miscounted.
static bool has_stray_bits(lun_view bitmap, uint32_t count) {
  const unsigned unused = (1u << UNUSED_BITS) - 1;
  unsigned beyond = (count + UNUSED_BITS) % 8;
  return (bitmap.data[0] & unused) != 0
         || (beyond != 0 && bitmap.data[bitmap.size - 1] >> beyond != 0);
}

lun_status lun_mysql_binary_row_check(lun_view row, const lun_metadata *metadata) {
  lun_reader reader = lun_reader_over(row);
  lun_view bitmap = lun_mysql_binary_bitmap(&reader, metadata->count);
  if (reader.status == LUN_OK && has_stray_bits(bitmap, metadata->count)) {
    return LUN_ERR_PROTOCOL;
  }
  for (uint32_t i = 0; i < metadata->count && reader.status == LUN_OK; i++) {
    if (!lun_mysql_binary_is_null(bitmap, i)) {
      lun_mysql_binary_cell(&reader, metadata->columns[i].type);
    }
  }
  return lun_reader_finish(&reader);
}
