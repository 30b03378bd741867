#include "mysql/capability.h"
#include "mysql/packet.h"

void lun_mysql_change_user_encode(const lun_mysql_handshake_response *response, lun_buffer *out) {
  lun_buffer_nul_view(out, response->user);
  lun_buffer_u8(out, (uint8_t)response->auth_response.size);
  lun_buffer_append(out, response->auth_response.data, (uint8_t)response->auth_response.size);
  lun_buffer_nul_view(out, response->database);
  lun_buffer_u16(out, response->charset);
  if (response->capabilities & LUN_MYSQL_CLIENT_PLUGIN_AUTH) {
    lun_buffer_nul_view(out, response->auth_plugin);
  }
  if (response->capabilities & LUN_MYSQL_CLIENT_CONNECT_ATTRS) {
    lun_buffer_lenenc_view(out, response->connect_attributes);
  }
}
