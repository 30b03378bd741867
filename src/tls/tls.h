/// TLS over memory BIOs, sans-I/O: cipher text in, plain text out, and back.
///
/// The host feeds what it received and sends what `output` lends; the same filter serves libuv and
/// nginx, so CA files, host names and versions mean the same in both. One `lun_tls_context` per
/// configuration, one `lun_tls` per connection.
///
///     tls = lun_tls_new(context, "db.example", &error);
///     loop: lun_tls_handshake(tls, &done, &error)    until done
///           send lun_tls_output(tls) then lun_tls_sent(tls, n); receive then lun_tls_feed(tls, …)
///     then: lun_tls_write(tls, plain) … lun_tls_read(tls, buffer, size, &count)
#pragma once

#include "base/error.h"
#include "base/view.h"

/// What is checked about the server's certificate. The names are the manual's (--ssl-mode).
typedef enum lun_tls_verify {
  LUN_TLS_VERIFY_NONE,     // PREFERRED, REQUIRED: encrypted, whoever it is
  LUN_TLS_VERIFY_CA,       // VERIFY_CA: signed by one of our CAs
  LUN_TLS_VERIFY_IDENTITY, // VERIFY_IDENTITY: and made out to the host name we asked for
} lun_tls_verify;

typedef struct lun_tls_options {
  lun_tls_verify verify;
  const char *ca_file; // PEM bundle; NULL means the system's trust store
  const char *ca_path; // hashed folder; NULL for none
  const char *ca_pem;  // PEM text instead of a file; NULL for none
} lun_tls_options;

typedef struct lun_tls_context lun_tls_context; // reference-counted, immutable once made
typedef struct lun_tls lun_tls;

/// Returns a context owned by the caller, NULL on failure with `error` naming the file or option.
/// TLS 1.2 is the oldest version spoken.
lun_tls_context *lun_tls_context_new(const lun_tls_options *options, lun_error *error);
void lun_tls_context_free(lun_tls_context *context);

/// Returns a client for one connection. `server_name` is sent as SNI when it is a name and checked
/// (X509_check_host / X509_check_ip, no partial wildcards) under LUN_TLS_VERIFY_IDENTITY; it may be
/// an IP address. Keeps its own reference to `context`.
lun_tls *lun_tls_new(lun_tls_context *context, const char *server_name, lun_error *error);
void lun_tls_free(lun_tls *tls);

/// Takes the handshake as far as the bytes fed so far allow; `*done` says whether it is finished.
/// On failure `error` says why in words ("certificate verify failed: unable to get local issuer
/// certificate", "… is made out to db.example, not localhost"), and tells the option that helps.
lun_status lun_tls_handshake(lun_tls *tls, bool *done, lun_error *error);

/// Copies received cipher text in.
lun_status lun_tls_feed(lun_tls *tls, lun_view received, lun_error *error);

/// Decrypts up to `size` bytes into `buffer`; `*count` is 0 when more cipher text is needed.
/// `*closed` is set when the peer ended the TLS session (close_notify).
lun_status lun_tls_read(
    lun_tls *tls, uint8_t *buffer, size_t size, size_t *count, bool *closed, lun_error *error);

/// Encrypts all of `plain`.
lun_status lun_tls_write(lun_tls *tls, lun_view plain, lun_error *error);

/// Lends the cipher text waiting to be sent. Valid until the next call on `tls`.
lun_view lun_tls_output(lun_tls *tls);

/// Forgets the first `count` bytes of the output.
void lun_tls_sent(lun_tls *tls, size_t count);

/// Whether the certificate was verified at least against a CA (for the secrets gate).
bool lun_tls_is_verified(const lun_tls *tls);

/// The protocol and cipher in use, such as "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; static strings.
const char *lun_tls_version(const lun_tls *tls);
const char *lun_tls_cipher(const lun_tls *tls);
