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
  lua_pushboolean(L, is_alive || !lun_list_is_empty(&host->ready));
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
  lua_pushlightuserdata(L, (void *)(uintptr_t)lun_loop_recent); // compiled Lua calls it by that
  lua_setfield(L, -2, "recent_address");
  return 1;
}
