#include "tls/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { WHAT_SIZE = 300 }; // "reading ca_file "/some/long/path""

bool lun_tls_refuse_option(lun_error *error, const char *option, const char *value) {
  char what[WHAT_SIZE];
  snprintf(what, sizeof what, value ? "reading %s \"%s\"" : "reading %s", option, value);
  lun_tls_take_error(error, what);
  return false;
}

static void set_checks(lun_tls_context *context, const lun_tls_options *options) {
  bool must_verify = context->verify != LUN_TLS_VERIFY_NONE || lun_tls_has_pins(context);
  SSL_CTX_set_verify(context->settings, must_verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
  SSL_CTX_set_cert_verify_callback(context->settings, lun_tls_check_certificate, context);
  SSL_CTX_set_session_cache_mode(context->settings, SSL_SESS_CACHE_OFF);
  if (options->resumes) {
    lun_tls_keep_sessions(context);
  }
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
  context->accepts_proof = options->accepts_proof;
  context->settings = SSL_CTX_new(TLS_client_method());
  context->transport = lun_tls_transport_new();
  if (!context->settings || !context->transport || !lun_tls_remember_files(context, options)) {
    lun_tls_take_error(error, "starting TLS");
    goto fail;
  }
  if (!lun_tls_set_protocol(context->settings, options, error)
      || !lun_tls_set_authorities(context->settings, options, error)
      || !lun_tls_set_own_certificate(context->settings, options, error)
      || !lun_tls_set_pins(context, options, error)) {
    goto fail;
  }
  set_checks(context, options);
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
  lun_tls_forget_sessions(context);
  lun_tls_forget_files(context);
  SSL_CTX_free(context->settings);
  BIO_meth_free(context->transport);
  free(context);
}
