/// TLS over memory, sans-I/O: cipher text in, plain text out, and back.
///
/// The host feeds what it received and sends what `output` lends; the same filter serves libuv and
/// nginx, so CA files, host names and versions mean the same in both. One `lun_tls_context` per
/// configuration, one `lun_tls` per connection; a context and its connections belong to one thread.
///
///     tls = lun_tls_new(context, "db.example", &error);
///     loop: lun_tls_handshake(tls, &done, &error)    until done
///           send lun_tls_output(tls) then lun_tls_sent(tls, n); receive then lun_tls_feed(tls, …)
///     then: lun_tls_write(tls, plain) … lun_tls_read(tls, buffer, size, &count, &closed, …)
///
/// A failure ends the connection: every later call fails in the same words. The output may then
/// hold an alert, which tells the server why; send it before closing.
#pragma once

#include "base/error.h"
#include "base/view.h"

enum { LUN_TLS_FINGERPRINT_SIZE = 32 }; // SHA-256

/// What is checked about the server's certificate. The names are the manual's (--ssl-mode).
typedef enum lun_tls_verify {
  LUN_TLS_VERIFY_NONE,     // PREFERRED, REQUIRED: encrypted, whoever it is
  LUN_TLS_VERIFY_CA,       // VERIFY_CA: signed by one of our CAs
  LUN_TLS_VERIFY_IDENTITY, // VERIFY_IDENTITY: and made out to the host name we asked for
} lun_tls_verify;

/// NULL means "not given" everywhere. Without any of the ca_ options the system's trust store
/// counts, with one of them only what they name; an intermediate CA named there is trusted as it
/// stands.
typedef struct lun_tls_options {
  lun_tls_verify verify;
  bool resumes;             // goes on with earlier TLS sessions with the same server
  bool accepts_proof;       // a certificate that nobody vouches for passes, with a lun_tls_doubt()
  const char *ca_file;      // PEM bundle
  const char *ca_path;      // folder made by `openssl rehash`
  const char *ca_pem;       // PEM text instead of a file
  const char *crl_file;     // PEM bundle of revocation lists; each CA that signs must have one
  const char *crl_path;     // folder of them, made by `openssl rehash`
  const char *cert_file;    // our own certificate, PEM, followed by its chain
  const char *cert_pem;     // PEM text instead of a file
  const char *key_file;     // its key, PEM; when not given, it is with the certificate
  const char *key_pem;      // PEM text instead of a file
  const char *key_password; // of an encrypted key

  const char *ciphers;      // of TLS 1.2, OpenSSL's list
  const char *ciphersuites; // of TLS 1.3, names with colons between them
  const char *min_version;  // "TLSv1.2", which is also the default, or "TLSv1.3"
  const char *max_version;

  // Lists with commas or spaces between them. The server's certificate must be one of them,
  // whatever `verify` says, and then counts as verified.
  const char *fingerprint;    // SHA-256 of the certificate, hexadecimal
  const char *public_key_pin; // "sha256//" and the base64 of SHA-256 of its public key
} lun_tls_options;

typedef struct lun_tls_context lun_tls_context; // reference-counted
typedef struct lun_tls lun_tls;

/// Returns a context owned by the caller, NULL on failure with `error` naming the file or option.
/// Borrows `options` for the call only.
lun_tls_context *lun_tls_context_new(const lun_tls_options *options, lun_error *error);

/// Whether a file or folder that the context was made of is another one by now (time, size, inode).
bool lun_tls_context_is_stale(const lun_tls_context *context);

/// Gives up the caller's reference; connections keep theirs.
void lun_tls_context_free(lun_tls_context *context);

/// Returns a client for one connection. `server_name` may be an IP address. A name is sent as SNI;
/// either is checked under LUN_TLS_VERIFY_IDENTITY, against the certificate's alternative names, or
/// its common name when it has none of those; a wildcard stands for one whole label.
lun_tls *lun_tls_new(lun_tls_context *context, const char *server_name, lun_error *error);
void lun_tls_free(lun_tls *tls);

/// Takes the handshake as far as the bytes fed so far allow; `*done` says whether it is finished.
/// On failure `error` says why in words ("certificate verify failed: it is made out to db.example,
/// not to localhost"), and names the option that helps.
lun_status lun_tls_handshake(lun_tls *tls, bool *done, lun_error *error);

/// Copies received cipher text in.
lun_status lun_tls_feed(lun_tls *tls, lun_view received, lun_error *error);

/// Decrypts up to `size` bytes into `buffer`; `*count` is less when more cipher text is needed.
/// `*closed` is set when the peer ended the TLS session (close_notify). What was decrypted before a
/// failure is handed out first, the failure by the next call.
lun_status lun_tls_read(
    lun_tls *tls, uint8_t *buffer, size_t size, size_t *count, bool *closed, lun_error *error);

/// Encrypts all of `plain`.
lun_status lun_tls_write(lun_tls *tls, lun_view plain, lun_error *error);

/// Ends our side of the session: puts a close_notify into the output, once.
void lun_tls_close(lun_tls *tls);

/// Lends the cipher text waiting to be sent. Valid until the next call on `tls`.
lun_view lun_tls_output(lun_tls *tls);

/// Forgets the first `count` bytes of the output.
void lun_tls_sent(lun_tls *tls, size_t count);

/// Whether the handshake is done and the certificate was verified, by a CA or by a pin (for the
/// secrets gate).
bool lun_tls_is_verified(const lun_tls *tls);

/// Why the certificate is not verified although it should be, a sentence, where `accepts_proof` let
/// it pass: who connects must see by other means that the server is no impostor. NULL else.
const char *lun_tls_doubt(const lun_tls *tls);

/// Whether an earlier TLS session goes on.
bool lun_tls_is_resumed(const lun_tls *tls);

/// Writes the SHA-256 of the server's certificate (DER); false before the certificate is there. For
/// pinning, and for servers that prove who they are with the password (MariaDB 11.4).
bool lun_tls_fingerprint(const lun_tls *tls, uint8_t fingerprint[LUN_TLS_FINGERPRINT_SIZE]);

/// The protocol and cipher in use, such as "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; static strings,
/// empty before the handshake is done.
const char *lun_tls_version(const lun_tls *tls);
const char *lun_tls_cipher(const lun_tls *tls);
