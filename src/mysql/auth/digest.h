/// Hash functions of OpenSSL, looked up once: looking one up costs more than what is hashed here.
#pragma once

#include <openssl/evp.h>

/// NULL when OpenSSL offers none; EVP_Digest() fails with that.
const EVP_MD *lun_mysql_sha1(void);
const EVP_MD *lun_mysql_sha256(void);
