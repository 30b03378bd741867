/// `pairs` and `next`, where LuaJIT's own cannot be compiled safely.
#pragma once

#include <lua.h>

/// Replaces the globals `pairs` and `next` when this LuaJIT may be one whose compiler breaks them
/// (github.com/LuaJIT/LuaJIT/issues/829): for a compiled loop over a table it may emit an exchange
/// of two registers that cuts an address to 32 bits, and the process dies. It was mended in April
/// 2022; releases from August 2023 on say so in their version, those before cannot be told apart.
/// The same functions in C are called and not compiled: some 50 ns per element. [-0, +0]
void lun_iteration_replace(lua_State *L);
