/// The userdata of module lunasa.tls, one file each.
#pragma once

#include "tls/tls.h"

#include <lua.h>

/// Makes the metatables, once per state. [-0, +0]
void lun_lua_tls_register_context(lua_State *L);
void lun_lua_tls_register_client(lua_State *L);

/// `context(options)`: pushes a context, or nil and an error.
int lun_lua_tls_new_context(lua_State *L);

/// Pushes a client of `context`, or nil and an error, and returns how many values. [-0, +(1|2)]
int lun_lua_tls_new_client(lua_State *L, lun_tls_context *context, const char *server_name);

/// Returns the string at `index`, which must have no NUL inside: C would see the half of it.
const char *lun_lua_tls_check_text(lua_State *L, int index, const char *what);
