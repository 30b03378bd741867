#include "lua/core/pool_direct.h"

#include "lua/core/pool_lease.h"
#include "lua/session.h"

#include <lauxlib.h>

#include <stdint.h>

static lun_lua_pool *shared_of(const void *userdata) {
  const lun_lua_pool_holder *holder = userdata;
  return holder && holder->kind == LUN_LUA_POOL_KIND ? holder->shared : NULL;
}

// Whether nothing of a user is left in a session, as far as the server told.
static bool is_clean(const void *userdata) {
  const lun_lua_session *holder = userdata;
  return holder && holder->kind == LUN_LUA_SESSION_KIND && holder->session && !holder->is_closed
         && !holder->session->facts.in_transaction;
}

// take(pool, now): an idle slot, 0 when pool:acquire() has to be asked.
static int32_t take(const void *userdata, double now) {
  const lun_lua_pool *shared = shared_of(userdata);
  return shared ? (int32_t)lun_pool_take(shared->pool, now) : 0;
}

// give(pool, slot, session, now): whether a slot with a clean session is idle again; else nothing
// was done.
static int32_t give(const void *userdata, int32_t slot, const void *session, double now) {
  const lun_lua_pool *shared = shared_of(userdata);
  return shared && is_clean(session) && lun_pool_put_back(shared->pool, (lun_pool_slot)slot, now);
}

// queue(pool, now, timeout): a waiter, 0 when pool:acquire() has to be asked.
static double queue(const void *userdata, double now, double timeout) {
  const lun_lua_pool *shared = shared_of(userdata);
  bool has_abandoned = shared && shared->first_abandoned != 0;
  return shared && !has_abandoned ? (double)lun_pool_queue(shared->pool, now, timeout) : 0;
}

// pass_on(pool, slot, session, now): the waiter whose slot it is now, when its session is clean; 0
// when nothing was done.
static double pass_on(const void *userdata, int32_t slot, const void *session, double now) {
  const lun_lua_pool *shared = shared_of(userdata);
  bool is_fit = shared && is_clean(session);
  return is_fit ? (double)lun_pool_pass_on(shared->pool, (lun_pool_slot)slot, now) : 0;
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

static int pool_queue(lua_State *L) {
  lua_pushnumber(L, queue(userdata_at(L, 1), luaL_checknumber(L, 2), luaL_checknumber(L, 3)));
  return 1;
}

static int pool_pass_on(lua_State *L) {
  int32_t slot = (int32_t)luaL_checkinteger(L, 2);
  lua_pushnumber(L, pass_on(userdata_at(L, 1), slot, userdata_at(L, 3), luaL_checknumber(L, 4)));
  return 1;
}

void lun_lua_pool_add_direct(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"take", pool_take},
      {"give", pool_give},
      {"queue", pool_queue},
      {"pass_on", pool_pass_on},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}

static void add_address(lua_State *L, const char *name, uintptr_t address) {
  lua_pushlightuserdata(L, (void *)address);
  lua_setfield(L, -2, name);
}

void lun_lua_pool_push_addresses(lua_State *L) {
  lua_createtable(L, 0, 4);
  add_address(L, "take", (uintptr_t)take);
  add_address(L, "give", (uintptr_t)give);
  add_address(L, "queue", (uintptr_t)queue);
  add_address(L, "pass_on", (uintptr_t)pass_on);
}
