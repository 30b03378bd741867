#include "lua/error.h"

int lun_lua_fail(lua_State *L, const lun_error *error) {
  lua_pushnil(L);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, lun_status_name(error->status));
  lua_setfield(L, -2, "code");
  lua_pushstring(L, error->message[0] != '\0' ? error->message : lun_status_phrase(error->status));
  lua_setfield(L, -2, "message");
  if (error->code != 0) {
    lua_pushinteger(L, error->code);
    lua_setfield(L, -2, "errno");
  }
  if (error->sqlstate[0] != '\0') {
    lua_pushstring(L, error->sqlstate);
    lua_setfield(L, -2, "sqlstate");
  }
  return 2;
}

int lun_lua_fail_status(lua_State *L, lun_status status) {
  lun_error error;
  lun_error_set(&error, status, "%s", lun_status_phrase(status));
  return lun_lua_fail(L, &error);
}
