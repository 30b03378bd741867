/// The libuv host of one Lua state: its loop, its tasks, and what is to be told to Lua.
#pragma once

#include "lua/shared.h"
#include "uv/loop.h"

typedef struct lun_lua_host {
  lun_loop *loop;
  lun_list ready;               // tasks to resume, first come first served
  lun_list expired;             // timers whose functions are to be called
  lun_list lost;                // channels that closed while nobody waited
  struct lun_lua_task *current; // being resumed now, NULL outside
  bool is_parking;              // a task asked to be parked, and its yield is on the way here
  bool has_passes;              // coroutines of the user hand that yield up (the runner)
  int anchors;                  // registry reference: list of what must live
  int passers;                  // registry reference: weak set of coroutines of lunasa.wrap
  int known;                    // registry reference: from address to what others keep
} lun_lua_host;

/// Whether there is something to be told to Lua.
static inline bool lun_lua_host_has_news(const lun_lua_host *host) {
  return !lun_list_is_empty(&host->ready) || !lun_list_is_empty(&host->expired)
         || !lun_list_is_empty(&host->lost);
}

/// Returns the state's host, made on first use; raises when that fails. [-0, +0]
lun_lua_host *lun_lua_host_get(lua_State *L);

/// Adds functions to the table on top of the stack, for each to find the host as its first upvalue.
/// [-0, +0]
void lun_lua_host_add(lua_State *L, const luaL_Reg *functions);

/// Returns the host to a function that was so added.
static inline lun_lua_host *lun_lua_host_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

/// Keeps the value at stack index `index` alive, and returns where it is. [-0, +0]
int lun_lua_host_hold(lua_State *L, const lun_lua_host *host, int index);

/// Pushes what is held there. [-0, +1]
void lun_lua_host_push_held(lua_State *L, const lun_lua_host *host, int anchor);

/// Lets go of what is held there, if anything is. [-0, +0]
void lun_lua_host_let_go(lua_State *L, const lun_lua_host *host, int *anchor);

/// Remembers the value at `index` under `key` for as long as somebody else keeps it. [-0, +0]
void lun_lua_host_remember(lua_State *L, lun_lua_host *host, void *key, int index);

/// Pushes the value remembered under `key`, or nil. [-0, +1]
void lun_lua_host_push_remembered(lua_State *L, lun_lua_host *host, void *key);
