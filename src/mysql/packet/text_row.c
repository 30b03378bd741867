#include "mysql/packet.h"

lun_view lun_mysql_text_cell(lun_reader *reader, bool *is_null) {
  *is_null = reader->rest.size > 0 && reader->rest.data[0] == LUN_MYSQL_HEADER_NULL;
  if (*is_null) {
    return lun_reader_take(reader, 1);
  }
  return lun_reader_lenenc_view(reader);
}

// Most cells are shorter than 251 bytes: their length is one byte, checked here without a call.
lun_status lun_mysql_text_row_check(lun_view row, uint32_t count) {
  const uint8_t *at = row.data;
  const uint8_t *end = row.data + row.size;
  for (uint32_t i = 0; i < count; i++) {
    if (at < end && *at < LUN_MYSQL_HEADER_NULL && *at < end - at) {
      at += 1 + *at;
      continue;
    }
    lun_reader reader = lun_reader_over((lun_view){at, (size_t)(end - at)});
    bool is_null;
    lun_mysql_text_cell(&reader, &is_null);
    if (reader.status != LUN_OK) {
      return reader.status;
    }
    at = end - reader.rest.size;
  }
  return at == end ? LUN_OK : LUN_ERR_TRAILING;
}
