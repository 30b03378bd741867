#include "tls/internal.h"

#include <openssl/x509v3.h>

#include <time.h>

static void name_issuer(lun_error *failure, const char *why, const X509 *certificate) {
  char issuer[LUN_TLS_NAMES_SIZE];
  lun_tls_print_name(X509_get_issuer_name(certificate), issuer);
  lun_error_set(
      failure,
      LUN_ERR_TLS,
      "certificate verify failed: %s, issued by %s; if you trust it, give its CA (ssl.ca)",
      why,
      issuer);
}

static void name_date(lun_error *failure, const char *why, const ASN1_TIME *time) {
  char date[sizeof "2038-01-19"] = "";
  struct tm parts;
  if (ASN1_TIME_to_tm(time, &parts) != 1 || strftime(date, sizeof date, "%Y-%m-%d", &parts) == 0) {
    date[0] = '\0';
  }
  lun_error_set(failure, LUN_ERR_TLS, "certificate verify failed: %s (%s)", why, date);
}

static void name_holder(lun_error *failure, const X509 *certificate, const char *server_name) {
  char names[LUN_TLS_NAMES_SIZE];
  lun_tls_print_names(certificate, names);
  lun_error_set(failure,
                LUN_ERR_TLS,
                "certificate verify failed: it is made out to %s, not to %s; connect by that name, "
                "or check the CA only (VERIFY_CA)",
                names,
                server_name);
}

// Whether all that is wrong with a certificate is that nobody whom we trust vouches for it.
static bool is_unknown_issuer(int code) {
  return code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
         || code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
         || code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
         || code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

// Says in words why the check of `store` failed, and which option helps.
static void describe(const X509_STORE_CTX *store, lun_tls *tls) {
  int code = X509_STORE_CTX_get_error(store);
  const char *why = X509_verify_cert_error_string(code);
  const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
  const X509 *own = X509_STORE_CTX_get0_cert(store);
  certificate = certificate ? certificate : own;
  switch (code) {
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH: name_holder(&tls->failure, own, tls->server_name); break;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: name_issuer(&tls->failure, why, certificate); break;
  case X509_V_ERR_CERT_HAS_EXPIRED:
    name_date(&tls->failure, why, X509_get0_notAfter(certificate));
    break;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    name_date(&tls->failure, why, X509_get0_notBefore(certificate));
    break;
  case X509_V_ERR_CERT_REVOKED:
    lun_error_set(
        &tls->failure,
        LUN_ERR_TLS,
        "certificate verify failed: the authority that issued it has revoked it (ssl.crl)");
    break;
  case X509_V_ERR_UNABLE_TO_GET_CRL:
    lun_error_set(&tls->failure,
                  LUN_ERR_TLS,
                  "certificate verify failed: ssl.crl has no list of its authority");
    break;
  case X509_V_ERR_CRL_HAS_EXPIRED:
    lun_error_set(&tls->failure,
                  LUN_ERR_TLS,
                  "certificate verify failed: the list of revoked certificates is out of date; get "
                  "a new one from the authority (ssl.crl)");
    break;
  default: lun_error_set(&tls->failure, LUN_ERR_TLS, "certificate verify failed: %s", why);
  }
}

static int check_chain(X509_STORE_CTX *store, lun_tls *tls) {
  // OpenSSL falls back to the common name when no alternative name is of the kind that it looks
  // for; we only when there is none at all.
  const X509 *certificate = X509_STORE_CTX_get0_cert(store);
  if (certificate && X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0) {
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(store);
    unsigned flags = X509_VERIFY_PARAM_get_hostflags(parameters);
    X509_VERIFY_PARAM_set_hostflags(parameters, flags | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  }
  int is_good = X509_verify_cert(store);
  if (is_good > 0) {
    return is_good;
  }
  describe(store, tls);
  if (tls->context->accepts_proof && is_unknown_issuer(X509_STORE_CTX_get_error(store))) {
    tls->doubt = tls->failure;
    tls->failure = (lun_error){.status = LUN_OK};
    return 1; // the error stays in `store`, and becomes SSL_get_verify_result()
  }
  return is_good;
}

int lun_tls_check_certificate(X509_STORE_CTX *store, void *context) {
  const lun_tls_context *settings = context;
  const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  lun_tls *tls = SSL_get_app_data(ssl);
  if (lun_tls_check_pins(settings, X509_STORE_CTX_get0_cert(store), &tls->failure) != LUN_OK) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  return settings->verify == LUN_TLS_VERIFY_NONE ? 1 : check_chain(store, tls);
}

static bool is_ip_address(const char *name) {
  ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
  ASN1_OCTET_STRING_free(address);
  return address != NULL;
}

lun_status lun_tls_set_server_name(lun_tls *tls, const char *server_name, lun_error *error) {
  size_t size = server_name ? strlen(server_name) : 0;
  if (size > 1 && server_name[size - 1] == '.') {
    size--; // "db.example." is the same name, and no certificate writes it so
  }
  bool must_check = tls->context->verify == LUN_TLS_VERIFY_IDENTITY;
  // A leading dot would match every name below it.
  if (size > LUN_TLS_MAX_SERVER_NAME || (size > 0 && server_name[0] == '.')
      || (size == 0 && must_check)) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "TLS needs the name of the server");
  }
  if (size == 0) {
    return LUN_OK;
  }
  memcpy(tls->server_name, server_name, size);
  tls->server_name[size] = '\0';
  X509_VERIFY_PARAM *parameters = SSL_get0_param(tls->ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  int is_set = 1;
  if (is_ip_address(tls->server_name)) {
    is_set = !must_check || X509_VERIFY_PARAM_set1_ip_asc(parameters, tls->server_name);
  } else {
    is_set = SSL_set_tlsext_host_name(tls->ssl, tls->server_name)
             && (!must_check || X509_VERIFY_PARAM_set1_host(parameters, tls->server_name, size));
  }
  lun_tls_clear_errors();
  return is_set ? LUN_OK
                : lun_error_set(error,
                                LUN_ERR_ARGUMENT,
                                "\"%s\" cannot be the name of a server",
                                tls->server_name);
}
