#include "lua/core/core.h"
#include "lua/core/pool_direct.h"
#include "lua/core/pool_lease.h"

#include <lauxlib.h>

#include <stdlib.h>

const char LUN_LUA_POOL_KIND[] = "lunasa.core.pool";

enum { DEFAULT_MAXSIZE = 10, DEEPEST_CALLER = 32 };

static lun_lua_pool *check_pool(lua_State *L) {
  lun_lua_pool_holder *self = lun_lua_check_kind(L, 1, LUN_LUA_POOL_KIND);
  luaL_argcheck(L, self->shared, 1, "the pool was collected");
  return self->shared;
}

static lun_pool_slot check_slot(lua_State *L, int index) {
  lua_Number slot = luaL_checknumber(L, index);
  luaL_argcheck(L, slot >= 1 && slot <= UINT32_MAX, index, "not a slot");
  return (lun_pool_slot)slot;
}

static int push_failure(lua_State *L, int nils, lun_status status) {
  lua_settop(L, 0);
  for (int i = 0; i < nils; i++) {
    lua_pushnil(L);
  }
  lua_pushstring(L, lun_status_name(status));
  return nils + 1;
}

// The end of every method that changes the pool: whether an action is queued, or nil and the error.
static int push_change(lua_State *L, const lun_pool *pool, lun_status status) {
  if (status != LUN_OK) {
    return push_failure(L, 1, status);
  }
  lua_pushboolean(L, lun_pool_has_next(pool));
  return 1;
}

static int pool_fill(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  return push_change(L, pool, lun_pool_fill(pool, luaL_checknumber(L, 2)));
}

static int pool_acquire(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lun_pool_slot slot = 0;
  lun_pool_waiter waiter = 0;
  lun_status status =
      lun_pool_acquire(pool, luaL_checknumber(L, 2), luaL_optnumber(L, 3, 0), &slot, &waiter);
  if (status != LUN_OK) {
    return push_failure(L, 2, status);
  }
  if (slot != 0) {
    lua_pushnumber(L, slot);
    if (!lun_pool_has_next(pool)) {
      return 1;
    }
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushboolean(L, true);
    return 4;
  }
  lua_pushnil(L);
  lua_pushnumber(L, (lua_Number)waiter);
  return 2;
}

static int pool_forget(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lua_Number waiter = luaL_checknumber(L, 2);
  luaL_argcheck(L, waiter >= 1 && waiter < 0x1p53, 2, "not a waiter");
  lun_status status = lun_pool_forget(pool, (lun_pool_waiter)waiter, luaL_checknumber(L, 3));
  return push_change(L, pool, status);
}

// The argument that makes lifetimes differ, from 0 to 1; 0 when there is none.
static double check_spread(lua_State *L, int index) {
  double spread = luaL_optnumber(L, index, 0);
  luaL_argcheck(L, spread >= 0 && spread <= 1, index, "not from 0 to 1");
  return spread;
}

static int pool_opened(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lun_pool_slot slot = check_slot(L, 2);
  double now = luaL_checknumber(L, 3);
  return push_change(L, pool, lun_pool_opened(pool, slot, check_spread(L, 4), now));
}

static int pool_renewed(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lun_pool_slot slot = check_slot(L, 2);
  double now = luaL_checknumber(L, 3);
  return push_change(L, pool, lun_pool_renewed(pool, slot, check_spread(L, 4), now));
}

static int pool_open_failed(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  return push_change(L, pool, lun_pool_open_failed(pool, check_slot(L, 2), luaL_checknumber(L, 3)));
}

static int pool_release(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  bool is_healthy = lua_toboolean(L, 3);
  lun_status status = lun_pool_release(pool, check_slot(L, 2), is_healthy, luaL_checknumber(L, 4));
  return push_change(L, pool, status);
}

static int pool_lost(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  return push_change(L, pool, lun_pool_lost(pool, check_slot(L, 2), luaL_checknumber(L, 3)));
}

static int pool_tick(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lun_pool_tick(pool, luaL_checknumber(L, 2));
  return push_change(L, pool, LUN_OK);
}

static int pool_next_tick(lua_State *L) {
  double next = lun_pool_next_tick(check_pool(L)->pool);
  if (next < 0) {
    lua_pushnil(L);
  } else {
    lua_pushnumber(L, next);
  }
  return 1;
}

// pool:waiting_since(): when the first in the queue began to wait, or nil.
static int pool_waiting_since(lua_State *L) {
  double since = lun_pool_waiting_since(check_pool(L)->pool);
  if (since < 0) {
    lua_pushnil(L);
  } else {
    lua_pushnumber(L, since);
  }
  return 1;
}

