/// Rows of parameters, read from LuaJIT's tables as they lie in memory: a call for each value costs
/// more than all that is done with it.
///
/// For the LuaJIT with which cmake/rows_reader_test.c succeeded, and which is linked into the
/// runner: LUNASA_ROWS_READER is defined then. Nothing is changed.
#pragma once

#include "lua/shared.h"

/// Is a lun_lua_rows_reader.
size_t lun_rows_reader_read(
    lua_State *L, int list, size_t first, size_t count, size_t width, lun_value *cells);
