#include "mysql/auth/digest.h"

#include <stdatomic.h>

typedef _Atomic(EVP_MD *) known_digest;

// Several threads may ask at once; they live as long as the process.
static const EVP_MD *look_up(known_digest *known, const char *name) {
  EVP_MD *digest = atomic_load_explicit(known, memory_order_acquire);
  if (digest) {
    return digest;
  }
  EVP_MD *fetched = EVP_MD_fetch(NULL, name, NULL);
  if (atomic_compare_exchange_strong(known, &digest, fetched)) {
    return fetched;
  }
  EVP_MD_free(fetched);
  return digest;
}

const EVP_MD *lun_mysql_sha1(void) {
  static known_digest known;
  return look_up(&known, "SHA1");
}

const EVP_MD *lun_mysql_sha256(void) {
  static known_digest known;
  return look_up(&known, "SHA256");
}
