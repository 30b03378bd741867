/// Rows decoded ahead, by C that is called by its address.
#pragma once

#include <lua.h>

/// Pushes what lua/lunasa/rows_ahead.lua needs: a table. [-0, +1]
void lun_lua_rows_push_ahead(lua_State *L);
