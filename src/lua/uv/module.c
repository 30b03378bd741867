// lunasa.uv: tasks, timers, channels and processes over libuv.
#include "lua/export.h"
#include "lua/uv/channel.h"
#include "lua/uv/process.h"
#include "lua/uv/task.h"
#include "lua/uv/timer.h"

#include <stdint.h>

// Waits until something is ready, or only looks when `may_wait` is false.
static bool look(const lun_lua_host *host, bool may_wait) {
  if (may_wait && lun_loop_wait_alone(host->loop)) {
    return true;
  }
  return lun_loop_step(host->loop, may_wait && !lun_lua_host_has_news(host));
}

// uv.step(): resumes the tasks that are ready, or waits until something is. Returns whether
// anything can still become ready: false with tasks left means that they wait for ever.
static int step(lua_State *L) {
  lun_lua_host *host = lun_lua_host_of(L);
  if (host->current) {
    return luaL_error(L, "the loop is running already: uv.step inside a task");
  }
  // Where a task has ended, who called may be done: nothing is waited for before it has looked.
  bool has_ended = lun_lua_task_resume_ready(L, host);
  bool is_alive = look(host, !has_ended && !lun_lua_host_has_news(host));
  // However many reads a large result takes, Lua hears of it once.
  while (is_alive && !has_ended && !lun_lua_host_has_news(host)) {
    is_alive = look(host, true);
  }
  lun_lua_timer_call_expired(L, host);
  lun_lua_channel_tell_lost(L, host);
  // Who was told may have started a timer.
  lua_pushboolean(L, is_alive || !lun_list_is_empty(&host->ready) || lun_loop_is_alive(host->loop));
  return 1;
}

// uv.now(): seconds on a monotonic clock.
static int now(lua_State *L) {
  lua_pushnumber(L, lun_loop_now());
  return 1;
}

// uv.recent(): the same a few milliseconds late, and quicker.
static int recent(lua_State *L) {
  lua_pushnumber(L, lun_loop_recent());
  return 1;
}

static void add_address(lua_State *L, const char *name, uintptr_t address) {
  lua_pushlightuserdata(L, (void *)address);
  lua_setfield(L, -2, name);
}

// uv.addresses: what compiled Lua calls without the Lua API. They may not raise, yield or call
// back.
static void add_addresses(lua_State *L) {
  lun_lua_host *host = lun_lua_host_get(L);
  lua_createtable(L, 0, 5);
  add_address(L, "now", (uintptr_t)lun_loop_now);
  add_address(L, "recent", (uintptr_t)lun_loop_recent);
  add_address(L, "wake", (uintptr_t)lun_lua_task_wake_userdata);
  add_address(L, "current", (uintptr_t)lun_lua_task_current_anchor);
  add_address(L, "host", (uintptr_t)host);
  lua_rawgeti(L, LUA_REGISTRYINDEX, host->anchors);
  lua_setfield(L, -2, "anchors"); // `current` gives a place in it
  lua_setfield(L, -2, "addresses");
}

LUN_EXPORT int luaopen_lunasa_uv(lua_State *L);

LUN_EXPORT int luaopen_lunasa_uv(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"step", step}, {"now", now}, {"recent", recent}, {NULL, NULL}};
  lua_newtable(L);
  lun_lua_host_add(L, functions);
  lun_lua_task_register(L);
  lun_lua_timer_register(L);
  lun_lua_channel_register(L);
  lun_lua_process_register(L);
  add_addresses(L);
  return 1;
}
