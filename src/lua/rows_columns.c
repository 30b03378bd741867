// The values of rows, one column at a time.
#include "base/block.h"
#include "lua/packed.h"

// Who reads one column will often read the one behind it: marks say where in each row its cell
// begins. Each is of its own row only, since a finalizer may read another column meanwhile.
enum {
  MARK_SHIFT = 20, // the offset is below, the column above
  MOST_OFFSET = (1 << MARK_SHIFT) - 1,
  MOST_COLUMN = (1 << (32 - MARK_SHIFT)) - 1,
  FEW = 8, // columns, which are looked through as quickly
  AHEAD = LUN_PACKED_AHEAD,
  COLUMNS = 2, // where the list of them is on the stack
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

static void prefetch_mark(const lun_rows *rows, const uint32_t *marks, size_t i) {
  if (marks && i < rows->count) {
    __builtin_prefetch(rows->index[i] + (marks[i] & MOST_OFFSET));
  }
}

lun_status lun_lua_packed_cells(
    lun_lua_packed *rows, uint32_t column, size_t from, size_t to, lun_value *cells) {
  const lun_result *result = rows->result;
  uint32_t *marks = marks_of(rows);
  for (size_t i = from; i < to; i++) {
    lun_mark mark = unpack_mark(marks ? marks[i] : 0);
    lun_view row = lun_rows_at(&result->rows, i);
    lun_lua_packed_prefetch(&result->rows, i);
    prefetch_mark(&result->rows, marks, i + AHEAD);
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

lun_status
lun_lua_packed_rows(const lun_lua_packed *rows, size_t from, size_t to, lun_value *cells) {
  const lun_result *result = rows->result;
  return result->decoder->rows(result->metadata, &result->rows, from, to, cells);
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
    status = lun_lua_packed_cells(rows, c, i, end, cells);
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

// Pushes the cells of column `c` in turn and sets them in its table, rows [from, to).
static void set_cells(lua_State *L,
                      const lun_lua_packed *rows,
                      uint32_t c,
                      int plan,
                      const lun_value *cells,
                      size_t from,
                      size_t to) {
  const lun_metadata *metadata = rows->result->metadata;
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL;
  lun_value side_by_side[LUN_READER_CELLS];
  for (size_t i = 0; i < to - from; i++) {
    side_by_side[i] = cells[i * metadata->count + c];
  }
  lun_lua_warm_cells(L, rows->shared, side_by_side, to - from);
  lua_rawgeti(L, COLUMNS, (int)c + 1);
  for (size_t i = from; i < to; i++) {
    lun_lua_push_planned(L, rows->shared, metadata, c, &side_by_side[i - from], format, plan);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pop(L, 1);
}

static int build_columns(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  uint32_t width = rows->result->metadata->count;
  size_t count = rows->result->rows.count;
  size_t most = width < LUN_READER_CELLS ? LUN_READER_CELLS : FEW;
  lun_status status = LUN_OK;
  lua_settop(L, 1);
  rows->users++;
  lua_createtable(L, (int)width, 0);
  for (uint32_t c = 0; c < width; c++) {
    lua_createtable(L, (int)count, 0);
    lua_rawseti(L, COLUMNS, (int)c + 1);
  }
  lun_value *cells = lua_newuserdata(L, most * width * sizeof *cells);
  int plan = lun_lua_packed_push_plan(L, rows);
  for (size_t from = 0; from < count && status == LUN_OK; from += most) {
    size_t to = count - from < most ? count : from + most;
    status = lun_lua_packed_rows(rows, from, to, cells);
    for (uint32_t c = 0; c < width && status == LUN_OK; c++) {
      set_cells(L, rows, c, plan, cells, from, to);
    }
  }
  lun_lua_packed_leave(L, rows, status);
  lua_settop(L, COLUMNS);
  return 1;
}

// rows:columns(): a list of all columns, each as rows:column() gives it.
static int rows_columns(lua_State *L) {
  return lun_lua_packed_build(L, build_columns);
}

void lun_lua_rows_add_columns(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"column", rows_column},
      {"columns", rows_columns},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
