/// Errors of the C layers as Lua sees them: `{code=, errno=, sqlstate=, message=}`, which
/// lunasa.error turns into a lunasa.Error.
#pragma once

#include "base/error.h"

#include <lua.h>

/// Pushes nil and the error's table, and returns 2, so that a function can end in
/// `return lun_lua_fail(…)`. [-0, +2]
int lun_lua_fail(lua_State *L, const lun_error *error) __attribute__((cold));

/// The same for a status that has no more words than its phrase. [-0, +2]
int lun_lua_fail_status(lua_State *L, lun_status status) __attribute__((cold));
