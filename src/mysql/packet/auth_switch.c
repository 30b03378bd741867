#include "mysql/packet.h"

lun_status lun_mysql_auth_switch_decode(lun_view payload, lun_mysql_auth_switch *request) {
  lun_reader reader = lun_reader_over(payload);
  lun_reader_u8(&reader); // 0xfe, or 0x02
  request->auth_plugin = lun_reader_nul_view(&reader);
  request->data = lun_reader_rest(&reader);
  return lun_reader_finish(&reader);
}
