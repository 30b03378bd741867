// The values of rows, one column at a time.
#include "base/block.h"
#include "lua/packed.h"

#include <limits.h>

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

// Rows [from, to), and how far from there their values go.
typedef struct span {
  size_t from;
  size_t to;
  size_t place; // of the first, counted from 0
} span;

// Pushes the cells of column `c` in turn and sets them in its table.
static void set_cells(lua_State *L,
                      const lun_lua_packed *rows,
                      uint32_t c,
                      int plan,
                      const lun_value *cells,
                      const span *of) {
  const lun_metadata *metadata = rows->result->metadata;
  unsigned format = rows->format & ~(unsigned)LUN_FORMAT_NIL;
  size_t count = of->to - of->from;
  lun_value side_by_side[LUN_READER_CELLS];
  for (size_t i = 0; i < count; i++) {
    side_by_side[i] = cells[i * metadata->count + c];
  }
  lun_lua_warm_cells(L, rows->shared, side_by_side, count);
  lua_rawgeti(L, COLUMNS, (int)c + 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  for (size_t i = 0; i < count; i++) {
    lun_lua_push_planned(L, rows->shared, metadata, c, &side_by_side[i], format, plan);
    lua_rawseti(L, -2, (int)(of->place + i) + 1);
  }
  lua_pop(L, 1);
}

static void push_tables(lua_State *L, uint32_t width, size_t count) {
  lua_createtable(L, (int)width, 0);
  for (uint32_t c = 0; c < width; c++) {
    lua_createtable(L, (int)count, 0);
    lua_rawseti(L, -2, (int)c + 1);
  }
}

// Sets the values of rows in the tables of the list at COLUMNS, which is at the top.
static void build_span(lua_State *L, lun_lua_packed *rows, const span *all) {
  uint32_t width = rows->result->metadata->count;
  size_t most = width < LUN_READER_CELLS ? LUN_READER_CELLS : FEW;
  lun_status status = LUN_OK;
  lun_value *cells = lua_newuserdata(L, most * width * sizeof *cells);
  int plan = lun_lua_packed_push_plan(L, rows);
  for (size_t from = all->from; from < all->to && status == LUN_OK; from += most) {
    size_t to = all->to - from < most ? all->to : from + most;
    span part = {from, to, all->place + from - all->from};
    status = lun_lua_packed_rows(rows, from, to, cells);
    for (uint32_t c = 0; c < width && status == LUN_OK; c++) {
      set_cells(L, rows, c, plan, cells, &part);
    }
  }
  lun_lua_packed_leave(L, rows, status);
}

static int build_columns(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  span all = {0, rows->result->rows.count, 0};
  lua_settop(L, 1);
  rows->users++;
  push_tables(L, rows->result->metadata->count, all.to);
  build_span(L, rows, &all);
  lua_settop(L, COLUMNS);
  return 1;
}

// rows:columns(): a list of all columns, each as rows:column() gives it.
static int rows_columns(lua_State *L) {
  return lun_lua_packed_build(L, build_columns);
}

// rows:add_to(columns, from, place, most): sets the values of up to `most` rows from `from`,
// counted from 1, behind the first `place` of a list's tables; how many these have then, or nothing
// when they are not as many as the columns.
static int rows_add_to(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  luaL_checktype(L, COLUMNS, LUA_TTABLE);
  size_t count = rows->result->rows.count;
  lua_Integer first = luaL_checkinteger(L, 3);
  lua_Integer place = luaL_checkinteger(L, 4);
  lua_Integer most = luaL_checkinteger(L, 5);
  luaL_argcheck(L, place >= 0 && place <= INT_MAX, 4, "not a number of rows");
  luaL_argcheck(L, most >= 0 && most <= INT_MAX - place, 5, "not a number of rows");
  if (lua_objlen(L, COLUMNS) != rows->result->metadata->count) {
    return 0;
  }
  size_t from = first >= 1 && (size_t)first <= count ? (size_t)first - 1 : count;
  span part = {from, count - from < (size_t)most ? count : from + (size_t)most, (size_t)place};
  lua_settop(L, COLUMNS);
  rows->users++;
  build_span(L, rows, &part);
  lua_pushinteger(L, place + (lua_Integer)(part.to - part.from));
  return 1;
}

void lun_lua_rows_add_columns(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"column", rows_column},
      {"columns", rows_columns},
      {"add_to", rows_add_to},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
