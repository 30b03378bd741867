/// Authentication plugins: each answers the server's challenges, and none decides by itself
/// whether the line is safe for a secret (lun_mysql_auth_may_send_secret does).
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "mysql/packet.h"

/// The login as the plugins see it. `password` and the keys are borrowed from the session.
typedef struct lun_mysql_auth {
  const struct lun_mysql_auth_plugin *plugin;
  lun_view password;
  lun_view server_public_key;
  bool asks_server_public_key;
  bool is_local;     // unix socket
  bool is_encrypted; // TLS
  uint8_t scramble[LUN_MYSQL_SCRAMBLE];
  uint8_t stage; // the plugin's own, 0 when it begins
  uint32_t rounds;
} lun_mysql_auth;

typedef struct lun_mysql_auth_plugin {
  const char *name;
  /// Appends the answer to the scramble. Secrets: the caller cleanses `response`.
  lun_status (*begin)(lun_mysql_auth *auth, lun_buffer *response, lun_error *error);
  /// Reads AuthMoreData (without its 0x01) and appends the answer; `*has_answer` is false when
  /// none is due. NULL for plugins that are never asked twice.
  lun_status (*more)(lun_mysql_auth *auth,
                     lun_view data,
                     lun_buffer *response,
                     bool *has_answer,
                     lun_error *error);
} lun_mysql_auth_plugin;

extern const lun_mysql_auth_plugin LUN_MYSQL_NATIVE_PASSWORD;
extern const lun_mysql_auth_plugin LUN_MYSQL_CACHING_SHA2_PASSWORD;

/// Returns the plugin called `name`, NULL when there is none.
const lun_mysql_auth_plugin *lun_mysql_auth_plugin_find(lun_view name);

/// The one gate for clear-text passwords: looks at the transport, never at an option.
bool lun_mysql_auth_may_send_secret(const lun_mysql_auth *auth);

/// Takes the scramble out of a challenge: 20 bytes, with or without a NUL behind them.
lun_status lun_mysql_auth_set_scramble(lun_mysql_auth *auth, lun_view data, lun_error *error);
