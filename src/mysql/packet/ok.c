#include "mysql/capability.h"
#include "mysql/packet.h"
#include "mysql/status_flag.h"

// MariaDB and MySQL 9 send `info` as a length-encoded string even where the manual says
// string<EOF> (no CLIENT_SESSION_TRACK); older servers do as the manual says.
static lun_view read_info(lun_reader *reader) {
  lun_reader probe = *reader;
  lun_view info = lun_reader_lenenc_view(&probe);
  if (lun_reader_finish(&probe) == LUN_OK) {
    *reader = probe;
    return info;
  }
  return lun_reader_rest(reader);
}

lun_status lun_mysql_ok_decode(lun_view payload, uint64_t capabilities, lun_mysql_ok *ok) {
  lun_reader reader = lun_reader_over(payload);
  *ok = (lun_mysql_ok){0};
  lun_reader_u8(&reader); // header: 0x00, or 0xfe when it ends a result set
  ok->affected_rows = lun_reader_lenenc(&reader);
  ok->last_insert_id = lun_reader_lenenc(&reader);
  ok->status_flags = lun_reader_u16(&reader);
  ok->warnings = lun_reader_u16(&reader);
  if (reader.rest.size == 0) {
    return lun_reader_finish(&reader);
  }
  if (!(capabilities & LUN_MYSQL_CLIENT_SESSION_TRACK)) {
    ok->info = read_info(&reader);
    return lun_reader_finish(&reader);
  }
  ok->info = lun_reader_lenenc_view(&reader);
  if (ok->status_flags & LUN_MYSQL_SESSION_STATE_CHANGED) {
    ok->session_state = lun_reader_lenenc_view(&reader);
  }
  return lun_reader_finish(&reader);
}
