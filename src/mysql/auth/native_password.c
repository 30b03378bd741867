// mysql_native_password: SHA1(password) XOR SHA1(scramble, SHA1(SHA1(password))).
#include "mysql/auth/digest.h"
#include "mysql/auth/plugin.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

static lun_status begin(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  if (auth->password.size == 0) {
    return LUN_OK; // an empty password is an empty answer
  }
  uint8_t first[SHA_DIGEST_LENGTH] = {0};
  uint8_t salted[LUN_MYSQL_SCRAMBLE + SHA_DIGEST_LENGTH] = {0};
  uint8_t mask[SHA_DIGEST_LENGTH] = {0};
  memcpy(salted, auth->scramble, LUN_MYSQL_SCRAMBLE);
  const EVP_MD *sha1 = lun_mysql_sha1();
  bool is_done = EVP_Digest(auth->password.data, auth->password.size, first, NULL, sha1, NULL)
                 && EVP_Digest(first, sizeof first, salted + LUN_MYSQL_SCRAMBLE, NULL, sha1, NULL)
                 && EVP_Digest(salted, sizeof salted, mask, NULL, sha1, NULL);
  for (size_t i = 0; i < sizeof mask; i++) {
    mask[i] ^= first[i];
  }
  if (is_done) {
    lun_buffer_append(response, mask, sizeof mask);
  }
  OPENSSL_cleanse(first, sizeof first);
  OPENSSL_cleanse(salted, sizeof salted);
  OPENSSL_cleanse(mask, sizeof mask);
  return is_done ? LUN_OK : lun_error_set(error, LUN_ERR_AUTH, "OpenSSL offers no SHA-1");
}

// SHA1(SHA1(password)): mysql.global_priv has it.
static lun_status proof_key(const lun_mysql_auth *auth, lun_buffer *out, lun_error *error) {
  uint8_t first[SHA_DIGEST_LENGTH] = {0};
  uint8_t second[SHA_DIGEST_LENGTH] = {0};
  const EVP_MD *sha1 = lun_mysql_sha1();
  bool is_done = EVP_Digest(auth->password.data, auth->password.size, first, NULL, sha1, NULL)
                 && EVP_Digest(first, sizeof first, second, NULL, sha1, NULL);
  if (is_done) {
    lun_buffer_append(out, second, sizeof second);
  }
  OPENSSL_cleanse(first, sizeof first);
  OPENSSL_cleanse(second, sizeof second);
  return is_done ? LUN_OK : lun_error_set(error, LUN_ERR_AUTH, "OpenSSL offers no SHA-1");
}

const lun_mysql_auth_plugin LUN_MYSQL_NATIVE_PASSWORD = {
    .name = "mysql_native_password",
    .secrecy = LUN_MYSQL_PROVES,
    .scramble_size = LUN_MYSQL_SCRAMBLE,
    .answers_greeting = true,
    .begin = begin,
    .proof_key = proof_key,
};
