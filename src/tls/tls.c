#include "tls/tls.h"

#include "tls/internal.h"

#include <openssl/err.h>

#include <assert.h>
#include <stdlib.h>

enum { KEPT_CAPACITY = 4096 }; // what an idle connection may keep of each buffer

lun_tls *lun_tls_new(lun_tls_context *context, const char *server_name, lun_error *error) {
  lun_tls *tls = calloc(1, sizeof *tls);
  if (!tls) {
    lun_error_set(error, LUN_ERR_NOMEM, "%s", lun_status_phrase(LUN_ERR_NOMEM));
    return NULL;
  }
  lun_tls_clear_errors();
  tls->context = context;
  context->references++;
  tls->ssl = SSL_new(context->settings);
  if (!tls->ssl || !lun_tls_transport_attach(tls) || !SSL_set_app_data(tls->ssl, tls)) {
    lun_tls_take_error(error, "starting TLS");
    goto fail;
  }
  if (lun_tls_set_server_name(tls, server_name, error) != LUN_OK) {
    goto fail;
  }
  SSL_set_connect_state(tls->ssl);
  lun_tls_offer_session(tls);
  return tls;

fail:
  lun_tls_free(tls);
  return NULL;
}

static bool has_session(const lun_tls *tls) {
  return tls->state == LUN_TLS_OPEN || tls->state == LUN_TLS_ENDED;
}

