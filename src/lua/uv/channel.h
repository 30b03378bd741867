/// Userdata "lunasa.uv.channel": a session and the stream it runs on.
#pragma once

#include "lua/uv/host.h"

/// Calls the `on_lost` functions of channels that closed while nobody waited. [-0, +0]
void lun_lua_channel_tell_lost(lua_State *L, lun_lua_host *host);

/// Registers the metatable, and adds `open` to the module's table on top of the stack. [-0, +0]
void lun_lua_channel_register(lua_State *L);
