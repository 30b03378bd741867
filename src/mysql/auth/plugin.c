#include "mysql/auth/plugin.h"

static const lun_mysql_auth_plugin *const PLUGINS[] = {
    &LUN_MYSQL_NATIVE_PASSWORD,
    &LUN_MYSQL_CACHING_SHA2_PASSWORD,
};

const lun_mysql_auth_plugin *lun_mysql_auth_plugin_find(lun_view name) {
  for (size_t i = 0; i < sizeof PLUGINS / sizeof PLUGINS[0]; i++) {
    if (lun_view_equal(name, lun_view_of(PLUGINS[i]->name))) {
      return PLUGINS[i];
    }
  }
  return NULL;
}

bool lun_mysql_auth_may_send_secret(const lun_mysql_auth *auth) {
  return auth->is_encrypted || auth->is_local;
}

lun_status lun_mysql_auth_set_scramble(lun_mysql_auth *auth, lun_view data, lun_error *error) {
  if (data.size == LUN_MYSQL_SCRAMBLE + 1 && data.data[LUN_MYSQL_SCRAMBLE] == 0) {
    data.size = LUN_MYSQL_SCRAMBLE;
  }
  if (data.size != LUN_MYSQL_SCRAMBLE) {
    return lun_error_set(error,
                         LUN_ERR_PROTOCOL,
                         "malformed packet: a scramble of %zu bytes instead of %d",
                         data.size,
                         LUN_MYSQL_SCRAMBLE);
  }
  memcpy(auth->scramble, data.data, LUN_MYSQL_SCRAMBLE);
  return LUN_OK;
}