void lun_tls_free(lun_tls *tls) {
  if (!tls) {
    return;
  }
  if (has_session(tls)) {
    // Else OpenSSL takes a connection that ends without close_notify for an attack, and its session
    // for spoilt. Our callers know from their own protocol when it is over.
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  SSL_free(tls->ssl);
  lun_buffer_deinit(&tls->input);
  lun_buffer_deinit(&tls->output);
  lun_tls_context_free(tls->context);
  free(tls);
}

// Forgets what is used up of a buffer.
static void settle(lun_buffer *buffer, size_t *used) {
  if (*used < buffer->size) {
    return;
  }
  *used = 0;
  if (buffer->capacity > KEPT_CAPACITY) {
    lun_buffer_deinit(buffer);
  } else {
    lun_buffer_clear(buffer);
  }
}

// Ends the connection after OpenSSL refused to do `what`. The certificate check may have said why.
static lun_status fail(lun_tls *tls, const char *what, lun_error *error) {
  tls->state = LUN_TLS_FAILED;
  if (tls->output.status != LUN_OK) {
    lun_error_set(&tls->failure, LUN_ERR_NOMEM, "%s failed: out of memory", what);
  } else if (tls->failure.status == LUN_OK) {
    lun_tls_take_error(&tls->failure, what);
  }
  lun_tls_clear_errors();
  *error = tls->failure;
  return error->status;
}

// For a call that `tls` is not in the state for.
static lun_status refuse(const lun_tls *tls, lun_error *error) {
  if (tls->state == LUN_TLS_FAILED) {
    *error = tls->failure;
    return error->status;
  }
  return lun_error_set(error,
                       LUN_ERR_STATE,
                       tls->state == LUN_TLS_HANDSHAKING ? "the TLS handshake is not done"
                                                         : "the TLS session is closed");
}

lun_status lun_tls_handshake(lun_tls *tls, bool *done, lun_error *error) {
  *done = tls->state == LUN_TLS_OPEN;
  if (*done) {
    return LUN_OK;
  }
  if (tls->state != LUN_TLS_HANDSHAKING) {
    return refuse(tls, error);
  }
  lun_tls_clear_errors();
  int result = SSL_do_handshake(tls->ssl);
  if (result == 1 && lun_tls_check_resumed(tls) != LUN_OK) {
    return fail(tls, "TLS handshake", error);
  }
  if (result == 1) {
    tls->state = LUN_TLS_OPEN;
    *done = true;
  } else if (SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_READ) {
    return fail(tls, "TLS handshake", error);
  }
  settle(&tls->input, &tls->input_taken);
  return LUN_OK;
}

lun_status lun_tls_feed(lun_tls *tls, lun_view received, lun_error *error) {
  if (tls->state == LUN_TLS_FAILED) {
    return refuse(tls, error);
  }
  lun_buffer_consume(&tls->input, tls->input_taken);
  tls->input_taken = 0;
  lun_buffer_view(&tls->input, received);
  if (tls->input.status != LUN_OK) {
    tls->state = LUN_TLS_FAILED;
    lun_error_set(&tls->failure, LUN_ERR_NOMEM, "TLS read failed: out of memory");
    return refuse(tls, error);
  }
  return LUN_OK;
}

lun_status lun_tls_read(
    lun_tls *tls, uint8_t *buffer, size_t size, size_t *count, bool *closed, lun_error *error) {
  *count = 0;
  *closed = tls->state == LUN_TLS_ENDED;
  if (*closed) {
    return LUN_OK;
  }
  if (tls->state != LUN_TLS_OPEN) {
    return refuse(tls, error);
  }
  lun_tls_clear_errors();
  while (*count < size) {
    size_t decrypted = 0;
    int result = SSL_read_ex(tls->ssl, buffer + *count, size - *count, &decrypted);
    if (result == 1) {
      *count += decrypted;
      continue;
    }
    int reason = SSL_get_error(tls->ssl, result);
    if (reason == SSL_ERROR_ZERO_RETURN) {
      tls->state = LUN_TLS_ENDED;
      *closed = true;
    } else if (reason != SSL_ERROR_WANT_READ) {
      lun_status status = fail(tls, "TLS read", error);
      return *count > 0 ? LUN_OK : status;
    }
    break;
  }
  settle(&tls->input, &tls->input_taken);
  return LUN_OK;
}

lun_status lun_tls_write(lun_tls *tls, lun_view plain, lun_error *error) {
  bool is_closed = (SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) != 0;
  if (!has_session(tls) || is_closed) {
    return refuse(tls, error);
  }
  if (plain.size == 0) {
    return LUN_OK;
  }
  lun_tls_clear_errors();
  size_t written = 0;
  if (SSL_write_ex(tls->ssl, plain.data, plain.size, &written) != 1) {
    return fail(tls, "TLS write", error);
  }
  assert(written == plain.size); // the transport takes everything
  return LUN_OK;
}

void lun_tls_close(lun_tls *tls) {
  if (has_session(tls)) {
    lun_tls_clear_errors();
    SSL_shutdown(tls->ssl);
    lun_tls_clear_errors();
  }
}

lun_view lun_tls_output(lun_tls *tls) {
  return (lun_view){tls->output.data ? tls->output.data + tls->output_sent : NULL,
                    tls->output.size - tls->output_sent};
}

void lun_tls_sent(lun_tls *tls, size_t count) {
  assert(count <= tls->output.size - tls->output_sent);
  tls->output_sent += count;
  settle(&tls->output, &tls->output_sent);
}

bool lun_tls_is_verified(const lun_tls *tls) {
  bool is_checked = tls->context->verify != LUN_TLS_VERIFY_NONE || lun_tls_has_pins(tls->context);
  return is_checked && has_session(tls) && SSL_get_verify_result(tls->ssl) == X509_V_OK;
}

const char *lun_tls_doubt(const lun_tls *tls) {
  return tls->doubt.status == LUN_OK ? NULL : tls->doubt.message;
}

bool lun_tls_is_resumed(const lun_tls *tls) {
  return has_session(tls) && SSL_session_reused(tls->ssl);
}

bool lun_tls_fingerprint(const lun_tls *tls, uint8_t fingerprint[LUN_TLS_FINGERPRINT_SIZE]) {
  X509 *certificate = SSL_get1_peer_certificate(tls->ssl);
  int is_made = certificate && X509_digest(certificate, EVP_sha256(), fingerprint, NULL);
  X509_free(certificate);
  lun_tls_clear_errors();
  return is_made;
}

const char *lun_tls_version(const lun_tls *tls) {
  return has_session(tls) ? SSL_get_version(tls->ssl) : "";
}

const char *lun_tls_cipher(const lun_tls *tls) {
  return has_session(tls) ? SSL_get_cipher_name(tls->ssl) : "";
}
