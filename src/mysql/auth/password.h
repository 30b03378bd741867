/// The password itself, by the way that is safe: what sha256_password and caching_sha2_password
/// have in common.
#pragma once

#include "mysql/auth/plugin.h"

/// Appends the password and its NUL where the gate lets them pass, else the same under the server's
/// RSA key, else `key_request`, when the key may be asked for: then `*asks_key` is set and the key
/// comes next. LUN_ERR_AUTH when there is no safe way.
lun_status lun_mysql_password(const lun_mysql_auth *auth,
                              uint8_t key_request,
                              lun_buffer *response,
                              bool *asks_key,
                              lun_error *error);
