#include "runner/iteration.h"

#include <lauxlib.h>
#include <luajit.h>

#include <string.h>

static const char UNSAFE_VERSION[] = "LuaJIT 2.1.0-beta3";

// next(table, key)
static int next_pair(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (lua_next(L, 1) != 0) {
    return 2;
  }
  lua_pushnil(L);
  return 1;
}

// pairs(table)
static int pairs_of(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

void lun_iteration_replace(lua_State *L) {
  if (strcmp(LUAJIT_VERSION, UNSAFE_VERSION) != 0) {
    return;
  }
  lua_pushcfunction(L, next_pair);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "next");
  lua_pushcclosure(L, pairs_of, 1);
  lua_setglobal(L, "pairs");
}
