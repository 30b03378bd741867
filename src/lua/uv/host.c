#include "lua/uv/host.h"

static const char KEY = 0; // its address is the registry key: cheaper than a name, for every wait

static int host_gc(lua_State *L) {
  lun_lua_host *host = lua_touserdata(L, 1);
  lun_loop_free(host->loop);
  host->loop = NULL;
  return 0;
}

static int new_weak_table(lua_State *L, const char *mode) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, mode);
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

static lun_lua_host *host_new(lua_State *L) {
  lun_lua_host *host = lua_newuserdata(L, sizeof *host);
  *host = (lun_lua_host){.loop = lun_loop_new()};
  if (!host->loop) {
    luaL_error(L, "lunasa: cannot make an event loop");
  }
  lun_list_init(&host->ready);
  lun_list_init(&host->expired);
  lun_list_init(&host->lost);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, host_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_newtable(L);
  host->anchors = luaL_ref(L, LUA_REGISTRYINDEX);
  host->known = new_weak_table(L, "v");
  host->passers = new_weak_table(L, "k");
  lua_pushlightuserdata(L, (void *)&KEY);
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  return host;
}

lun_lua_host *lun_lua_host_get(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&KEY);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lun_lua_host *host = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return host ? host : host_new(L);
}

void lun_lua_host_add(lua_State *L, const luaL_Reg *functions) {
  lun_lua_host_get(L);
  lua_pushlightuserdata(L, (void *)&KEY);
  lua_rawget(L, LUA_REGISTRYINDEX);
  luaL_setfuncs(L, functions, 1);
}

static void put(lua_State *L, int table, void *key, int index) {
  lua_pushvalue(L, index);
  lua_rawgeti(L, LUA_REGISTRYINDEX, table);
  lua_pushlightuserdata(L, key);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 2);
}

static void get(lua_State *L, int table, void *key) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, table);
  lua_pushlightuserdata(L, key);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}

void lun_lua_host_remember(lua_State *L, lun_lua_host *host, void *key, int index) {
  put(L, host->known, key, index);
}

void lun_lua_host_push_remembered(lua_State *L, lun_lua_host *host, void *key) {
  get(L, host->known, key);
}

int lun_lua_host_hold(lua_State *L, const lun_lua_host *host, int index) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, host->anchors);
  lua_pushvalue(L, index);
  int anchor = luaL_ref(L, -2);
  lua_pop(L, 1);
  return anchor;
}

void lun_lua_host_push_held(lua_State *L, const lun_lua_host *host, int anchor) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, host->anchors);
  lua_rawgeti(L, -1, anchor);
  lua_remove(L, -2);
}

void lun_lua_host_let_go(lua_State *L, const lun_lua_host *host, int *anchor) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, host->anchors);
  luaL_unref(L, -1, *anchor);
  lua_pop(L, 1);
  *anchor = LUA_NOREF;
}
