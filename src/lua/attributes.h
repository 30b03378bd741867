/// Query attributes: names and values that travel beside a statement.
#pragma once

#include "lua/shared.h"

/// Sets those of `command` to the list at stack index `index`: a name, its value, and so on; nil or
/// none for no attributes. LUN_ERR_ARGUMENT, with the name, for what is no parameter either.
///
/// Pushes what keeps them alive: valid as long as that and the list are on the stack. Raises what
/// a value object raises. [-0, +0 for no attributes, else +1 or +2]
lun_status lun_lua_attributes(
    lua_State *L, lun_session *session, int index, lun_command *command, lun_error *error);
