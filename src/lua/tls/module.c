#include "lua/export.h"
#include "lua/tls/objects.h"

#include <lauxlib.h>

LUN_EXPORT int luaopen_lunasa_tls(lua_State *L);

int luaopen_lunasa_tls(lua_State *L) {
  lun_lua_tls_register_context(L);
  lun_lua_tls_register_client(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, lun_lua_tls_new_context);
  lua_setfield(L, -2, "context");
  return 1;
}
