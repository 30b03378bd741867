// Sessions to go on with: a handshake without certificates, which is most of what one costs.
#include "tls/internal.h"

#include <stdlib.h>
#include <time.h>

enum { MOST_AGE = 2 * 60 * 60 }; // seconds, whatever the server allows: its certificate may go bad

static void drop(lun_tls_kept *kept) {
  SSL_SESSION_free(kept->session);
  free(kept->server_name);
  *kept = (lun_tls_kept){0};
}

void lun_tls_forget_sessions(lun_tls_context *context) {
  for (size_t i = 0; i < LUN_TLS_MOST_KEPT; i++) {
    drop(&context->kept[i]);
  }
}

// OpenSSL's callback for a session that the server lets us go on with. Returns 1 when it is ours.
static int on_session(SSL *ssl, SSL_SESSION *session) {
  const lun_tls *tls = SSL_get_app_data(ssl);
  lun_tls_context *context = tls->context;
  char *server_name = strdup(tls->server_name);
  if (!server_name) {
    return 0;
  }
  lun_tls_kept *kept = &context->kept[context->next_kept++ % LUN_TLS_MOST_KEPT];
  drop(kept);
  *kept = (lun_tls_kept){.session = session, .server_name = server_name};
  return 1;
}

void lun_tls_keep_sessions(lun_tls_context *context) {
  SSL_CTX_set_session_cache_mode(context->settings,
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context->settings, on_session);
}

static bool is_usable(const SSL_SESSION *session) {
  X509 *certificate = SSL_SESSION_get0_peer((SSL_SESSION *)session);
  long long age = (long long)time(NULL) - SSL_SESSION_get_time(session);
  return SSL_SESSION_is_resumable(session) && age >= 0 && age < MOST_AGE
         && age < SSL_SESSION_get_timeout(session)
         && (!certificate || X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0);
}

void lun_tls_offer_session(lun_tls *tls) {
  lun_tls_context *context = tls->context;
  for (size_t i = 0; i < LUN_TLS_MOST_KEPT; i++) {
    lun_tls_kept *kept =
        &context->kept[(context->next_kept + LUN_TLS_MOST_KEPT - 1 - i) % LUN_TLS_MOST_KEPT];
    if (!kept->session || strcmp(kept->server_name, tls->server_name) != 0) {
      continue;
    }
    bool is_good = is_usable(kept->session);
    bool is_offered = is_good && SSL_set_session(tls->ssl, kept->session);
    // A ticket of TLS 1.3 that is used twice would tell who listens that both are the same client.
    if (!is_good || SSL_SESSION_get_protocol_version(kept->session) >= TLS1_3_VERSION) {
      drop(kept);
    }
    if (is_offered) {
      break;
    }
  }
  lun_tls_clear_errors();
}

lun_status lun_tls_check_resumed(lun_tls *tls) {
  if (!SSL_session_reused(tls->ssl)) {
    return LUN_OK;
  }
  const lun_tls_context *context = tls->context;
  const X509 *certificate = SSL_SESSION_get0_peer(SSL_get_session(tls->ssl));
  if (lun_tls_check_pins(context, certificate, &tls->failure) != LUN_OK) {
    return tls->failure.status;
  }
  long code = SSL_get_verify_result(tls->ssl);
  if (context->verify == LUN_TLS_VERIFY_NONE || (certificate && code == X509_V_OK)) {
    return LUN_OK;
  }
  lun_error *problem = context->accepts_proof ? &tls->doubt : &tls->failure;
  lun_error_set(problem,
                LUN_ERR_TLS,
                "certificate verify failed: %s; if you trust it, give its CA (ssl.ca)",
                X509_verify_cert_error_string(code));
  return tls->failure.status;
}
