// caching_sha2_password: a digest when the server remembers the account, else the password itself
// over TLS, a unix socket, or under the server's RSA key.
#include "mysql/auth/digest.h"
#include "mysql/auth/password.h"
#include "mysql/auth/rsa.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

enum {
  FAST_OK = 0x03,
  FULL_AUTHENTICATION = 0x04,
  REQUEST_PUBLIC_KEY = 0x02,
};

enum stage { STAGE_DIGEST, STAGE_PASSWORD, STAGE_KEY };

// SHA256(password) XOR SHA256(SHA256(SHA256(password)) + scramble): digest first, scramble behind.
static lun_status begin(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  auth->stage = STAGE_DIGEST;
  if (auth->password.size == 0) {
    return LUN_OK; // an empty password is an empty answer
  }
  uint8_t first[SHA256_DIGEST_LENGTH] = {0};
  uint8_t salted[SHA256_DIGEST_LENGTH + LUN_MYSQL_SCRAMBLE] = {0};
  uint8_t mask[SHA256_DIGEST_LENGTH] = {0};
  const EVP_MD *sha256 = lun_mysql_sha256();
  bool is_done = EVP_Digest(auth->password.data, auth->password.size, first, NULL, sha256, NULL)
                 && EVP_Digest(first, sizeof first, salted, NULL, sha256, NULL);
  memcpy(salted + SHA256_DIGEST_LENGTH, auth->scramble, LUN_MYSQL_SCRAMBLE);
  is_done = is_done && EVP_Digest(salted, sizeof salted, mask, NULL, sha256, NULL);
  for (size_t i = 0; i < sizeof mask; i++) {
    mask[i] ^= first[i];
  }
  if (is_done) {
    lun_buffer_append(response, mask, sizeof mask);
  }
  OPENSSL_cleanse(first, sizeof first);
  OPENSSL_cleanse(salted, sizeof salted);
  OPENSSL_cleanse(mask, sizeof mask);
  return is_done ? LUN_OK : lun_error_set(error, LUN_ERR_AUTH, "OpenSSL offers no SHA-256");
}

static lun_status more(
    lun_mysql_auth *auth, lun_view data, lun_buffer *response, bool *has_answer, lun_error *error) {
  *has_answer = false;
  if (auth->stage == STAGE_KEY) {
    auth->stage = STAGE_PASSWORD;
    *has_answer = true;
    return lun_mysql_rsa_password(auth, data, response, error);
  }
  if (auth->stage == STAGE_DIGEST && data.size == 1 && data.data[0] == FAST_OK) {
    auth->stage = STAGE_PASSWORD; // an OK follows, and nothing else may
    return LUN_OK;
  }
  if (auth->stage == STAGE_DIGEST && data.size == 1 && data.data[0] == FULL_AUTHENTICATION) {
    bool asks_key = false;
    *has_answer = true;
    lun_status status = lun_mysql_password(auth, REQUEST_PUBLIC_KEY, response, &asks_key, error);
    auth->stage = asks_key ? STAGE_KEY : STAGE_PASSWORD;
    return status;
  }
  return lun_error_set(
      error, LUN_ERR_PROTOCOL, "malformed packet: unexpected data in caching_sha2_password");
}

const lun_mysql_auth_plugin LUN_MYSQL_CACHING_SHA2_PASSWORD = {
    .name = "caching_sha2_password",
    .secrecy = LUN_MYSQL_NEEDS_TLS_OR_SOCKET,
    .scramble_size = LUN_MYSQL_SCRAMBLE,
    .answers_greeting = true,
    .begin = begin,
    .more = more,
};