static int pool_close(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lun_pool_close(pool, luaL_checknumber(L, 2));
  return push_change(L, pool, LUN_OK);
}

static int pool_clear(lua_State *L) {
  lun_pool *pool = check_pool(L)->pool;
  lun_pool_clear(pool, luaL_checknumber(L, 2));
  return push_change(L, pool, LUN_OK);
}

static void push_kind(lua_State *L, lun_pool_action_kind kind) {
  switch (kind) {
  case LUN_POOL_OPEN: lua_pushliteral(L, "open"); break;
  case LUN_POOL_GRANT: lua_pushliteral(L, "grant"); break;
  case LUN_POOL_CLOSE: lua_pushliteral(L, "close"); break;
  case LUN_POOL_EXPIRE: lua_pushliteral(L, "expire"); break;
  case LUN_POOL_FAIL: lua_pushliteral(L, "fail"); break;
  case LUN_POOL_CLOSED: lua_pushliteral(L, "closed"); break;
  }
}

static void push_reason(lua_State *L, lun_pool_close_reason reason) {
  switch (reason) {
  case LUN_POOL_CLOSE_UNUSED: lua_pushliteral(L, "unused"); break;
  case LUN_POOL_CLOSE_OLD: lua_pushliteral(L, "old"); break;
  case LUN_POOL_CLOSE_UNHEALTHY: lua_pushliteral(L, "unhealthy"); break;
  case LUN_POOL_CLOSE_CLEARED: lua_pushliteral(L, "cleared"); break;
  case LUN_POOL_CLOSE_ENDED: lua_pushliteral(L, "ended"); break;
  }
}

static void push_number_or_nil(lua_State *L, lua_Number number) {
  if (number == 0) {
    lua_pushnil(L);
  } else {
    lua_pushnumber(L, number);
  }
}

static int pool_next(lua_State *L) {
  lun_pool_action action;
  if (!lun_pool_next(check_pool(L)->pool, &action)) {
    return 0;
  }
  push_kind(L, action.kind);
  push_number_or_nil(L, action.slot);
  push_number_or_nil(L, (lua_Number)action.waiter);
  if (action.kind != LUN_POOL_CLOSE) {
    return 3;
  }
  push_reason(L, action.reason);
  return 4;
}

static int pool_count(lua_State *L) {
  lun_pool_stats stats = lun_pool_count(check_pool(L)->pool);
  lua_pushnumber(L, stats.size);
  lua_pushnumber(L, stats.idle);
  lua_pushnumber(L, stats.used);
  lua_pushnumber(L, stats.opening);
  lua_pushnumber(L, stats.waiting);
  return 5;
}

static int pool_total(lua_State *L) {
  lun_pool_totals totals = lun_pool_total(check_pool(L)->pool);
  lua_pushnumber(L, (lua_Number)totals.acquired);
  lua_pushnumber(L, (lua_Number)totals.released);
  lua_pushnumber(L, (lua_Number)totals.waited);
  lua_pushnumber(L, totals.wait_time);
  lua_pushnumber(L, totals.most_used);
  lua_pushnumber(L, totals.most_waiting);
  return 6;
}

static int pool_is_closing(lua_State *L) {
  lua_pushboolean(L, lun_pool_is_closing(check_pool(L)->pool));
  return 1;
}

static int pool_lease(lua_State *L) {
  return lun_lua_pool_lease_new(L, check_pool(L), check_slot(L, 2));
}

static int pool_abandoned(lua_State *L) {
  push_number_or_nil(L, lun_lua_pool_lease_abandoned(check_pool(L)));
  return 1;
}

// pool:caller(prefix, level): source and line of the nearest Lua caller whose chunk name does not
// begin with `prefix`, and its coroutine; those nearer than `level`, 1 unless given, are not looked
// at. Far cheaper than debug.getinfo(), which fills a table.
static int pool_caller(lua_State *L) {
  size_t size = 0;
  const char *prefix = luaL_checklstring(L, 2, &size);
  lua_Debug caller;
  for (int level = (int)luaL_optinteger(L, 3, 1);
       level < DEEPEST_CALLER && lua_getstack(L, level, &caller);
       level++) {
    lua_getinfo(L, "S", &caller);
    if (*caller.what != 'C' && strncmp(caller.source, prefix, size) != 0) {
      lua_getinfo(L, "l", &caller);
      lua_pushstring(L, caller.short_src);
      lua_pushinteger(L, caller.currentline);
      lua_pushthread(L);
      return 3;
    }
  }
  return 0;
}

