#include "mysql/packet.h"

lun_view lun_mysql_text_cell(lun_reader *reader, bool *is_null) {
  *is_null = reader->rest.size > 0 && reader->rest.data[0] == LUN_MYSQL_HEADER_NULL;
  if (*is_null) {
    return lun_reader_take(reader, 1);
  }
  return lun_reader_lenenc_view(reader);
}

// The rest of a row, from a cell of 251 bytes or more on.
static lun_status check_rest(const uint8_t *at, size_t left, uint32_t count) {
  lun_reader reader = lun_reader_over((lun_view){at, left});
  for (; count > 0 && reader.status == LUN_OK; count--) {
    bool is_null;
    lun_mysql_text_cell(&reader, &is_null);
  }
  return lun_reader_finish(&reader);
}

// Most cells are shorter than 251 bytes: their length is one byte, checked here without a call.
lun_status lun_mysql_text_row_check(lun_view row, uint32_t count) {
  const uint8_t *at = row.data;
  size_t left = row.size;
  for (; count > 0; count--) {
    size_t size = left > 0 ? *at : LUN_MYSQL_HEADER_ERR;
    if (size == LUN_MYSQL_HEADER_NULL) {
      size = 0;
    } else if (size > LUN_MYSQL_HEADER_NULL || size >= left) {
      return check_rest(at, left, count);
    }
    at += 1 + size;
    left -= 1 + size;
  }
  return left == 0 ? LUN_OK : LUN_ERR_TRAILING;
}
