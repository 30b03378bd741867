#include "tls/internal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>

static const char SEPARATORS[] = ", \t\r\n";

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  char lower = (char)(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Reads 64 hexadecimal digits, with or without colons between the bytes.
static bool read_fingerprint(const char *text, size_t size, uint8_t *digest) {
  size_t at = 0;
  for (size_t i = 0; i < LUN_TLS_FINGERPRINT_SIZE; i++) {
    if (i > 0 && at < size && text[at] == ':') {
      at++;
    }
    int high = at + 1 < size ? hex_digit(text[at]) : -1;
    int low = at + 1 < size ? hex_digit(text[at + 1]) : -1;
    if (high < 0 || low < 0) {
      return false;
    }
    digest[i] = (uint8_t)(high << 4 | low);
    at += 2;
  }
  return at == size;
}

// Reads "sha256//" and the 44 characters of base64.
static bool read_public_key_pin(const char *text, size_t size, uint8_t *digest) {
  enum { PREFIX = 8, TEXT = 44, BLOCK = TEXT / 4 * 3 };
  uint8_t block[BLOCK];
  if (size != PREFIX + TEXT || memcmp(text, "sha256//", PREFIX) != 0 || text[size - 1] != '='
      || EVP_DecodeBlock(block, (const uint8_t *)text + PREFIX, TEXT) != BLOCK) {
    return false;
  }
  memcpy(digest, block, LUN_TLS_FINGERPRINT_SIZE);
  return true;
}

typedef bool (*pin_reader)(const char *text, size_t size, uint8_t *digest);

static bool read_list(lun_tls_pins *pins, const char *list, pin_reader read) {
  size_t start = pins->count;
  for (list += strspn(list, SEPARATORS); *list; list += strspn(list, SEPARATORS)) {
    size_t size = strcspn(list, SEPARATORS);
    if (pins->count == LUN_TLS_MAX_PINS || !read(list, size, pins->digests[pins->count])) {
      return false;
    }
    pins->count++;
    list += size;
  }
  return pins->count > start;
}

bool lun_tls_set_pins(lun_tls_context *context, const lun_tls_options *options, lun_error *error) {
  if (options->fingerprint
      && !read_list(&context->fingerprints, options->fingerprint, read_fingerprint)) {
    lun_error_set(error,
                  LUN_ERR_ARGUMENT,
                  "fingerprint must be one or up to %d SHA-256 fingerprints of 64 hexadecimal "
                  "digits each, not \"%.100s\"",
                  LUN_TLS_MAX_PINS,
                  options->fingerprint);
    return false;
  }
  if (options->public_key_pin
      && !read_list(&context->public_keys, options->public_key_pin, read_public_key_pin)) {
    lun_error_set(error,
                  LUN_ERR_ARGUMENT,
                  "public_key_pin must be one or up to %d pins such as \"sha256//\" and 44 "
                  "characters of base64, not \"%.100s\"",
                  LUN_TLS_MAX_PINS,
                  options->public_key_pin);
    return false;
  }
  return true;
}

bool lun_tls_has_pins(const lun_tls_context *context) {
  return context->fingerprints.count > 0 || context->public_keys.count > 0;
}

static bool has_digest(const lun_tls_pins *pins, const uint8_t *digest) {
  bool is_found = false;
  for (size_t i = 0; i < pins->count; i++) {
    is_found |= CRYPTO_memcmp(pins->digests[i], digest, LUN_TLS_FINGERPRINT_SIZE) == 0;
  }
  return is_found;
}

static void print_fingerprint(const uint8_t *digest, char text[LUN_TLS_NAMES_SIZE]) {
  for (size_t i = 0; i < LUN_TLS_FINGERPRINT_SIZE; i++) {
    snprintf(text + 2 * i, 3, "%02x", digest[i]);
  }
}

static lun_status
refuse(lun_error *error, const char *option, const char *what, const char *shown) {
  return lun_error_set(error,
                       LUN_ERR_TLS,
                       "certificate verify failed: its %s is %s, which is not among those given "
                       "(ssl.%s)",
                       what,
                       shown,
                       option);
}

lun_status
lun_tls_check_pins(const lun_tls_context *context, const X509 *certificate, lun_error *error) {
  uint8_t digest[LUN_TLS_FINGERPRINT_SIZE];
  char shown[LUN_TLS_NAMES_SIZE] = "sha256//";
  if (!lun_tls_has_pins(context)) {
    return LUN_OK;
  }
  if (!certificate) {
    return lun_error_set(
        error, LUN_ERR_TLS, "certificate verify failed: the server shows none, and one is pinned");
  }
  const EVP_MD *sha256 = EVP_sha256();
  if (context->fingerprints.count > 0) {
    bool is_made = X509_digest(certificate, sha256, digest, NULL);
    if (!is_made || !has_digest(&context->fingerprints, digest)) {
      print_fingerprint(digest, shown);
      return refuse(error, "fingerprint", "fingerprint", is_made ? shown : "unknown");
    }
  }
  if (context->public_keys.count > 0) {
    uint8_t *key = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    bool is_made = size > 0 && EVP_Digest(key, (size_t)size, digest, NULL, sha256, NULL);
    OPENSSL_free(key);
    if (!is_made || !has_digest(&context->public_keys, digest)) {
      memcpy(shown, "sha256//", sizeof "sha256//");
      EVP_EncodeBlock((uint8_t *)shown + 8, digest, sizeof digest);
      return refuse(error, "public_key_pin", "public key", is_made ? shown : "unknown");
    }
  }
  return LUN_OK;
}