static int pool_gc(lua_State *L) {
  lun_lua_pool_holder *self = luaL_checkudata(L, 1, LUN_LUA_POOL_KIND);
  lun_lua_pool_unref(self->shared);
  self->shared = NULL;
  return 0;
}

static int pool_tostring(lua_State *L) {
  lun_pool_stats stats = lun_pool_count(check_pool(L)->pool);
  lua_pushfstring(L,
                  "%s(size %d, idle %d, used %d, opening %d, waiting %d)",
                  LUN_LUA_POOL_KIND,
                  (int)stats.size,
                  (int)stats.idle,
                  (int)stats.used,
                  (int)stats.opening,
                  (int)stats.waiting);
  return 1;
}

static const luaL_Reg METHODS[] = {
    {"fill", pool_fill},
    {"acquire", pool_acquire},
    {"forget", pool_forget},
    {"opened", pool_opened},
    {"renewed", pool_renewed},
    {"open_failed", pool_open_failed},
    {"release", pool_release},
    {"lost", pool_lost},
    {"tick", pool_tick},
    {"next_tick", pool_next_tick},
    {"close", pool_close},
    {"clear", pool_clear},
    {"next", pool_next},
    {"count", pool_count},
    {"total", pool_total},
    {"is_closing", pool_is_closing},
    {"lease", pool_lease},
    {"abandoned", pool_abandoned},
    {"caller", pool_caller},
    {"waiting_since", pool_waiting_since},
    {"__gc", pool_gc},
    {"__tostring", pool_tostring},
    {NULL, NULL},
};

// Pushes the metatable, making it when this state has none. [-0, +1]
static void push_metatable(lua_State *L) {
  if (luaL_newmetatable(L, LUN_LUA_POOL_KIND)) {
    luaL_setfuncs(L, METHODS, 0);
    lun_lua_pool_add_direct(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, LUN_LUA_POOL_KIND);
    lua_setfield(L, -2, "__name");
  }
}

// The option `name` of the table at 1, a number from `least` to `most`.
static lua_Number
check_option(lua_State *L, const char *name, lua_Number least, lua_Number most, lua_Number value) {
  lua_getfield(L, 1, name);
  if (!lua_isnil(L, -1)) {
    value = lua_tonumber(L, -1);
    if (lua_type(L, -1) != LUA_TNUMBER || !(value >= least && value <= most)) {
      luaL_error(L, "%s must be a number from %f to %f", name, least, most);
    }
  }
  lua_pop(L, 1);
  return value;
}

// The option `order`, "lifo" unless given.
static bool check_lends_oldest(lua_State *L) {
  lua_getfield(L, 1, "order");
  const char *order = lua_isnil(L, -1) ? "lifo" : lua_tostring(L, -1);
  bool lends_oldest = order && strcmp(order, "fifo") == 0;
  if (!lends_oldest && (!order || strcmp(order, "lifo") != 0)) {
    luaL_error(L, "order must be 'lifo' or 'fifo'");
  }
  lua_pop(L, 1);
  return lends_oldest;
}

static int pool_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  uint32_t maxsize = (uint32_t)check_option(L, "maxsize", 1, UINT32_MAX, DEFAULT_MAXSIZE);
  lua_Number no_limit = LUN_POOL_MAX_WAITERS;
  lun_pool_options options = {
      .minsize = (uint32_t)check_option(L, "minsize", 0, maxsize, 0),
      .maxsize = maxsize,
      .max_waiters = (uint32_t)check_option(L, "max_waiters", 0, no_limit, no_limit),
      .max_idle = check_option(L, "max_idle", 0, 1e18, 0),
      .max_lifetime = check_option(L, "max_lifetime", 0, 1e18, 0),
      .lends_oldest = check_lends_oldest(L),
  };
  lun_lua_pool_holder *self = lua_newuserdata(L, sizeof *self);
  *self = (lun_lua_pool_holder){.kind = LUN_LUA_POOL_KIND};
  push_metatable(L);
  lua_setmetatable(L, -2);
  lun_lua_pool *shared = calloc(1, sizeof *shared);
  self->shared = shared;
  if (shared) {
    shared->references = 1;
    shared->pool = lun_pool_new(&options);
  }
  if (!shared || !shared->pool) {
    return luaL_error(L, "out of memory");
  }
  return 1;
}

int lun_lua_core_pool(lua_State *L) {
  lua_pushcfunction(L, pool_new);
  return 1;
}
