/// What src/lua/parameters.c, src/lua/values.c and src/lua/attributes.c tell each other.
#pragma once

#include "lua/parameters.h"

/// Appends `value`, whose bytes are kept already. LUN_ERR_ARGUMENT for NaN and infinities, which
/// SQL does not have. May raise when out of memory. [-0, +0]
lun_status
lun_lua_values_add(lua_State *L, lun_lua_values *values, const lun_value *value, lun_error *error);

/// Keeps the string at stack index `index` alive as long as `values`. [-0, +0]
void lun_lua_values_keep(lua_State *L, lun_lua_values *values, int index);

/// Reads a number, a string, a boolean or lunasa.null at stack index `index`; returns whether it is
/// one of them. A string is kept alive by `values`, unless that is NULL. [-0, +0]
bool lun_lua_scalar(lua_State *L, int index, lun_value *value, lun_lua_values *values);

/// Pushes the table that keeps `values` alive and empties them. [-0, +1]
void lun_lua_values_begin(lua_State *L, lun_lua_values *values);

/// Appends the scalar or value object at stack index `index`. Raises what a value object raises.
/// [-0, +0]
lun_status lun_lua_values_append(
    lua_State *L, lun_session *session, int index, lun_lua_values *values, lun_error *error);

/// lun_lua_collect with `values` begun already: further ones are appended. [-0, +0]
lun_status lun_lua_place(lua_State *L,
                         lun_session *session,
                         lun_view sql,
                         int args,
                         bool is_pyformat,
                         lun_buffer *text,
                         lun_lua_values *values,
                         lun_error *error);
