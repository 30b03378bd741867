/// Userdata "lunasa.uv.process": a child in a session of its own, tied to us by its standard input.
#pragma once

#include "lua/uv/host.h"

/// Registers the metatable, and adds `spawn` to the module's table on top of the stack. [-0, +0]
void lun_lua_process_register(lua_State *L);
