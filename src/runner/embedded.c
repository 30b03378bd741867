#include "runner/embedded.h"

#include <lauxlib.h>

// preload[name](name): runs the module's chunk. What it is, is its upvalue.
static int open_lua(lua_State *L) {
  const lun_embedded_lua *module = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbuffer(L, module->bytecode, module->size, module->name) != 0) {
    return lua_error(L);
  }
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

void lun_embedded_register(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  for (const lun_embedded_c *module = LUN_EMBEDDED_C; module->name; module++) {
    lua_pushcfunction(L, module->open);
    lua_setfield(L, -2, module->name);
  }
  for (const lun_embedded_lua *module = LUN_EMBEDDED_LUA; module->name; module++) {
    lua_pushlightuserdata(L, (void *)module);
    lua_pushcclosure(L, open_lua, 1);
    lua_setfield(L, -2, module->name);
  }
  lua_pop(L, 2);
}
