/// The password under the server's RSA public key, for lines that are not encrypted.
#pragma once

#include "mysql/auth/plugin.h"

/// Appends RSA-OAEP (SHA-1) of the password and its NUL, XORed with the scramble, under the public
/// key `pem`. LUN_ERR_AUTH when `pem` is no RSA key of 2048 to 16384 bits, or the password is too
/// long for it.
lun_status lun_mysql_rsa_password(const lun_mysql_auth *auth,
                                  lun_view pem,
                                  lun_buffer *response,
                                  lun_error *error);
