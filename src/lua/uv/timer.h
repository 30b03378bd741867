/// Userdata "lunasa.uv.timer": calls a Lua function once, later.
#pragma once

#include "lua/uv/host.h"

/// Calls the functions of the timers that expired. What they raise is raised. [-0, +0]
void lun_lua_timer_call_expired(lua_State *L, lun_lua_host *host);

/// Registers the metatable, and adds `timer` to the module's table on top of the stack. [-0, +0]
void lun_lua_timer_register(lua_State *L);
