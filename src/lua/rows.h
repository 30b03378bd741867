/// A packed result as Lua userdata "lunasa.rows", and small results as plain tables.
#pragma once

#include "lua/format.h"

/// Pushes a "lunasa.rows" that owns `result`, which has metadata. [-0, +1]
void lun_lua_rows_new(lua_State *L, lun_lua_shared *shared, lun_result *result, unsigned format);

/// Frees what the "lunasa.rows" at `index` owns. [-0, +0]
void lun_lua_rows_free(lua_State *L, int index);

/// Asks Lua, when the format wants it, for the functions that make values of the "lunasa.rows" at
/// `index`, which came over the session at `session`. Returns whether it has any from now on. [-0,
/// +0]
bool lun_lua_rows_plan(lua_State *L, int index, int session);

/// Pushes what one statement answered to the session at stack index `session`; takes `result`. For
/// a statement with rows:
///
///     rows, names, count, affected_rows, insert_id, warning_count, info
///
/// `rows` is a table of row tables when the result is small, else a "lunasa.rows"; without rows it
/// is an empty table and `names` is nil. On malformed cells: nil and an error table. [-0, +7 or 2]
int lun_lua_push_result(
    lua_State *L, lun_lua_shared *shared, int session, lun_result *result, unsigned format);

/// Pushes a small result whose making runs no Lua, and only looks at it:
///
///     rows, names, count                  for rows without anything else to tell
///     rows, names, count, affected_rows, insert_id, warning_count, info
///     true, affected_rows, insert_id      with LUN_FORMAT_COUNTS, whatever was answered
///
/// Returns how many values these are, 0 where the result is for lun_lua_push_result(). [-0, +n]
int lun_lua_push_plain(lua_State *L,
                       lun_lua_shared *shared,
                       const lun_result *result,
                       unsigned format);

/// The same for a batch of a stream, whose `rows` are always a "lunasa.rows" for the caller to
/// close; `count` is of this batch. [-0, +7]
int lun_lua_push_batch(
    lua_State *L, lun_lua_shared *shared, int session, lun_result *result, unsigned format);

/// Registers the metatable of "lunasa.rows". [-0, +0]
void lun_lua_rows_register(lua_State *L);
