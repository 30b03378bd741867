#include "mysql/auth/rsa.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <limits.h>

enum { LEAST_BITS = 2048, MOST_BITS = 16384, OAEP_OVERHEAD = 42 };

static EVP_PKEY *read_key(lun_view pem, lun_error *error) {
  EVP_PKEY *key = NULL;
  BIO *bio = pem.size <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;
  if (bio) {
    key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
  }
  ERR_clear_error();
  if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= LEAST_BITS
      && EVP_PKEY_get_bits(key) <= MOST_BITS) {
    return key;
  }
  EVP_PKEY_free(key);
  lun_error_set(error,
                LUN_ERR_AUTH,
                "the server's public key is not an RSA key of %d to %d bits in PEM form",
                LEAST_BITS,
                MOST_BITS);
  return NULL;
}

// Everyone who can read the line sees the scramble: the XOR hides nothing, it only ties the
// answer to this login.
static void mask_password(const lun_mysql_auth *auth, uint8_t *plain) {
  memcpy(plain, auth->password.data, auth->password.size);
  plain[auth->password.size] = 0;
  for (size_t i = 0; i <= auth->password.size; i++) {
    plain[i] ^= auth->scramble[i % LUN_MYSQL_SCRAMBLE];
  }
}

static bool encrypt(EVP_PKEY *key, lun_view plain, lun_buffer *response) {
  size_t size = (size_t)EVP_PKEY_get_size(key);
  uint8_t *to = lun_buffer_reserve(response, size);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  bool is_done = to && context && EVP_PKEY_encrypt_init(context) > 0
                 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0
                 && EVP_PKEY_encrypt(context, to, &size, plain.data, plain.size) > 0;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  response->size += is_done ? size : 0;
  return is_done;
}

lun_status lun_mysql_rsa_password(const lun_mysql_auth *auth,
                                  lun_view pem,
                                  lun_buffer *response,
                                  lun_error *error) {
  EVP_PKEY *key = read_key(pem, error);
  if (!key) {
    return error->status;
  }
  uint8_t plain[MOST_BITS / 8];
  size_t size = auth->password.size + 1;
  lun_status status = LUN_OK;
  if (size + OAEP_OVERHEAD > (size_t)EVP_PKEY_get_size(key)) {
    status = lun_error_set(
        error, LUN_ERR_AUTH, "the password is too long for the server's RSA key: connect with TLS");
  } else {
    mask_password(auth, plain);
    if (!encrypt(key, (lun_view){plain, size}, response)) {
      status = lun_error_set(error, LUN_ERR_AUTH, "OpenSSL could not encrypt the password");
    }
    OPENSSL_cleanse(plain, size);
  }
  EVP_PKEY_free(key);
  return status;
}
