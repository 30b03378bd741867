#include "tls/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>

// Without a callback OpenSSL would ask on the terminal.
static int give_password(char *buffer, int size, int is_writing, void *password) {
  (void)is_writing;
  int length = 0;
  for (const char *c = password; c && *c; c++) {
    if (length == size) {
      return -1;
    }
    buffer[length++] = *c;
  }
  return length > 0 ? length : -1;
}

// What a handler of PEM texts needs: where the certificate or key goes, and which option it is.
typedef struct pem_target {
  SSL_CTX *settings;
  lun_error *error;
  const char *option; // its name, for errors
  const char *path;   // NULL for a text
} pem_target;

static bool refuse(const pem_target *target) {
  return lun_tls_refuse_option(target->error, target->option, target->path);
}

// The rest of a PEM text: the CAs between our certificate and one that the server trusts.
static bool add_chain(const pem_target *target, BIO *text) {
  X509 *next;
  while ((next = PEM_read_bio_X509(text, NULL, give_password, NULL)) != NULL) {
    if (!SSL_CTX_add0_chain_cert(target->settings, next)) {
      X509_free(next);
      return refuse(target);
    }
  }
  // The end of the text shows as "no start line".
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return refuse(target);
  }
  lun_tls_clear_errors();
  return true;
}

static bool use_certificate_text(const pem_target *target, BIO *text) {
  X509 *own = PEM_read_bio_X509_AUX(text, NULL, give_password, NULL);
  bool is_used = own && SSL_CTX_use_certificate(target->settings, own);
  X509_free(own);
  return is_used ? add_chain(target, text) : refuse(target);
}

static bool use_certificate(const pem_target *target, const char *pem) {
  if (!pem) {
    return SSL_CTX_use_certificate_chain_file(target->settings, target->path) || refuse(target);
  }
  BIO *text = BIO_new_mem_buf(pem, -1);
  bool is_used = text && use_certificate_text(target, text);
  BIO_free(text);
  return is_used;
}

// Says what is wrong with a key in words of ours where OpenSSL's are about its own functions.
static bool refuse_key(const pem_target *target, const char *password) {
  unsigned long code = ERR_peek_last_error();
  int library = ERR_GET_LIB(code);
  int reason = ERR_GET_REASON(code);
  const char *why = NULL;
  if (library == ERR_LIB_X509 && reason == X509_R_KEY_VALUES_MISMATCH) {
    why = "it is not the key of the certificate";
  } else if (library == ERR_LIB_PEM && reason == PEM_R_BAD_PASSWORD_READ) {
    why = "it is encrypted, and key_password is not given";
  } else if (password && library != ERR_LIB_SYS && reason != PEM_R_NO_START_LINE) {
    why = "key_password does not open it";
  }
  if (!why) {
    return refuse(target);
  }
  lun_tls_clear_errors();
  lun_error_set(target->error,
                LUN_ERR_TLS,
                target->path ? "reading %s \"%s\" failed: %s" : "reading %s%s failed: %s",
                target->option,
                target->path ? target->path : "",
                why);
  return false;
}

static bool use_key(const pem_target *target, const char *pem, const char *password) {
  BIO *text = pem ? BIO_new_mem_buf(pem, -1) : BIO_new_file(target->path, "r");
  EVP_PKEY *key =
      text ? PEM_read_bio_PrivateKey(text, NULL, give_password, (void *)password) : NULL;
  bool is_used = key && SSL_CTX_use_PrivateKey(target->settings, key)
                 && SSL_CTX_check_private_key(target->settings);
  EVP_PKEY_free(key);
  BIO_free(text);
  return is_used || (text ? refuse_key(target, password) : refuse(target));
}

// Which options go together, before anything is read.
static bool check_pairing(const lun_tls_options *options, lun_error *error) {
  bool has_key = options->key_file || options->key_pem;
  if (options->cert_file && options->cert_pem) {
    lun_error_set(error, LUN_ERR_ARGUMENT, "cert_file and cert_pem are the same: give one of them");
  } else if (options->key_file && options->key_pem) {
    lun_error_set(error, LUN_ERR_ARGUMENT, "key_file and key_pem are the same: give one of them");
  } else if (has_key && !options->cert_file && !options->cert_pem) {
    lun_error_set(error,
                  LUN_ERR_ARGUMENT,
                  "%s needs cert_file beside it",
                  options->key_file ? "key_file" : "key_pem");
  } else {
    return true;
  }
  return false;
}

bool lun_tls_set_own_certificate(SSL_CTX *settings,
                                 const lun_tls_options *options,
                                 lun_error *error) {
  if (!check_pairing(options, error)) {
    return false;
  }
  if (!options->cert_file && !options->cert_pem) {
    return true;
  }
  pem_target certificate = {
      .settings = settings,
      .error = error,
      .option = options->cert_file ? "cert_file" : "cert_pem",
      .path = options->cert_file,
  };
  pem_target key = {.settings = settings, .error = error};
  const char *key_pem = options->key_pem;
  if (options->key_file || key_pem) {
    key.option = key_pem ? "key_pem" : "key_file";
    key.path = options->key_file;
  } else {
    key.option = options->cert_file ? "the key in cert_file" : "the key in cert_pem";
    key.path = options->cert_file;
    key_pem = options->cert_pem;
  }
  return use_certificate(&certificate, options->cert_pem)
         && use_key(&key, key_pem, options->key_password);
}
