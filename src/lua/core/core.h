/// What the files of module lunasa.core offer its module.c.
#pragma once

#include <lua.h>

/// Pushes the constructor of pools. [-0, +1]
int lun_lua_core_pool(lua_State *L);

/// Adds is_world_writable and list_folder to the table on top of the stack. [-0, +0]
void lun_lua_core_files(lua_State *L);
