#include "lua/core/pool_direct.h"

#include "lua/core/pool_lease.h"
#include "lua/session.h"

#include <lauxlib.h>

#include <stdint.h>

static lun_pool *pool_of(const void *userdata) {
  const lun_lua_pool_holder *holder = userdata;
  bool is_pool = holder && holder->kind == LUN_LUA_POOL_KIND && holder->shared;
  return is_pool ? holder->shared->pool : NULL;
}

// Whether nothing of a user is left in a session, as far as the server told.
static bool is_clean(const void *userdata) {
  const lun_lua_session *holder = userdata;
  return holder && holder->kind == LUN_LUA_SESSION_KIND && holder->session && !holder->is_closed
         && !holder->session->facts.in_transaction;
}

// take(pool, now): an idle slot, 0 when pool:acquire() has to be asked.
static int32_t take(const void *userdata, double now) {
  lun_pool *pool = pool_of(userdata);
  return pool ? (int32_t)lun_pool_take(pool, now) : 0;
}

// give(pool, slot, session, now): whether a slot with a clean session is idle again; else nothing
// was done.
static int32_t give(const void *userdata, int32_t slot, const void *session, double now) {
  lun_pool *pool = pool_of(userdata);
  return pool && is_clean(session) && lun_pool_put_back(pool, (lun_pool_slot)slot, now);
}

static const void *userdata_at(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TUSERDATA && lua_objlen(L, index) >= sizeof(lun_lua_kind)
             ? lua_touserdata(L, index)
             : NULL;
}

static int pool_take(lua_State *L) {
  lua_pushinteger(L, take(userdata_at(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

static int pool_give(lua_State *L) {
  int32_t slot = (int32_t)luaL_checkinteger(L, 2);
  lua_pushinteger(L, give(userdata_at(L, 1), slot, userdata_at(L, 3), luaL_checknumber(L, 4)));
  return 1;
}

void lun_lua_pool_add_direct(lua_State *L) {
  static const luaL_Reg methods[] = {{"take", pool_take}, {"give", pool_give}, {NULL, NULL}};
  luaL_setfuncs(L, methods, 0);
}

void lun_lua_pool_push_addresses(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_pushlightuserdata(L, (void *)(uintptr_t)take);
  lua_setfield(L, -2, "take");
  lua_pushlightuserdata(L, (void *)(uintptr_t)give);
  lua_setfield(L, -2, "give");
}
