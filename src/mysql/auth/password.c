#include "mysql/auth/password.h"

#include "mysql/auth/rsa.h"

lun_status lun_mysql_password(const lun_mysql_auth *auth,
                              uint8_t key_request,
                              lun_buffer *response,
                              bool *asks_key,
                              lun_error *error) {
  *asks_key = false;
  if (!lun_mysql_auth_may_send_secret(auth)) {
    if (auth->server_public_key.size > 0) {
      return lun_mysql_rsa_password(auth, auth->server_public_key, response, error);
    }
    // Nobody sits between the ends of a unix socket, so its key is the server's own.
    if (auth->asks_server_public_key || auth->is_local) {
      *asks_key = true;
      lun_buffer_u8(response, key_request);
      return LUN_OK;
    }
  }
  return lun_mysql_auth_send_secret(auth, auth->password, response, error);
}
