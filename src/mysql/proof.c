// TLS without configuration (MariaDB 11.4): the OK of the login proves that the server knows the
// account and sees the same certificate as we do.
#include "mysql/proof.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdlib.h>

enum { PROOF_MARK = 1, PROOF_TEXT = 1 + 2 * LUN_FINGERPRINT_SIZE };

static bool read_proof(lun_view info, uint8_t proof[LUN_FINGERPRINT_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  if (info.size != PROOF_TEXT || info.data[0] != PROOF_MARK) {
    return false;
  }
  for (size_t i = 0; i < LUN_FINGERPRINT_SIZE; i++) {
    uint8_t value = 0;
    for (size_t j = 0; j < 2; j++) {
      uint8_t c = info.data[1 + 2 * i + j];
      const char *digit = c != 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
      if (!digit) {
        return false;
      }
      value = (uint8_t)(value << 4 | (digit - digits));
    }
    proof[i] = value;
  }
  return true;
}

// SHA256(what the server keeps of the password, scramble of the greeting, SHA256(certificate)).
static lun_status make_proof(const lun_mysql_session *session,
                             uint8_t proof[LUN_FINGERPRINT_SIZE],
                             lun_error *error) {
  const lun_mysql_auth *auth = session->auth;
  lun_buffer text = {0};
  // Room at once: growing would leave copies of secrets behind.
  lun_buffer_reserve(&text, LUN_MYSQL_AUTH_KEPT + LUN_MYSQL_SCRAMBLE + LUN_FINGERPRINT_SIZE);
  lun_status status = auth->plugin->proof_key(auth, &text, error);
  lun_buffer_append(&text, session->scramble, sizeof session->scramble);
  lun_buffer_append(&text, session->fingerprint, sizeof session->fingerprint);
  if (status == LUN_OK
      && (text.status != LUN_OK
          || !EVP_Digest(text.data, text.size, proof, NULL, EVP_sha256(), NULL))) {
    status = lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  lun_mysql_buffer_cleanse(&text);
  return status;
}

bool lun_mysql_server_can_prove(const lun_mysql_session *session) {
  const char *version = lun_fact_text(session->base.facts.server_version);
  char *end = NULL;
  unsigned long major = strtoul(version, &end, 10);
  unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
  return session->base.facts.is_mariadb && (major > 11 || (major == 11 && minor >= 4));
}

static lun_status refuse(lun_mysql_session *session, const char *why) {
  return lun_mysql_session_fail(session, LUN_ERR_TLS, "%s; %s", session->doubt, why);
}

lun_status lun_mysql_begin_proof(lun_mysql_session *session, const char *doubt) {
  lun_mysql_auth *auth = session->auth;
  session->doubt = strdup(doubt ? doubt : "the server is not verified");
  if (!session->doubt) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  if (!lun_mysql_server_can_prove(session)) {
    return lun_mysql_session_fail(session, LUN_ERR_TLS, "%s", session->doubt);
  }
  if (auth->password.size == 0) {
    return refuse(session, "an account without a password proves nothing instead");
  }
  auth->needs_proof = true;
  if (!auth->plugin->proof_key) {
    auth->plugin = lun_mysql_auth_first_allowed(auth);
  }
  return auth->plugin->proof_key
             ? LUN_OK
             : refuse(session, "the plugins of option auth_plugins prove nothing instead");
}

lun_status lun_mysql_check_proof(lun_mysql_session *session, lun_view info) {
  const lun_mysql_auth *auth = session->auth;
  if (!auth->is_encrypted || auth->is_verified) {
    return LUN_OK;
  }
  lun_error error;
  uint8_t shown[LUN_FINGERPRINT_SIZE];
  uint8_t proof[LUN_FINGERPRINT_SIZE] = {0};
  bool can_check = auth->plugin->proof_key && auth->password.size > 0;
  if (!can_check || !read_proof(info, shown)) {
    return auth->needs_proof
               ? refuse(session, "nor did the server prove that it knows the account's password")
               : LUN_OK;
  }
  if (make_proof(session, proof, &error) != LUN_OK) {
    return lun_mysql_session_fail_with(session, &error);
  }
  bool is_right = CRYPTO_memcmp(shown, proof, sizeof proof) == 0;
  OPENSSL_cleanse(proof, sizeof proof);
  if (!is_right && auth->needs_proof) {
    return refuse(
        session,
        "and what the server says to prove that it knows the account's password is wrong: "
        "somebody may be in between");
  }
  session->base.facts.is_verified = is_right;
  return LUN_OK;
}
