/// What the files of the module lunasa_spec share.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "driver/value.h"

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg LUN_SPEC_ADDRESSES[];
extern const luaL_Reg LUN_SPEC_BASE[];
extern const luaL_Reg LUN_SPEC_MEMORY[];
extern const luaL_Reg LUN_SPEC_PACKETS[];
extern const luaL_Reg LUN_SPEC_COMPRESSION[];
extern const luaL_Reg LUN_SPEC_FRAMES[];
extern const luaL_Reg LUN_SPEC_SQL[];
extern const luaL_Reg LUN_SPEC_ROWS[];
extern const luaL_Reg LUN_SPEC_STATEMENTS[];
extern const luaL_Reg LUN_SPEC_COLLECT[];

/// Pushes nil and the status's name, and the message behind them. [-0, +2 or +3]
int lun_spec_fail(lua_State *L, lun_status status);
int lun_spec_fail_with(lua_State *L, const lun_error *error);

/// Returns the value whose kind is the argument at `index`; what it holds stands behind it.
/// Borrows from the Lua stack.
lun_value lun_spec_value(lua_State *L, int index);

/// Returns the string argument at `index`.
lun_view lun_spec_view(lua_State *L, int index);

/// Returns a field of the table at `index`, empty or 0 when it is absent. Valid as long as the
/// table holds it.
lun_view lun_spec_view_field(lua_State *L, int index, const char *name);
uint32_t lun_spec_u32_field(lua_State *L, int index, const char *name);

/// [-0, +1]
void lun_spec_push_view(lua_State *L, lun_view view);

/// Set a field of the table on top. [-0, +0]
void lun_spec_set_view(lua_State *L, const char *name, lun_view view);
void lun_spec_set_number(lua_State *L, const char *name, double value);

/// Pushes the kind of `value` and, but for NULL, the value; integers as text, since they may be
/// beyond 2^53. [-0, +1 or +2]
int lun_spec_push_value(lua_State *L, const lun_value *value);

/// Pushes what `buffer` holds, and frees it. [-0, +1]
int lun_spec_push_buffer(lua_State *L, lun_buffer *buffer);
