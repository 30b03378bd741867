#include "mysql/packet.h"

lun_status lun_mysql_eof_decode(lun_view payload, lun_mysql_eof *eof) {
  lun_reader reader = lun_reader_over(payload);
  lun_reader_u8(&reader); // 0xfe
  eof->warnings = lun_reader_u16(&reader);
  eof->status_flags = lun_reader_u16(&reader);
  return lun_reader_finish(&reader);
}
