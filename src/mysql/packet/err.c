#include "base/error.h"
#include "mysql/packet.h"

lun_status lun_mysql_err_decode(lun_view payload, lun_mysql_err *err) {
  lun_reader reader = lun_reader_over(payload);
  *err = (lun_mysql_err){0};
  lun_reader_u8(&reader); // 0xff
  err->code = lun_reader_u16(&reader);
  // The byte tells, not the capability: errors before the handshake response have no SQLSTATE.
  if (reader.rest.size > 0 && reader.rest.data[0] == '#') {
    lun_reader_u8(&reader);
    err->sqlstate = lun_reader_take(&reader, LUN_SQLSTATE_SIZE);
  }
  err->message = lun_reader_rest(&reader);
  return lun_reader_finish(&reader);
}
