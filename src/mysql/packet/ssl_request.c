#include "mysql/packet.h"

enum { FILLER = 19, EXTENDED = 32 };

void lun_mysql_ssl_request_encode(uint64_t capabilities,
                                  uint32_t max_packet,
                                  uint8_t charset,
                                  lun_buffer *out) {
  static const uint8_t zeros[FILLER] = {0};
  lun_buffer_u32(out, (uint32_t)capabilities);
  lun_buffer_u32(out, max_packet);
  lun_buffer_u8(out, charset);
  lun_buffer_append(out, zeros, sizeof zeros);
  lun_buffer_u32(out, (uint32_t)(capabilities >> EXTENDED)); // MariaDB; filler elsewhere
}
