#include "tls/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { WHAT_SIZE = 300 }; // "reading ca_file "/some/long/path""

// Says which option could not be used: `option` with its value, when that is a path.
static bool fail(lun_error *error, const char *option, const char *path) {
  char what[WHAT_SIZE];
  snprintf(what, sizeof what, path ? "reading %s \"%s\"" : "reading %s", option, path);
  lun_tls_take_error(error, what);
  return false;
}

static bool add_ca_path(SSL_CTX *settings, const char *path, lun_error *error) {
  // OpenSSL looks into the folder only when it needs a certificate, so a typing error would show
  // as an unknown CA.
  struct stat facts;
  if (stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    lun_error_set(error, LUN_ERR_TLS, "reading ca_path \"%s\" failed: no such folder", path);
    return false;
  }
  return SSL_CTX_load_verify_locations(settings, NULL, path) || fail(error, "ca_path", path);
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
    return fail(error, "ca_pem", NULL);
  }
  lun_tls_clear_errors();
  return true;
}

static bool set_authorities(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  if (options->verify == LUN_TLS_VERIFY_NONE) {
    return true;
  }
  if (!options->ca_file && !options->ca_path && !options->ca_pem) {
    return SSL_CTX_set_default_verify_paths(settings)
           || fail(error, "the system's trust store", NULL);
  }
  if (options->ca_file && !SSL_CTX_load_verify_locations(settings, options->ca_file, NULL)) {
    return fail(error, "ca_file", options->ca_file);
  }
  if (options->ca_path && !add_ca_path(settings, options->ca_path, error)) {
    return false;
  }
  if (options->ca_pem && !add_ca_pem(settings, options->ca_pem, error)) {
    return false;
  }
  return X509_STORE_set_flags(SSL_CTX_get_cert_store(settings), X509_V_FLAG_PARTIAL_CHAIN)
         || fail(error, "the CA options", NULL);
}

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

static bool
set_own_certificate(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  if (!options->cert_file) {
    if (options->key_file) {
      lun_error_set(error, LUN_ERR_ARGUMENT, "key_file needs cert_file beside it");
    }
    return !options->key_file;
  }
  if (!SSL_CTX_use_certificate_chain_file(settings, options->cert_file)) {
    return fail(error, "cert_file", options->cert_file);
  }
  const char *key_file = options->key_file ? options->key_file : options->cert_file;
  SSL_CTX_set_default_passwd_cb(settings, give_password);
  SSL_CTX_set_default_passwd_cb_userdata(settings, (void *)options->key_password);
  int is_read = SSL_CTX_use_PrivateKey_file(settings, key_file, SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(settings, NULL);
  return is_read || fail(error, options->key_file ? "key_file" : "the key in cert_file", key_file);
}

static bool set_protocol(lun_tls_context *context, lun_error *error) {
  SSL_CTX *settings = context->settings;
  SSL_CTX_set_options(settings, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection holds no record buffers. SSL_MODE_AUTO_RETRY stays on: without it a session
  // ticket would end SSL_read() although data is behind it, and we would wait for more.
  SSL_CTX_set_mode(settings, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);
  bool must_verify = context->verify != LUN_TLS_VERIFY_NONE;
  SSL_CTX_set_verify(settings, must_verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
  SSL_CTX_set_cert_verify_callback(settings, lun_tls_check_certificate, context);
  return SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION)
         || fail(error, "the protocol version", NULL);
}

lun_tls_context *lun_tls_context_new(const lun_tls_options *options, lun_error *error) {
  lun_tls_context *context = calloc(1, sizeof *context);
  if (!context) {
    lun_error_set(error, LUN_ERR_NOMEM, "%s", lun_status_phrase(LUN_ERR_NOMEM));
    return NULL;
  }
  lun_tls_clear_errors();
  context->references = 1;
  context->verify = options->verify;
  context->settings = SSL_CTX_new(TLS_client_method());
  context->transport = lun_tls_transport_new();
  if (!context->settings || !context->transport) {
    lun_tls_take_error(error, "starting TLS");
    goto fail;
  }
  if (!set_protocol(context, error) || !set_authorities(context->settings, options, error)
      || !set_own_certificate(context->settings, options, error)) {
    goto fail;
  }
  lun_tls_clear_errors();
  return context;

fail:
  lun_tls_context_free(context);
  return NULL;
}

void lun_tls_context_free(lun_tls_context *context) {
  if (!context || --context->references > 0) {
    return;
  }
  SSL_CTX_free(context->settings);
  BIO_meth_free(context->transport);
  free(context);
}
