/// LuaJIT's table of strings, seen from outside, so that what interning a string will look at can
/// be on its way from memory before it is asked for.
///
/// For the LuaJIT with which cmake/string_table_test.c succeeded, and which is linked into the
/// runner: LUNASA_STRING_TABLE is defined then. Nothing is changed.
#pragma once

#include "lua/shared.h"

/// Is a lun_lua_warmer. Of more than 64 strings it looks at the first.
void lun_string_table_warm(lua_State *L, const lun_view *strings, size_t count);
