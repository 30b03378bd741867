/// Rows of a result as Lua values, one reader per call.
///
/// Pushing a value can run the collector, and with it a finalizer of the user's that reads other
/// rows: so every reader has room of its own for the cells it is pushing.
#pragma once

#include "lua/format.h"

enum { LUN_READER_CELLS = 64 }; // rows with more columns get their room from Lua

typedef struct lun_lua_reader {
  lua_State *L;
  lun_lua_shared *shared;
  const lun_result *result;
  unsigned format;
  int keys; // stack index of the first name, for dicts
  int plan; // see lun_lua_push_planned()
  lun_value *cells;
  lun_value few[LUN_READER_CELLS];
} lun_lua_reader;

/// Has the strings among up to LUN_READER_CELLS cells looked for before they are pushed.
void lun_lua_warm_cells(lua_State *L,
                        const lun_lua_shared *shared,
                        const lun_value *cells,
                        size_t count);

/// Makes `reader`, which borrows `result`. Pushes what it needs for as long as it is used: the
/// names of the table at the absolute index `names` (not for arrays and values), and room for wide
/// rows. `plan` is an absolute index too, or 0.
/// [-0, +n]
void lun_lua_reader_init(lun_lua_reader *reader,
                         lua_State *L,
                         lun_lua_shared *shared,
                         const lun_result *result,
                         unsigned format,
                         int names,
                         int plan);

/// Pushes row `i` as a table. [-0, +1], nothing on failure
lun_status lun_lua_reader_push_row(lun_lua_reader *reader, size_t i);

/// Pushes the values of row `i`. [-0, +columns], nothing on failure
lun_status lun_lua_reader_push_values(lun_lua_reader *reader, size_t i);

/// Puts rows [from, to) into the table at the absolute index `table`, from 1 on. [-0, +0]
lun_status lun_lua_reader_fill(lun_lua_reader *reader, size_t from, size_t to, int table);
