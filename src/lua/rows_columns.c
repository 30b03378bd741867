// The values of rows, one column at a time.
#include "base/block.h"
#include "lua/packed.h"

// Who reads one column will often read the one behind it: marks say where in each row its cell
// begins. Each is of its own row only, since a finalizer may read another column meanwhile.
enum {
  MARK_SHIFT = 20, // the offset is below, the column above
  MOST_OFFSET = (1 << MARK_SHIFT) - 1,
  MOST_COLUMN = (1 << (32 - MARK_SHIFT)) - 1,
  FEW = 8,    // columns, which are looked through as quickly
  AHEAD = 16, // rows
};

void lun_lua_packed_forget_marks(lun_lua_packed *rows) {
  if (rows->marks) {
    lun_block_free(rows->marks, rows->result->rows.count * sizeof *rows->marks);
    rows->marks = NULL;
  }
}

// Without memory for marks each column is looked for from the beginning.
static uint32_t *marks_of(lun_lua_packed *rows) {
  size_t size = rows->result->rows.count * sizeof *rows->marks;
  if (!rows->marks && size > 0 && rows->result->metadata->count > FEW) {
    rows->marks = lun_block_new(size);
    if (rows->marks) {
      memset(rows->marks, 0, size);
    }
  }
  return rows->marks;
}

static lun_mark unpack_mark(uint32_t mark) {
  return (lun_mark){mark >> MARK_SHIFT, mark & MOST_OFFSET};
}

static uint32_t pack_mark(lun_mark mark) {
  bool has_room = mark.column <= MOST_COLUMN && mark.offset <= MOST_OFFSET;
  return has_room ? mark.column << MARK_SHIFT | mark.offset : 0;
}

// Rows are far apart: what is needed of one is asked for some rows before.
static void prefetch(const lun_rows *rows, const uint32_t *marks, size_t i) {
  if (i < rows->count) {
    __builtin_prefetch(rows->index[i]);
    __builtin_prefetch(rows->index[i] + (marks ? marks[i] & MOST_OFFSET : 0));
  }
}

// Decodes the cells of a column from row `from` on, up to LUN_READER_CELLS.
static lun_status
decode_cells(lun_lua_packed *rows, uint32_t column, size_t from, size_t to, lun_value *cells) {
  const lun_result *result = rows->result;
  uint32_t *marks = marks_of(rows);
  for (size_t i = from; i < to; i++) {
    lun_mark mark = unpack_mark(marks ? marks[i] : 0);
    lun_view row = lun_rows_at(&result->rows, i);
    prefetch(&result->rows, marks, i + AHEAD);
    lun_status status =
        result->decoder->cell(result->metadata, row, column, &mark, &cells[i - from]);
    if (status != LUN_OK) {
      return status;
    }
    if (marks) {
      marks[i] = pack_mark(mark);
    }
  }
  return LUN_OK;
}

static int build_column(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  const lun_result *result = rows->result;
  size_t count = result->rows.count;
  lua_Integer column = luaL_checkinteger(L, 2);
  luaL_argcheck(
      L, column >= 1 && column <= (lua_Integer)result->metadata->count, 2, "no such column");
  uint32_t c = (uint32_t)column - 1;
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL;
  lun_status status = LUN_OK;
  rows->users++;
  int plan = lun_lua_packed_push_plan(L, rows);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count && status == LUN_OK; i += LUN_READER_CELLS) {
    lun_value cells[LUN_READER_CELLS];
    size_t end = count - i < LUN_READER_CELLS ? count : i + LUN_READER_CELLS;
    status = decode_cells(rows, c, i, end, cells);
    if (status == LUN_OK) {
      lun_lua_warm_cells(L, rows->shared, cells, end - i);
    }
    for (size_t n = i; n < end && status == LUN_OK; n++) {
      lun_lua_push_planned(L, rows->shared, result->metadata, c, &cells[n - i], format, plan);
      lua_rawseti(L, -2, (int)n + 1);
    }
  }
  lun_lua_packed_leave(L, rows, status);
  return 1;
}

// rows:column(c): a table of one column's values, NULL as lunasa.null.
static int rows_column(lua_State *L) {
  return lun_lua_packed_build(L, build_column);
}

// Writes one cell as rows:fill() says.
static void
write_number(const lun_value *cell, bool is_double, size_t i, uint8_t *values, uint8_t *nulls) {
  uint64_t bits = 0;
  double real = cell->kind == LUN_VALUE_INTEGER    ? (double)cell->integer
                : cell->kind == LUN_VALUE_UNSIGNED ? (double)cell->natural
                                                   : cell->real;
  if (cell->kind == LUN_VALUE_NULL) {
    nulls[i / 8] = (uint8_t)(nulls[i / 8] | 1u << i % 8);
  } else {
    memcpy(&bits, is_double ? (const void *)&real : (const void *)&cell->integer, sizeof bits);
  }
  memcpy(values + i * sizeof bits, &bits, sizeof bits);
}

// rows:fill(c, kind, values, nulls, count): writes column `c` into FFI memory that Lua owns and has
// sized for `count` rows: `kind` is as the names' metatable says, `nulls` one bit per row. Not for
// a column of strings.
static int rows_fill(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  const lun_result *result = rows->result;
  uint32_t c = (uint32_t)luaL_checkinteger(L, 2) - 1;
  bool is_double = *luaL_checkstring(L, 3) == 'd';
  uint8_t *values = *(uint8_t *const *)lua_topointer(L, 4);
  uint8_t *nulls = *(uint8_t *const *)lua_topointer(L, 5);
  luaL_argcheck(L, c < result->metadata->count, 2, "no such column");
  luaL_argcheck(L, (size_t)luaL_checkinteger(L, 6) == result->rows.count, 6, "not the row count");
  size_t count = result->rows.count;
  for (size_t i = 0; i < count; i += LUN_READER_CELLS) {
    lun_value cells[LUN_READER_CELLS];
    size_t end = count - i < LUN_READER_CELLS ? count : i + LUN_READER_CELLS;
    if (decode_cells(rows, c, i, end, cells) != LUN_OK) {
      return lun_lua_packed_fail(L, LUN_ERR_PROTOCOL);
    }
    for (size_t n = i; n < end; n++) {
      write_number(&cells[n - i], is_double, n, values, nulls);
    }
  }
  return 0;
}

void lun_lua_rows_add_columns(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"column", rows_column},
      {"fill", rows_fill},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
