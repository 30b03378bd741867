// sha256_password: always the password itself, over TLS or under the server's RSA key; the server
// takes it in clear over no unix socket.
#include "mysql/auth/password.h"
#include "mysql/auth/rsa.h"

enum { REQUEST_PUBLIC_KEY = 0x01 };

enum stage { STAGE_PASSWORD, STAGE_KEY };

static lun_status begin(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  if (auth->password.size == 0) {
    lun_buffer_u8(response, 0); // a NUL says that there is none
    return LUN_OK;
  }
  bool asks_key = false;
  lun_status status = lun_mysql_password(auth, REQUEST_PUBLIC_KEY, response, &asks_key, error);
  auth->stage = asks_key ? STAGE_KEY : STAGE_PASSWORD;
  return status;
}

static lun_status more(
    lun_mysql_auth *auth, lun_view data, lun_buffer *response, bool *has_answer, lun_error *error) {
  if (auth->stage != STAGE_KEY) {
    return lun_error_set(
        error, LUN_ERR_PROTOCOL, "malformed packet: unexpected data in sha256_password");
  }
  auth->stage = STAGE_PASSWORD;
  *has_answer = true;
  return lun_mysql_rsa_password(auth, data, response, error);
}

const lun_mysql_auth_plugin LUN_MYSQL_SHA256_PASSWORD = {
    .name = "sha256_password",
    .secrecy = LUN_MYSQL_NEEDS_TLS,
    .scramble_size = LUN_MYSQL_SCRAMBLE,
    .answers_greeting = true,
    .begin = begin,
    .more = more,
};
