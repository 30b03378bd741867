#include "tls/internal.h"

#include <openssl/err.h>

void lun_tls_clear_errors(void) {
  if (ERR_peek_error() != 0) {
    ERR_clear_error();
  }
}

// What a user can make of an alert of the server, beyond its name.
static const char *alert_hint(int alert) {
  switch (alert) {
  case SSL_AD_CERTIFICATE_REQUIRED: return "; it asks for a client certificate (cert_file)";
  case SSL_AD_HANDSHAKE_FAILURE:
    return "; no common cipher, or it asks for a client certificate (cert_file)";
  case SSL_AD_UNKNOWN_CA: return "; it does not know the CA of our client certificate (cert_file)";
  case SSL_AD_BAD_CERTIFICATE:
  case SSL_AD_CERTIFICATE_EXPIRED:
  case SSL_AD_CERTIFICATE_REVOKED:
  case SSL_AD_CERTIFICATE_UNKNOWN:
  case SSL_AD_UNSUPPORTED_CERTIFICATE: return "; it is about our client certificate (cert_file)";
  case SSL_AD_PROTOCOL_VERSION: return "; it does not speak TLS 1.2 or later";
  case SSL_AD_UNRECOGNIZED_NAME: return "; it does not serve the name that we asked for";
  default: return "";
  }
}

// What a user can make of OpenSSL's reason, NULL when the reason says it all.
static const char *reason_in_words(int reason) {
  switch (reason) {
  case SSL_R_WRONG_VERSION_NUMBER:
  case SSL_R_BAD_RECORD_TYPE:
  case SSL_R_HTTP_REQUEST:
  case SSL_R_PACKET_LENGTH_TOO_LONG:
  case SSL_R_RECORD_LENGTH_MISMATCH: return "the server's answer is not TLS";
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_VERSION_TOO_LOW:
  case SSL_R_WRONG_SSL_VERSION: return "the server does not speak TLS 1.2 or later";
  default: return NULL;
  }
}

static lun_status describe(lun_error *error, const char *what, unsigned long code) {
  int reason = ERR_GET_REASON(code);
  if (code == 0) {
    return lun_error_set(error, LUN_ERR_TLS, "%s failed: the server ended it", what);
  }
  if (reason == ERR_R_MALLOC_FAILURE) {
    return lun_error_set(error, LUN_ERR_NOMEM, "%s failed: out of memory", what);
  }
  if (ERR_SYSTEM_ERROR(code)) {
    return lun_error_set(error, LUN_ERR_TLS, "%s failed: %s", what, strerror(reason));
  }
  const char *text = ERR_reason_error_string(code);
  text = text ? text : "unknown reason";
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET) {
    int alert = reason - SSL_AD_REASON_OFFSET;
    // "tlsv13 alert certificate required"; SSL_alert_desc_string_long() does not know this one.
    const char *name = strstr(text, "alert ");
    name = name ? name + strlen("alert ") : text;
    return lun_error_set(
        error, LUN_ERR_TLS, "%s failed: the server says \"%s\"%s", what, name, alert_hint(alert));
  }
  const char *words = ERR_GET_LIB(code) == ERR_LIB_SSL ? reason_in_words(reason) : NULL;
  if (words) {
    return lun_error_set(error, LUN_ERR_TLS, "%s failed: %s (%s)", what, words, text);
  }
  return lun_error_set(error, LUN_ERR_TLS, "%s failed: %s", what, text);
}

lun_status lun_tls_take_error(lun_error *error, const char *what) {
  // The first entry is the cause, the others say who passed it on.
  lun_status status = describe(error, what, ERR_peek_error());
  ERR_clear_error();
  return status;
}
