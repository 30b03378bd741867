/// Parameters of a statement: Lua values to literals, in the place of placeholders.
#pragma once

#include "lua/shared.h"

/// Appends `sql` with its placeholders replaced by the values of the table at stack index `args`.
///
/// A list serves `?` and `%s`, a map `:name` and `%(name)s`. LUN_ERR_ARGUMENT with the position or
/// the name when a value is missing, left over, nil in a plain list, or of a type SQL does not
/// have; nothing is sent then. [-0, +0]
lun_status lun_lua_interpolate(lua_State *L,
                               lun_session *session,
                               lun_view sql,
                               int args,
                               bool is_pyformat,
                               lun_buffer *out,
                               lun_error *error);

/// Appends the literal for the value at stack index `index`: a scalar, a value object, or a list,
/// which becomes `(a, b)`. [-0, +0]
lun_status
lun_lua_literal(lua_State *L, lun_session *session, int index, lun_buffer *out, lun_error *error);
