/// What the host knows of the TLS that it put around a session.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LUN_FINGERPRINT_SIZE = 32 }; // SHA-256

/// The strings are borrowed for the call.
typedef struct lun_encryption {
  bool is_verified;    // the server's certificate, by an authority or a pin
  bool needs_proof;    // it is not, and must be, unless the server proves itself in the login
  bool is_resumed;     // an earlier TLS session goes on
  const char *doubt;   // with needs_proof: why it is not verified, a sentence; else NULL
  const char *version; // "TLSv1.3"; NULL or empty: unknown
  const char *cipher;
  uint8_t fingerprint[LUN_FINGERPRINT_SIZE]; // SHA-256 of the certificate
} lun_encryption;
