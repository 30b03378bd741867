#include "mysql/capability.h"
#include "mysql/packet.h"

void lun_mysql_handshake_response_encode(const lun_mysql_handshake_response *response,
                                         lun_buffer *out) {
  uint64_t capabilities = response->capabilities;
  // It starts as the SSL request does.
  lun_mysql_ssl_request_encode(capabilities, response->max_packet, response->charset, out);
  lun_buffer_nul_view(out, response->user);
  if (capabilities & LUN_MYSQL_CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA) {
    lun_buffer_lenenc_view(out, response->auth_response);
  } else {
    lun_buffer_u8(out, (uint8_t)response->auth_response.size);
    lun_buffer_append(out, response->auth_response.data, (uint8_t)response->auth_response.size);
  }
  if (capabilities & LUN_MYSQL_CLIENT_CONNECT_WITH_DB) {
    lun_buffer_nul_view(out, response->database);
  }
  if (capabilities & LUN_MYSQL_CLIENT_PLUGIN_AUTH) {
    lun_buffer_nul_view(out, response->auth_plugin);
  }
  if (capabilities & LUN_MYSQL_CLIENT_CONNECT_ATTRS) {
    lun_buffer_lenenc_view(out, response->connect_attributes);
  }
  if (capabilities & LUN_MYSQL_CLIENT_ZSTD_COMPRESSION_ALGORITHM) {
    lun_buffer_u8(out, response->zstd_level);
  }
}
