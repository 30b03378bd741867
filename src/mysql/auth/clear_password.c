// mysql_clear_password: the password as it is, for servers that ask somebody else about it (PAM,
// LDAP).
#include "mysql/auth/plugin.h"

// MySQL sends a scramble that means nothing here, MariaDB nothing.
static lun_status
begin_with(lun_mysql_auth *auth, lun_view data, lun_buffer *response, lun_error *error) {
  (void)data;
  return lun_mysql_auth_send_secret(auth, auth->password, response, error);
}

const lun_mysql_auth_plugin LUN_MYSQL_CLEAR_PASSWORD = {
    .name = "mysql_clear_password",
    .secrecy = LUN_MYSQL_NEEDS_VERIFIED_TLS,
    .answers_greeting = true,
    .begin_with = begin_with,
};
