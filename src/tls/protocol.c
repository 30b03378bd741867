#include "tls/internal.h"

typedef struct protocol_version {
  const char *name;
  int number;
} protocol_version;

static const protocol_version VERSIONS[] = {{"TLSv1.2", TLS1_2_VERSION},
                                            {"TLSv1.3", TLS1_3_VERSION}};

// Gives the number of the version called `name`; `fallback` when none was given, -1 when it is not
// one that we speak.
static int version_of(const char *option, const char *name, int fallback, lun_error *error) {
  if (!name) {
    return fallback;
  }
  for (size_t i = 0; i < sizeof VERSIONS / sizeof *VERSIONS; i++) {
    if (strcmp(name, VERSIONS[i].name) == 0) {
      return VERSIONS[i].number;
    }
  }
  lun_error_set(error,
                LUN_ERR_ARGUMENT,
                "%s must be \"TLSv1.2\" or \"TLSv1.3\", not \"%.40s\"",
                option,
                name);
  return -1;
}

static bool set_versions(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  int min = version_of("min_version", options->min_version, TLS1_2_VERSION, error);
  int max = min < 0 ? -1 : version_of("max_version", options->max_version, TLS1_3_VERSION, error);
  if (min < 0 || max < 0) {
    return false;
  }
  if (min > max) {
    lun_error_set(error, LUN_ERR_ARGUMENT, "min_version is later than max_version");
    return false;
  }
  return (SSL_CTX_set_min_proto_version(settings, min)
          && SSL_CTX_set_max_proto_version(settings, max))
         || lun_tls_refuse_option(error, "the protocol version", NULL);
}

static bool refuse_ciphers(const char *option, const char *value, lun_error *error) {
  lun_tls_clear_errors();
  lun_error_set(error, LUN_ERR_ARGUMENT, "%s \"%.200s\" names no cipher of OpenSSL", option, value);
  return false;
}

// OpenSSL passes over the names in a list that it does not know; a typing error should not.
static bool has_unknown_name(const char *list, char name[64]) {
  while (*list) {
    size_t size = strcspn(list, ": ,");
    if (size > 0 && size < 64) {
      memcpy(name, list, size);
      name[size] = '\0';
      SSL_CTX *trial = SSL_CTX_new(TLS_client_method());
      int is_known = trial && SSL_CTX_set_ciphersuites(trial, name);
      SSL_CTX_free(trial);
      if (!is_known) {
        return true;
      }
    }
    list += size + (list[size] != '\0');
  }
  return false;
}

static bool set_ciphers(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  char name[64] = "";
  const char *suites = options->ciphersuites;
  if (options->ciphers && !SSL_CTX_set_cipher_list(settings, options->ciphers)) {
    return refuse_ciphers("ciphers", options->ciphers, error);
  }
  if (!suites) {
    return true;
  }
  if (has_unknown_name(suites, name)) {
    return refuse_ciphers("ciphersuites", name, error);
  }
  if (*suites == '\0' || !SSL_CTX_set_ciphersuites(settings, suites)) {
    return refuse_ciphers("ciphersuites", suites, error);
  }
  return true;
}

bool lun_tls_set_protocol(SSL_CTX *settings, const lun_tls_options *options, lun_error *error) {
  SSL_CTX_set_options(settings, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection holds no record buffers. SSL_MODE_AUTO_RETRY stays on: without it a session
  // ticket would end SSL_read() although data is behind it, and we would wait for more.
  SSL_CTX_set_mode(settings, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  return set_versions(settings, options, error) && set_ciphers(settings, options, error);
}
