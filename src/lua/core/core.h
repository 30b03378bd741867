/// What the files of module lunasa.core offer its module.c.
#pragma once

#include <lua.h>

/// Pushes the constructor of pools. [-0, +1]
int lun_lua_core_pool(lua_State *L);
