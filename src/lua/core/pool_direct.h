/// The ways of a pool that compiled Lua calls by their addresses, without the Lua API.
///
/// They may not raise, yield or call back. What they are given may be any userdata: they look at
/// its kind, and do nothing to another one.
#pragma once

#include <lua.h>

/// Adds take, give, queue and pass_on, which do the same through the Lua API, to the table on top
/// of the stack. [-0, +0]
void lun_lua_pool_add_direct(lua_State *L);

/// Pushes a table with their addresses. [-0, +1]
void lun_lua_pool_push_addresses(lua_State *L);
