// parsec (MariaDB 11.6): the password becomes an Ed25519 key by PBKDF2 with the account's salt,
// which the server tells when asked; both scrambles are signed.
#include "mysql/auth/plugin.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <limits.h>

enum stage { STAGE_SALT, STAGE_SIGNED };

enum {
  ALGORITHM = 'P', // PBKDF2 with HMAC-SHA512
  SALT = 18,
  PARAMETERS = 2 + SALT, // 'P', iterations, salt
  KEY = 32,
  SIGNATURE = 64,
  LEAST_ITERATIONS = 1024,
  MOST_DOUBLINGS = 3, // more would be the server's way to keep our processor busy
};

_Static_assert(PARAMETERS + KEY == LUN_MYSQL_AUTH_KEPT, "room for what the server keeps");

// No answer yet: an empty packet asks for the salt.
static lun_status begin(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  (void)response;
  (void)error;
  auth->stage = STAGE_SALT;
  return LUN_OK;
}

static EVP_PKEY *derive(lun_view password, const uint8_t *parameters) {
  uint8_t seed[KEY] = {0};
  EVP_PKEY *key = NULL;
  const char *text = password.size > 0 ? (const char *)password.data : "";
  if (password.size <= INT_MAX
      && PKCS5_PBKDF2_HMAC(text,
                           (int)password.size,
                           parameters + 2,
                           SALT,
                           LEAST_ITERATIONS << parameters[1],
                           EVP_sha512(),
                           sizeof seed,
                           seed)) {
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
  }
  OPENSSL_cleanse(seed, sizeof seed);
  return key;
}

static bool sign(EVP_PKEY *key, lun_view message, uint8_t *signature) {
  size_t size = SIGNATURE;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool is_done = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) > 0
                 && EVP_DigestSign(context, signature, &size, message.data, message.size) > 0
                 && size == SIGNATURE;
  EVP_MD_CTX_free(context);
  return is_done;
}

// Our own scramble, then the signature of the server's and ours.
static lun_status
answer(lun_mysql_auth *auth, const uint8_t *parameters, lun_buffer *response, lun_error *error) {
  uint8_t scrambles[2 * LUN_MYSQL_LONG_SCRAMBLE];
  uint8_t signature[SIGNATURE];
  uint8_t *ours = scrambles + LUN_MYSQL_LONG_SCRAMBLE;
  size_t size = KEY;
  memcpy(scrambles, auth->scramble, LUN_MYSQL_LONG_SCRAMBLE);
  memcpy(auth->kept, parameters, PARAMETERS);
  EVP_PKEY *key = derive(auth->password, parameters);
  bool is_done = key && EVP_PKEY_get_raw_public_key(key, auth->kept + PARAMETERS, &size) > 0
                 && RAND_bytes(ours, LUN_MYSQL_LONG_SCRAMBLE) == 1
                 && sign(key, (lun_view){scrambles, sizeof scrambles}, signature);
  EVP_PKEY_free(key); // cleanses it
  if (!is_done) {
    return lun_error_set(error, LUN_ERR_AUTH, "OpenSSL could not sign for parsec");
  }
  lun_buffer_append(response, ours, LUN_MYSQL_LONG_SCRAMBLE);
  lun_buffer_append(response, signature, sizeof signature);
  return LUN_OK;
}

static lun_status more(
    lun_mysql_auth *auth, lun_view data, lun_buffer *response, bool *has_answer, lun_error *error) {
  if (auth->stage != STAGE_SALT) {
    return lun_error_set(error, LUN_ERR_PROTOCOL, "malformed packet: unexpected data in parsec");
  }
  if (data.size != PARAMETERS || data.data[0] != ALGORITHM) {
    return lun_error_set(error, LUN_ERR_PROTOCOL, "malformed packet: no salt of parsec");
  }
  if (data.data[1] > MOST_DOUBLINGS) {
    return lun_error_set(error,
                         LUN_ERR_LIMIT,
                         "the server wants more than %d iterations for parsec",
                         LEAST_ITERATIONS << MOST_DOUBLINGS);
  }
  auth->stage = STAGE_SIGNED;
  *has_answer = true;
  return answer(auth, data.data, response, error);
}

// 'P', iterations, salt and public key: mysql.global_priv has them.
static lun_status proof_key(const lun_mysql_auth *auth, lun_buffer *out, lun_error *error) {
  if (auth->stage != STAGE_SIGNED) {
    return lun_error_set(error, LUN_ERR_AUTH, "parsec was not asked for a signature");
  }
  lun_buffer_append(out, auth->kept, sizeof auth->kept);
  return LUN_OK;
}

const lun_mysql_auth_plugin LUN_MYSQL_PARSEC = {
    .name = "parsec",
    .secrecy = LUN_MYSQL_PROVES,
    .scramble_size = LUN_MYSQL_LONG_SCRAMBLE,
    .takes_raw_data = true,
    .begin = begin,
    .more = more,
    .proof_key = proof_key,
};
