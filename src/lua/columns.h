/// The columns of a result as Lua userdata "lunasa.metadata", for who wants to know more of them
/// than their names.
#pragma once

#include "lua/shared.h"

/// Pushes `metadata`, of which it keeps a reference. [-0, +1]
void lun_lua_push_metadata(lua_State *L, lun_metadata *metadata);
