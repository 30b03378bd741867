#include "mysql/capability.h"
#include "mysql/packet.h"

lun_status
lun_mysql_prepare_ok_decode(lun_view payload, uint64_t capabilities, lun_mysql_prepare_ok *ok) {
  lun_reader reader = lun_reader_over(payload);
  *ok = (lun_mysql_prepare_ok){.has_metadata = true};
  if (lun_reader_u8(&reader) != LUN_MYSQL_HEADER_OK) {
    lun_reader_fail(&reader, LUN_ERR_PROTOCOL);
  }
  ok->statement_id = lun_reader_u32(&reader);
  ok->column_count = lun_reader_u16(&reader);
  ok->parameter_count = lun_reader_u16(&reader);
  lun_reader_u8(&reader); // filler
  ok->warnings = lun_reader_u16(&reader);
  if (capabilities & LUN_MYSQL_CLIENT_OPTIONAL_RESULTSET_METADATA) {
    uint8_t has_metadata = lun_reader_u8(&reader);
    if (has_metadata > 1) {
      lun_reader_fail(&reader, LUN_ERR_PROTOCOL);
    }
    ok->has_metadata = has_metadata == 1;
  }
  return lun_reader_finish(&reader);
}
