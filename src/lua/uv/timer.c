#include "lua/uv/timer.h"

#include "lua/kind.h"
#include "uv/timer.h"

static const char NAME[] = "lunasa.uv.timer";

typedef struct lua_timer {
  lun_lua_kind kind;
  lun_timer timer;
  lun_lua_host *host;
  lun_list expired; // in host->expired
  int anchor;       // itself while it runs, see lun_lua_host_hold(); else LUA_NOREF
} lua_timer;

static lua_timer *check_timer(lua_State *L) {
  return lun_lua_check_kind(L, 1, NAME);
}

static void on_expire(lun_timer *timer) {
  lua_timer *expired = LUN_LIST_ELEMENT(timer, lua_timer, timer);
  lun_list_push_back(&expired->host->expired, &expired->expired);
}

// uv.timer(is_background): a timer; a background one does not keep the loop alive.
static int timer_new(lua_State *L) {
  bool is_background = lua_toboolean(L, 1);
  lua_timer *timer = lua_newuserdata(L, sizeof *timer);
  *timer = (lua_timer){.kind = NAME, .host = lun_lua_host_of(L), .anchor = LUA_NOREF};
  timer->timer.is_background = is_background;
  timer->timer.on_expire = on_expire;
  lun_list_init(&timer->expired);
  luaL_getmetatable(L, NAME);
  lua_setmetatable(L, -2);
  return 1;
}

static void stop(lua_State *L, lua_timer *timer) {
  if (timer->host->loop) {
    lun_timer_stop(timer->host->loop, &timer->timer);
  }
  lun_list_remove(&timer->expired);
  if (timer->anchor != LUA_NOREF) {
    lun_lua_host_let_go(L, timer->host, &timer->anchor);
  }
}

// timer:start(seconds, function): the function is called once; starting again starts over. Without
// a function, the one that it was started with last is.
static int timer_start(lua_State *L) {
  lua_timer *timer = check_timer(L);
  double seconds = luaL_checknumber(L, 2);
  stop(L, timer);
  if (!lua_isnoneornil(L, 3)) {
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, 1);
    lua_setfenv(L, 1);
  }
  if (lun_timer_start(timer->host->loop, &timer->timer, seconds) != LUN_OK) {
    return luaL_error(L, "out of memory");
  }
  timer->anchor = lun_lua_host_hold(L, timer->host, 1);
  return 0;
}

// timer:stop()
static int timer_stop(lua_State *L) {
  stop(L, check_timer(L));
  return 0;
}

static int timer_gc(lua_State *L) {
  lua_timer *timer = check_timer(L);
  if (timer->host->loop) {
    lun_timer_stop(timer->host->loop, &timer->timer);
  }
  lun_list_remove(&timer->expired);
  return 0;
}

void lun_lua_timer_call_expired(lua_State *L, lun_lua_host *host) {
  lun_list *node;
  while ((node = lun_list_first(&host->expired))) {
    lua_timer *timer = LUN_LIST_ELEMENT(node, lua_timer, expired);
    lun_lua_host_push_held(L, host, timer->anchor);
    lun_list_remove(node);
    lun_lua_host_let_go(L, host, &timer->anchor);
    lua_getfenv(L, -1);
    lua_rawgeti(L, -1, 1);
    lua_call(L, 0, 0);
    lua_pop(L, 2);
  }
}

void lun_lua_timer_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"start", timer_start},
      {"stop", timer_stop},
      {NULL, NULL},
  };
  static const luaL_Reg functions[] = {{"timer", timer_new}, {NULL, NULL}};
  lun_lua_host_add(L, functions);
  if (luaL_newmetatable(L, NAME)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, timer_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}
