/// Authentication plugins: each answers the server's challenges, and none decides by itself
/// whether the line is safe for a secret (lun_mysql_auth_may_send_secret does).
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "driver/options.h"
#include "mysql/packet.h"

enum {
  LUN_MYSQL_LONG_SCRAMBLE = 32, // of client_ed25519 and parsec
  LUN_MYSQL_AUTH_KEPT = 52,     // parsec: 'P', iterations, salt, public key
};

/// The login as the plugins see it. What it points to is borrowed from the session.
typedef struct lun_mysql_auth {
  const struct lun_mysql_auth_plugin *plugin;
  lun_view password;       // of the factor that is asked for now
  const lun_view *answers; // to further questions of `dialog`
  uint32_t answer_count;
  uint32_t answers_given;
  lun_view server_public_key;
  lun_view plugins; // those that may be used, with commas between them; empty: all
  bool asks_server_public_key;
  bool is_local;                             // unix socket
  bool is_encrypted;                         // TLS
  bool is_verified;                          // and the certificate was verified
  bool needs_proof;                          // it was not: only plugins with a proof may answer
  uint8_t scramble[LUN_MYSQL_LONG_SCRAMBLE]; // `plugin->scramble_size` of it are meant
  uint8_t stage;                             // the plugin's own, 0 when it begins
  uint8_t factor;                            // 0 for the first
  uint8_t switches;                          // of this factor
  bool is_behind_parsec;                     // which refused, so that another plugin is asked for
  uint8_t kept[LUN_MYSQL_AUTH_KEPT];         // the plugin's own, nothing secret
  uint32_t rounds;
} lun_mysql_auth;

/// What has to be true of the line before the password itself may leave.
typedef enum lun_mysql_secrecy {
  LUN_MYSQL_PROVES,              // never leaves: only what proves that we know it
  LUN_MYSQL_NEEDS_TLS,           // TLS
  LUN_MYSQL_NEEDS_TLS_OR_SOCKET, // TLS, or a unix socket
  LUN_MYSQL_NEEDS_VERIFIED_TLS,  // TLS with a verified certificate, or a unix socket
} lun_mysql_secrecy;

typedef struct lun_mysql_auth_plugin {
  const char *name;
  lun_mysql_secrecy secrecy;
  uint8_t scramble_size; // of its challenge; 0: what the server sends is for `begin_with`
  bool answers_greeting; // the greeting is challenge enough for it
  bool takes_raw_data;   // the server's later packets may lack the 0x01 in front (MariaDB)
  /// Appends the answer to the scramble. Secrets: the caller cleanses `response`.
  lun_status (*begin)(lun_mysql_auth *auth, lun_buffer *response, lun_error *error);
  /// The same for plugins with other challenges than a scramble. `data` is what came with the
  /// switch. Exactly one of both is there.
  lun_status (*begin_with)(lun_mysql_auth *auth,
                           lun_view data,
                           lun_buffer *response,
                           lun_error *error);
  /// Reads AuthMoreData (without its 0x01) and appends the answer; `*has_answer` is false when
  /// none is due. NULL for plugins that are never asked twice.
  lun_status (*more)(lun_mysql_auth *auth,
                     lun_view data,
                     lun_buffer *response,
                     bool *has_answer,
                     lun_error *error);
  /// Appends what the server keeps of the account instead of the password, after the login and
  /// while the password is still there. Only who knows the account knows it too, so a server that
  /// proves its knowledge is no impostor, whatever its certificate (MariaDB 11.4, TLS without
  /// configuration). A secret: the caller cleanses `out`. NULL where nothing can be proved: the
  /// password itself went out, or the server is not MariaDB.
  lun_status (*proof_key)(const lun_mysql_auth *auth, lun_buffer *out, lun_error *error);
} lun_mysql_auth_plugin;

extern const lun_mysql_auth_plugin LUN_MYSQL_NATIVE_PASSWORD;
extern const lun_mysql_auth_plugin LUN_MYSQL_CACHING_SHA2_PASSWORD;
extern const lun_mysql_auth_plugin LUN_MYSQL_SHA256_PASSWORD;
extern const lun_mysql_auth_plugin LUN_MYSQL_CLEAR_PASSWORD;
extern const lun_mysql_auth_plugin LUN_MYSQL_DIALOG;
extern const lun_mysql_auth_plugin LUN_MYSQL_CLIENT_ED25519;
extern const lun_mysql_auth_plugin LUN_MYSQL_PARSEC;

/// Returns the plugin called `name`, NULL when there is none.
const lun_mysql_auth_plugin *lun_mysql_auth_plugin_find(lun_view name);

/// Whether option auth_plugins lets the plugin `name` be used.
bool lun_mysql_auth_allows(const lun_mysql_auth *auth, lun_view name);

/// Returns mysql_native_password, which every server knows, or the first of the plugins that may be
/// used instead.
const lun_mysql_auth_plugin *lun_mysql_auth_first_allowed(const lun_mysql_auth *auth);

/// Takes the plugin that the server names. LUN_ERR_AUTH when there is none, or it is not allowed.
lun_status lun_mysql_auth_choose(lun_mysql_auth *auth, lun_view name, lun_error *error);

/// Checks that each of the names in `list`, with commas between them, is a plugin's.
lun_status lun_mysql_auth_check_names(lun_view list, const char *option, lun_error *error);

/// The one gate for passwords: looks at the transport and the plugin, never at an option.
bool lun_mysql_auth_may_send_secret(const lun_mysql_auth *auth);

/// Appends `secret` and a NUL when the gate lets it pass, else sets an error that says what to do.
lun_status lun_mysql_auth_send_secret(const lun_mysql_auth *auth,
                                      lun_view secret,
                                      lun_buffer *response,
                                      lun_error *error);

/// Whether the first answer of `plugin` holds nothing secret, so that it may go to whoever greets.
static inline bool lun_mysql_auth_begins_openly(const lun_mysql_auth_plugin *plugin) {
  return plugin->answers_greeting
         && (plugin->secrecy == LUN_MYSQL_PROVES
             || plugin->secrecy == LUN_MYSQL_NEEDS_TLS_OR_SOCKET);
}

/// Answers the greeting, whose scramble is in `auth`; with nothing where the plugin wants a
/// challenge of its own, which the server then sends.
lun_status lun_mysql_auth_greet(lun_mysql_auth *auth, lun_buffer *response, lun_error *error);

/// Answers the challenge that came with a switch: a scramble of the plugin's size, with or without
/// a NUL behind it or MariaDB's 0x01 in front, or whatever the plugin reads.
lun_status
lun_mysql_auth_begin(lun_mysql_auth *auth, lun_view data, lun_buffer *response, lun_error *error);
