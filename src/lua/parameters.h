/// Parameters of a statement: Lua values to literals in the place of placeholders, or to values
/// that travel beside it.
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

/// Whether the table at stack index `args` gives its values by their position rather than by name;
/// an empty one does. [-0, +0]
bool lun_lua_is_list(lua_State *L, int args);

/// Values that travel beside a statement. Memory and strings are kept alive by the Lua table at
/// stack index `anchors`.
typedef struct lun_lua_values {
  lun_value *items;
  size_t count;
  size_t capacity;
  int anchors;
  int kept; // strings among the anchors
} lun_lua_values;

/// Appends `sql` to `text` with plain `?` for every placeholder, `(?, ?)` for a list, and sets
/// `*values` to what stands for them, in their order. The checks are those of lun_lua_interpolate.
/// `args` nil or none: `sql` as it is, and no values.
///
/// Pushes the table that keeps `values` alive, also on failure: valid as long as it is on the stack
/// or referenced, whatever becomes of `args`. Nothing leaks when a value object raises. [-0, +1]
lun_status lun_lua_collect(lua_State *L,
                           lun_session *session,
                           lun_view sql,
                           int args,
                           bool is_pyformat,
                           lun_buffer *text,
                           lun_lua_values *values,
                           lun_error *error);

/// Rows of parameters: `count` of the list at stack index `list`, from number `first` on.
typedef struct lun_lua_rows_given {
  int list;
  size_t first; // counted from 1
  size_t count;
} lun_lua_rows_given;

/// The same for many rows of parameters: each is what `args` is above. The values stand row after
/// row, `values->count / rows->count` in each. LUN_ERR_ARGUMENT, with the row's number counted from
/// `rows->first`, when a row has another number of values than the first. The values are to be used
/// before any Lua runs, or the collector. [-0, +1]
lun_status lun_lua_collect_rows(lua_State *L,
                                lun_session *session,
                                lun_view sql,
                                const lun_lua_rows_given *rows,
                                bool is_pyformat,
                                lun_buffer *text,
                                lun_lua_values *values,
                                lun_error *error);

/// Ends the use of such values: they are gone when the memory was much.
void lun_lua_values_end(lun_lua_shared *shared);

/// Appends the literal for the value at stack index `index`: a scalar, a value object, or a list,
/// which becomes `(a, b)`. [-0, +0]
lun_status
lun_lua_literal(lua_State *L, lun_session *session, int index, lun_buffer *out, lun_error *error);
