// client_ed25519: an Ed25519 signature of the scramble. The key is SHA512(password), where others
// hash a seed, so OpenSSL's EVP cannot sign with it: libsodium's arithmetic does.
#include "mysql/auth/plugin.h"

#ifdef LUNASA_SODIUM

#  include <openssl/crypto.h>
#  include <openssl/evp.h>
#  include <openssl/sha.h>

#  include <sodium/crypto_core_ed25519.h>
#  include <sodium/crypto_scalarmult_ed25519.h>

enum {
  POINT = crypto_core_ed25519_BYTES,
  SCALAR = crypto_core_ed25519_SCALARBYTES,
};

// Secret scalar, the prefix that makes nonces, and the public key (RFC 8032, section 5.1.5).
typedef struct ed25519_key {
  uint8_t scalar[SCALAR];
  uint8_t prefix[SCALAR];
  uint8_t public_key[POINT];
} ed25519_key;

// The caller cleanses the key.
static bool derive(lun_view password, ed25519_key *key) {
  uint8_t hash[SHA512_DIGEST_LENGTH] = {0};
  bool is_done = EVP_Digest(password.data, password.size, hash, NULL, EVP_sha512(), NULL) == 1;
  memcpy(key->scalar, hash, SCALAR);
  memcpy(key->prefix, hash + SCALAR, SCALAR);
  OPENSSL_cleanse(hash, sizeof hash);
  key->scalar[0] &= 0xf8;
  key->scalar[SCALAR - 1] &= 0x7f;
  key->scalar[SCALAR - 1] |= 0x40;
  return is_done && crypto_scalarmult_ed25519_base_noclamp(key->public_key, key->scalar) == 0;
}

// SHA-512 of two or three parts, as a scalar.
static bool hash_to_scalar(const lun_view *parts, size_t count, uint8_t *scalar) {
  uint8_t hash[SHA512_DIGEST_LENGTH] = {0};
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool is_done = context && EVP_DigestInit_ex(context, EVP_sha512(), NULL);
  for (size_t i = 0; is_done && i < count; i++) {
    is_done = EVP_DigestUpdate(context, parts[i].data, parts[i].size) == 1;
  }
  is_done = is_done && EVP_DigestFinal_ex(context, hash, NULL);
  EVP_MD_CTX_free(context);
  crypto_core_ed25519_scalar_reduce(scalar, hash);
  OPENSSL_cleanse(hash, sizeof hash);
  return is_done;
}

// Section 5.1.6: R, then S = r + SHA512(R, A, M) a.
static bool sign(const ed25519_key *key, lun_view message, uint8_t *signature) {
  uint8_t nonce[SCALAR] = {0};
  uint8_t challenge[SCALAR] = {0};
  lun_view secret[] = {{key->prefix, sizeof key->prefix}, message};
  bool is_done = hash_to_scalar(secret, 2, nonce)
                 && crypto_scalarmult_ed25519_base_noclamp(signature, nonce) == 0;
  lun_view open[] = {{signature, POINT}, {key->public_key, POINT}, message};
  is_done = is_done && hash_to_scalar(open, 3, challenge);
  if (is_done) {
    uint8_t product[SCALAR];
    crypto_core_ed25519_scalar_mul(product, challenge, key->scalar);
    crypto_core_ed25519_scalar_add(signature + POINT, product, nonce);
    OPENSSL_cleanse(product, sizeof product);
  }
  OPENSSL_cleanse(nonce, sizeof nonce);
  return is_done;
}

// An account without a password is signed for as well: its key is that of the empty one.
static lun_status begin(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  ed25519_key key = {0};
  uint8_t signature[POINT + SCALAR] = {0};
  bool is_done = derive(auth->password, &key)
                 && sign(&key, (lun_view){auth->scramble, LUN_MYSQL_LONG_SCRAMBLE}, signature);
  if (is_done) {
    lun_buffer_append(response, signature, sizeof signature);
  }
  OPENSSL_cleanse(&key, sizeof key);
  return is_done ? LUN_OK : lun_error_set(error, LUN_ERR_AUTH, "OpenSSL offers no SHA-512");
}

// The public key: mysql.global_priv has it.
static lun_status proof_key(const lun_mysql_auth *auth, lun_buffer *out, lun_error *error) {
  ed25519_key key = {0};
  bool is_done = derive(auth->password, &key);
  if (is_done) {
    lun_buffer_append(out, key.public_key, sizeof key.public_key);
  }
  OPENSSL_cleanse(&key, sizeof key);
  return is_done ? LUN_OK : lun_error_set(error, LUN_ERR_AUTH, "OpenSSL offers no SHA-512");
}

#else

static lun_status begin(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  (void)auth;
  (void)response;
  return lun_error_set(error,
                       LUN_ERR_UNSUPPORTED,
                       "the account uses client_ed25519, and this lunasa was built without "
                       "libsodium: install libsodium-dev and build it again");
}

#  define proof_key NULL

#endif

const lun_mysql_auth_plugin LUN_MYSQL_CLIENT_ED25519 = {
    .name = "client_ed25519",
    .secrecy = LUN_MYSQL_PROVES,
    .scramble_size = LUN_MYSQL_LONG_SCRAMBLE,
    .begin = begin,
    .proof_key = proof_key,
};
