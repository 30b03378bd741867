#include "tls/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <sys/stat.h>

// OpenSSL looks into a folder only when it needs something of it, so a typing error would show as
// an unknown CA.
static bool add_folder(SSL_CTX *settings, const char *option, const char *path, lun_error *error) {
  struct stat facts;
  if (stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    lun_error_set(error, LUN_ERR_TLS, "reading %s \"%s\" failed: no such folder", option, path);
    return false;
  }
  return SSL_CTX_load_verify_dir(settings, path) || lun_tls_refuse_option(error, option, path);
}

static bool add_ca_pem(SSL_CTX *settings, const char *text, lun_error *error) {
  BIO *bio = BIO_new_mem_buf(text, -1);
  size_t count = 0;
  bool is_good = bio != NULL;
  while (is_good) {
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (!certificate) {
      break;
    }
    is_good = X509_STORE_add_cert(SSL_CTX_get_cert_store(settings), certificate);
    X509_free(certificate);
    count++;
  }
  BIO_free(bio);
  // The end of the text shows as "no start line": not an error, once there was a certificate.
  is_good = is_good && count > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!is_good) {
    return lun_tls_refuse_option(error, "ca_pem", NULL);
  }
  lun_tls_clear_errors();
  return true;
}

static bool set_trusted(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  if (options->verify == LUN_TLS_VERIFY_NONE) {
    return true;
  }
  if (!options->ca_file && !options->ca_path && !options->ca_pem) {
    return SSL_CTX_set_default_verify_paths(settings)
           || lun_tls_refuse_option(error, "the system's trust store", NULL);
  }
  if (options->ca_file && !SSL_CTX_load_verify_locations(settings, options->ca_file, NULL)) {
    return lun_tls_refuse_option(error, "ca_file", options->ca_file);
  }
  if (options->ca_path && !add_folder(settings, "ca_path", options->ca_path, error)) {
    return false;
  }
  if (options->ca_pem && !add_ca_pem(settings, options->ca_pem, error)) {
    return false;
  }
  return X509_STORE_set_flags(SSL_CTX_get_cert_store(settings), X509_V_FLAG_PARTIAL_CHAIN)
         || lun_tls_refuse_option(error, "the CA options", NULL);
}

// A list of revoked certificates must be there for every certificate of the chain, and be current.
static bool set_revoked(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  if (!options->crl_file && !options->crl_path) {
    return true;
  }
  if (options->verify == LUN_TLS_VERIFY_NONE) {
    lun_error_set(error,
                  LUN_ERR_ARGUMENT,
                  "%s is of use only where the certificate is verified: with mode verify-ca or "
                  "verify-identity",
                  options->crl_file ? "crl" : "crl_path");
    return false;
  }
  X509_STORE *store = SSL_CTX_get_cert_store(settings);
  if (options->crl_file) {
    X509_LOOKUP *files = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!files || X509_load_crl_file(files, options->crl_file, X509_FILETYPE_PEM) <= 0) {
      return lun_tls_refuse_option(error, "crl", options->crl_file);
    }
  }
  if (options->crl_path && !add_folder(settings, "crl_path", options->crl_path, error)) {
    return false;
  }
  return X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK)
         || lun_tls_refuse_option(error, "the CRL options", NULL);
}

bool lun_tls_set_authorities(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  return set_trusted(settings, options, error) && set_revoked(settings, options, error);
}
