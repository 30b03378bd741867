/// How to log in: one struct for all drivers. Borrowed by the driver's open(), which copies.
#pragma once

#include "base/view.h"

/// Whether the session asks for TLS. How the certificate is checked is the host's (src/tls).
typedef enum lun_tls_mode {
  LUN_TLS_DISABLED,
  LUN_TLS_PREFERRED, // when the server offers it
  LUN_TLS_REQUIRED,  // or the connection fails before a secret is sent
} lun_tls_mode;

/// How what travels is compressed.
typedef enum lun_compression {
  LUN_COMPRESSION_NONE,
  LUN_COMPRESSION_ZLIB,
  LUN_COMPRESSION_ZSTD,
} lun_compression;

/// Bounds on what a peer can make us do. None is unlimited.
typedef struct lun_limits {
  uint64_t max_packet;        // bytes of one packet from the server
  uint32_t max_columns;       // of one result
  uint32_t max_metadata;      // bytes of column definitions of one result
  uint32_t max_results;       // of one statement
  uint32_t max_auth_rounds;   // packets of the server during the login
  uint32_t max_pipeline;      // commands in flight
  uint32_t max_session_track; // bytes of session state in one OK
  uint32_t max_statements;    // prepared and kept, 0 for none
  uint32_t stream_window;     // bytes of rows told and not taken, above which reading pauses
} lun_limits;

enum {
  LUN_MAX_INIT_COMMANDS = 12,
  LUN_MAX_FACTORS = 3,
  LUN_MAX_AUTH_ANSWERS = 8,
  LUN_COMPRESSIONS = 2
};

typedef struct lun_options {
  lun_view user;
  lun_view password;
  lun_view more_passwords[LUN_MAX_FACTORS - 1]; // of further factors; empty for none
  const lun_view *auth_answers;                 // to questions beyond the password
  uint32_t auth_answer_count;
  lun_view database;           // empty for none
  lun_view charset;            // "utf8mb4"
  lun_view collation;          // empty: the server's for the charset
  lun_view auth_plugin;        // empty: the server's default
  lun_view auth_plugins;       // those that may be used, with commas between them; empty: all
  lun_view server_public_key;  // PEM for RSA password exchange; empty for none
  lun_view session_track;      // the init command that chooses what is tracked; empty for none
  lun_view connect_attributes; // name and value, each as a length-encoded string, in turn
  bool asks_server_public_key; // fetch the RSA key from the server when none is given
  bool is_local;               // a unix socket: no one can listen in
  bool has_multi_statements;
  bool has_local_files; // commands may offer data, and send it when the server asks
  bool has_found_rows;
  uint32_t client_flags; // more capabilities to ask for, in the bits of the protocol
  lun_tls_mode tls;
  lun_compression compressions[LUN_COMPRESSIONS]; // the first that the server has is used
  int compression_level;                          // 0: the algorithm's own
  uint32_t compress_threshold;                    // fewer bytes travel as they are
  lun_limits limits;
  const lun_view *init_commands; // SQL run right after login, in one write
  uint32_t init_command_count;
} lun_options;

/// The limits used where an option says nothing.
extern const lun_limits LUN_DEFAULT_LIMITS;
