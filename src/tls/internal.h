/// What the files of this folder share.
#pragma once

#include "base/buffer.h"
#include "tls/tls.h"

#include <openssl/ssl.h>

#include <time.h>

enum { LUN_TLS_MAX_PINS = 16, LUN_TLS_MOST_KEPT = 8, LUN_TLS_MOST_FILES = 6 };

/// SHA-256 digests, any of which will do.
typedef struct lun_tls_pins {
  uint8_t digests[LUN_TLS_MAX_PINS][LUN_TLS_FINGERPRINT_SIZE];
  size_t count;
} lun_tls_pins;

/// A TLS session that may be gone on with; empty when `session` is NULL.
typedef struct lun_tls_kept {
  SSL_SESSION *session;
  char *server_name;
} lun_tls_kept;

/// A file or folder as it was when it was read; `path` is NULL for none.
typedef struct lun_tls_file {
  char *path;
  uint64_t inode;
  int64_t size; // -1: it was not there
  struct timespec changed;
} lun_tls_file;

struct lun_tls_context {
  SSL_CTX *settings;
  BIO_METHOD *transport; // the OpenSSL face of lun_tls.input and .output (transport.c)
  lun_tls_verify verify;
  bool accepts_proof;
  lun_tls_pins fingerprints; // of certificates (DER)
  lun_tls_pins public_keys;  // of their SubjectPublicKeyInfo
  lun_tls_kept kept[LUN_TLS_MOST_KEPT];
  size_t next_kept; // counts on; modulo LUN_TLS_MOST_KEPT the next to be replaced
  lun_tls_file files[LUN_TLS_MOST_FILES];
  size_t references; // the caller's and one per connection
};

typedef enum lun_tls_state {
  LUN_TLS_HANDSHAKING,
  LUN_TLS_OPEN,
  LUN_TLS_ENDED,  // by the peer's close_notify; we may still write
  LUN_TLS_FAILED, // `failure` says why
} lun_tls_state;

enum { LUN_TLS_MAX_SERVER_NAME = 255 }; // of DNS, and of SNI

struct lun_tls {
  SSL *ssl;
  lun_tls_context *context;
  lun_tls_state state;
  lun_buffer input; // cipher text received, `input_taken` of it decrypted
  size_t input_taken;
  lun_buffer output; // cipher text to send, `output_sent` of it sent
  size_t output_sent;
  char server_name[LUN_TLS_MAX_SERVER_NAME + 1]; // empty when none was given
  lun_error doubt;   // of a certificate that passed although nobody vouches for it
  lun_error failure; // set when something went wrong, by the certificate check as soon as it did
};

/// Each sets what its file is about in a new context. False on failure, with `error` naming the
/// option.
bool lun_tls_set_protocol(SSL_CTX *settings, const lun_tls_options *options, lun_error *error);
bool lun_tls_set_authorities(SSL_CTX *settings, const lun_tls_options *options, lun_error *error);
bool lun_tls_set_own_certificate(SSL_CTX *settings,
                                 const lun_tls_options *options,
                                 lun_error *error);
bool lun_tls_set_pins(lun_tls_context *context, const lun_tls_options *options, lun_error *error);

/// Says which option could not be used, with its `value` when that is a path, and OpenSSL's reason.
/// Returns false.
bool lun_tls_refuse_option(lun_error *error, const char *option, const char *value);

bool lun_tls_has_pins(const lun_tls_context *context);

/// Compares the server's certificate, maybe NULL, with the pins; LUN_OK when there are none.
lun_status
lun_tls_check_pins(const lun_tls_context *context, const X509 *certificate, lun_error *error);

/// Makes the context keep the last few sessions that servers let it go on with.
void lun_tls_keep_sessions(lun_tls_context *context);
void lun_tls_forget_sessions(lun_tls_context *context);

/// Offers the server to go on with a session that we had with it, if there is one.
void lun_tls_offer_session(lun_tls *tls);

/// After the handshake: a session that goes on shows no certificate, so what was found out about it
/// is looked at again. On failure `tls->failure` says why.
lun_status lun_tls_check_resumed(lun_tls *tls);

/// Notes what the files of `options` are, before they are read. False when out of memory.
bool lun_tls_remember_files(lun_tls_context *context, const lun_tls_options *options);
void lun_tls_forget_files(lun_tls_context *context);

/// Returns the BIO method for `lun_tls` objects, owned by the caller; it must outlive every SSL
/// that uses it. NULL when there is no memory.
BIO_METHOD *lun_tls_transport_new(void);

/// Connects `tls->ssl` with the buffers of `tls`.
bool lun_tls_transport_attach(lun_tls *tls);

/// Checks the server's certificate, instead of OpenSSL's own function of this shape: the same
/// check, and `tls->failure` says in words what is wrong. `context` is the lun_tls_context.
int lun_tls_check_certificate(X509_STORE_CTX *store, void *context);

/// Makes `tls` check that the certificate is made out to `server_name`, and ask for that name.
lun_status lun_tls_set_server_name(lun_tls *tls, const char *server_name, lun_error *error);

enum { LUN_TLS_NAMES_SIZE = 256 };

/// Writes the names that `certificate` is made out to, cut when there are many; never empty.
void lun_tls_print_names(const X509 *certificate, char names[LUN_TLS_NAMES_SIZE]);

/// Writes the common name of `name`, else all of it.
void lun_tls_print_name(const X509_NAME *name, char text[LUN_TLS_NAMES_SIZE]);

/// Forgets the errors that others left in OpenSSL's queue, which is the thread's, not ours.
void lun_tls_clear_errors(void);

/// Empties OpenSSL's queue into `error`, in words: "<what> failed: <why>". Returns the status.
lun_status lun_tls_take_error(lun_error *error, const char *what);
