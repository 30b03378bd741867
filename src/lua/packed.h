/// The userdata "lunasa.rows" from inside: what the files share that give it its methods.
#pragma once

#include "lua/kind.h"
#include "lua/reader.h"

extern const char LUN_LUA_ROWS_KIND[];

/// A Lua object that owns a result. The names and the format stay as they were when it was made.
typedef struct lun_lua_packed {
  lun_lua_kind kind;
  lun_lua_shared *shared;
  lun_result *result; // NULL once closed
  uint32_t *marks;    // see rows_columns.c; NULL until a column was asked for
  unsigned format;
  int names; // registry references
  int plan;  // LUA_NOREF for none
  // Calls that are reading the rows now. A finalizer or a converter may close the result under
  // their hands: then the last of them frees it, or the collector when that one raised.
  unsigned users;
  bool is_closing;
} lun_lua_packed;

/// Frees the marks, which only methods make.
void lun_lua_packed_forget_marks(lun_lua_packed *rows);

/// Returns the open rows at stack index 1, raising when they are none.
lun_lua_packed *lun_lua_packed_check(lua_State *L);

/// Returns `rows`, raising when they are closed.
lun_lua_packed *lun_lua_packed_check_open(lua_State *L, lun_lua_packed *rows);

/// Ends a call that counted itself in `rows->users`; raises an error when it failed.
void lun_lua_packed_leave(lua_State *L, lun_lua_packed *rows, lun_status status);

/// Raises what is wrong with a row.
int lun_lua_packed_fail(lua_State *L, lun_status status);

/// Pushes the plan, and returns its index; 0, and nothing is pushed, for none.
int lun_lua_packed_push_plan(lua_State *L, const lun_lua_packed *rows);

/// Calls `build` with the collector at rest when the rows are many.
int lun_lua_packed_build(lua_State *L, lua_CFunction build);

/// Decodes the cells of a column, of rows [from, to).
lun_status lun_lua_packed_cells(
    lun_lua_packed *rows, uint32_t column, size_t from, size_t to, lun_value *cells);

/// Decodes all cells of rows [from, to), row after row.
lun_status
lun_lua_packed_rows(const lun_lua_packed *rows, size_t from, size_t to, lun_value *cells);

enum { LUN_PACKED_AHEAD = 16 }; // rows

/// Rows are far apart: what is needed of one is asked for some rows before.
static inline void lun_lua_packed_prefetch(const lun_rows *rows, size_t i) {
  if (i + LUN_PACKED_AHEAD < rows->count) {
    __builtin_prefetch(rows->index[i + LUN_PACKED_AHEAD]);
  }
}

/// Add methods to the table at the top: rows:values(), rows:values_at() and rows:step();
/// rows:column() and rows:columns(); rows:arrays(); rows:new_batch() and rows:fill(). [-0, +0]
void lun_lua_rows_add_values(lua_State *L);
void lun_lua_rows_add_columns(lua_State *L);
void lun_lua_rows_add_arrays(lua_State *L);
void lun_lua_rows_add_batches(lua_State *L);
