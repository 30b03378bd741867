#include "mysql/auth/plugin.h"

static const lun_mysql_auth_plugin *const PLUGINS[] = {
    &LUN_MYSQL_NATIVE_PASSWORD,
    &LUN_MYSQL_CACHING_SHA2_PASSWORD,
    &LUN_MYSQL_SHA256_PASSWORD,
    &LUN_MYSQL_CLEAR_PASSWORD,
    &LUN_MYSQL_DIALOG,
    &LUN_MYSQL_CLIENT_ED25519,
    &LUN_MYSQL_PARSEC,
};

enum { PLUGIN_COUNT = sizeof PLUGINS / sizeof PLUGINS[0], SHOWN_NAME = 64 };

const lun_mysql_auth_plugin *lun_mysql_auth_plugin_find(lun_view name) {
  for (size_t i = 0; i < PLUGIN_COUNT; i++) {
    const char *known = PLUGINS[i]->name;
    if (name.size == strlen(known) && memcmp(name.data, known, name.size) == 0) {
      return PLUGINS[i];
    }
  }
  return NULL;
}

// Takes the next name off a list with commas between them.
static lun_view next_name(lun_view *list) {
  const uint8_t *comma = list->size > 0 ? memchr(list->data, ',', list->size) : NULL;
  lun_view name = {list->data, comma ? (size_t)(comma - list->data) : list->size};
  lun_view_drop(list, comma ? name.size + 1 : name.size);
  return name;
}

bool lun_mysql_auth_allows(const lun_mysql_auth *auth, lun_view name) {
  lun_view list = auth->plugins;
  while (list.size > 0) {
    if (lun_view_equal(next_name(&list), name)) {
      return true;
    }
  }
  return auth->plugins.size == 0;
}

const lun_mysql_auth_plugin *lun_mysql_auth_first_allowed(const lun_mysql_auth *auth) {
  const lun_mysql_auth_plugin *native = &LUN_MYSQL_NATIVE_PASSWORD;
  lun_view list = auth->plugins;
  if (lun_mysql_auth_allows(auth, lun_view_of(native->name))) {
    return native;
  }
  return lun_mysql_auth_plugin_find(next_name(&list)); // the names were checked
}

static int shown_size(lun_view name) {
  return (int)(name.size < SHOWN_NAME ? name.size : SHOWN_NAME);
}

lun_status lun_mysql_auth_choose(lun_mysql_auth *auth, lun_view name, lun_error *error) {
  const lun_mysql_auth_plugin *plugin = lun_mysql_auth_plugin_find(name);
  const char *shown = name.size > 0 ? (const char *)name.data : "";
  if (!plugin) {
    return lun_error_set(error,
                         LUN_ERR_AUTH,
                         "the account uses authentication plugin '%.*s', which is not supported",
                         shown_size(name),
                         shown);
  }
  if (!lun_mysql_auth_allows(auth, name)) {
    return lun_error_set(error,
                         LUN_ERR_AUTH,
                         "the account uses authentication plugin '%.*s', which option "
                         "auth_plugins does not list",
                         shown_size(name),
                         shown);
  }
  if (auth->needs_proof && !plugin->proof_key) {
    return lun_error_set(error,
                         LUN_ERR_TLS,
                         "the server's certificate is not verified, and %s cannot prove who the "
                         "server is: name its authority (ssl.ca) or its fingerprint "
                         "(ssl.fingerprint)",
                         plugin->name);
  }
  auth->plugin = plugin;
  auth->stage = 0;
  return LUN_OK;
}

lun_status lun_mysql_auth_check_names(lun_view list, const char *option, lun_error *error) {
  while (list.size > 0) {
    lun_view name = next_name(&list);
    if (!lun_mysql_auth_plugin_find(name)) {
      return lun_error_set(error,
                           LUN_ERR_ARGUMENT,
                           "option %s names the authentication plugin '%.*s', which lunasa does "
                           "not have",
                           option,
                           shown_size(name),
                           (const char *)name.data);
    }
  }
  return LUN_OK;
}

bool lun_mysql_auth_may_send_secret(const lun_mysql_auth *auth) {
  switch (auth->plugin->secrecy) {
  case LUN_MYSQL_NEEDS_TLS: return auth->is_encrypted;
  case LUN_MYSQL_NEEDS_TLS_OR_SOCKET: return auth->is_encrypted || auth->is_local;
  case LUN_MYSQL_NEEDS_VERIFIED_TLS:
    return (auth->is_encrypted && auth->is_verified) || auth->is_local;
  case LUN_MYSQL_PROVES: break;
  }
  return false;
}

lun_status lun_mysql_auth_send_secret(const lun_mysql_auth *auth,
                                      lun_view secret,
                                      lun_buffer *response,
                                      lun_error *error) {
  if (lun_mysql_auth_may_send_secret(auth)) {
    lun_buffer_reserve(response, secret.size + 1); // growing would leave copies behind
    lun_buffer_nul_view(response, secret);
    return LUN_OK;
  }
  if (auth->plugin->secrecy == LUN_MYSQL_NEEDS_VERIFIED_TLS) {
    return lun_error_set(error,
                         LUN_ERR_AUTH,
                         "%s wants the password itself, which leaves over TLS with a verified "
                         "certificate or a unix socket only: connect with ssl = true, and name "
                         "the authority with ssl.ca where the system does not know it",
                         auth->plugin->name);
  }
  return lun_error_set(
      error,
      LUN_ERR_AUTH,
      "%s wants the password itself, and this line is not encrypted: connect with TLS "
      "(ssl = true), give server_public_key, or set get_server_public_key = true",
      auth->plugin->name);
}

lun_status lun_mysql_auth_greet(lun_mysql_auth *auth, lun_buffer *response, lun_error *error) {
  const lun_mysql_auth_plugin *plugin = auth->plugin;
  if (!plugin->answers_greeting) {
    return LUN_OK;
  }
  return plugin->begin ? plugin->begin(auth, response, error)
                       : plugin->begin_with(auth, (lun_view){0}, response, error);
}

static lun_status set_scramble(lun_mysql_auth *auth, lun_view data, lun_error *error) {
  size_t size = auth->plugin->scramble_size;
  if (data.size == size + 1 && data.data[size] == 0) {
    data.size = size;
  } else if (data.size == size + 1 && data.data[0] == LUN_MYSQL_HEADER_MORE_DATA) {
    lun_view_drop(&data, 1); // MariaDB's, before data that could be taken for a header
  }
  if (data.size != size) {
    return lun_error_set(error,
                         LUN_ERR_PROTOCOL,
                         "malformed packet: a scramble of %zu bytes instead of %zu",
                         data.size,
                         size);
  }
  memcpy(auth->scramble, data.data, size);
  return LUN_OK;
}

lun_status
lun_mysql_auth_begin(lun_mysql_auth *auth, lun_view data, lun_buffer *response, lun_error *error) {
  if (auth->plugin->begin_with) {
    return auth->plugin->begin_with(auth, data, response, error);
  }
  lun_status status = set_scramble(auth, data, error);
  return status == LUN_OK ? auth->plugin->begin(auth, response, error) : status;
}
