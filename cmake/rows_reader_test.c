// Whether src/runner/rows_reader.c knows the LuaJIT that it is linked to: what it reads must be
// what was put into the rows, and what is no such row must be left. Exits with 0 if so; with
// anything else, or not at all, if not.
#include "runner/rows_reader.c"

#include <lualib.h>

enum { WIDTH = 5, ROW_COUNT = 1000, LIST = 1 };

static const char PLAIN[] = "local rows, null, count = {}, ...\n"
                            "for i = 1, count do\n"
                            "  rows[i] = { i - 500, i / 3, ('x'):rep(i % 300), i % 2 == 0, null }\n"
                            "end\n"
                            "return rows\n";

// Every other one is such a row that somebody else must look at.
static const char OTHERS[] =
    "local null, f, row = ..., function() end, {}\n"
    "for i = 1, 9 do row[i] = i end\n"
    "for i = 9, 6, -1 do row[i] = nil end\n" // slots that are empty again
    "return {\n"
    "  row, 5, row, 'row', row, { 1, 2, 3, 4 }, row, { 1, 2, 3, 4, 5, 6 }, row,\n"
    "  { 1, 2, 3, 4, 5, x = 1 }, row, { 1, 2, 3, 4, 5, [7] = 1 }, row, { [0] = 0, 1, 2, 3, 4, 5 "
    "},\n"
    "  row, { 1, 2, nil, 4, 5 }, row, { 1, 2, 3, 4, nil }, row, { 1, 2, 3, 4, {} }, row,\n"
    "  { 1, 2, 3, 4, f }, row, { 1, 2, 3, 4, io.stdout }, row, { 1, 2, 3, 4, 0 / 0 }, row,\n"
    "  { 1, 2, 3, 4, 1 / 0 }, row, { 1, 2, 3, 4, coroutine.create(f) }, row,\n"
    "  setmetatable({ 1, 2, 3, 4, 5 }, {}), row, { [1] = 1, [2] = 2, [3] = 3, [4] = 4, x = 5 }, "
    "row,\n"
    "  require('ffi').new('int64_t[1]'), row, { 1, 2, 3, 4, 5LL }, row, { 1, 2, 3, 4, (...) and f "
    "},\n"
    "}\n";

static bool is_row(lua_State *L, size_t number, const lun_value *cells) {
  double third = (double)number / 3;
  size_t size;
  lua_rawgeti(L, LIST, (int)number);
  lua_rawgeti(L, -1, 3);
  const char *text = lua_tolstring(L, -1, &size);
  lua_pop(L, 2);
  bool is_number = number % 3 == 0
                       ? cells[1].kind == LUN_VALUE_INTEGER && (double)cells[1].integer == third
                       : cells[1].kind == LUN_VALUE_REAL && cells[1].real == third;
  return is_number && cells[0].kind == LUN_VALUE_INTEGER
         && cells[0].integer == (int64_t)number - 500 && cells[2].kind == LUN_VALUE_TEXT
         && cells[2].bytes.data == (const uint8_t *)text && cells[2].bytes.size == size
         && cells[3].kind == LUN_VALUE_INTEGER && cells[3].integer == (number % 2 == 0)
         && cells[4].kind == LUN_VALUE_NULL;
}

static bool reads_plain_rows(lua_State *L) {
  static lun_value cells[ROW_COUNT * WIDTH];
  if (luaL_loadstring(L, PLAIN)) {
    return false;
  }
  lua_pushlightuserdata(L, NULL);
  lua_pushinteger(L, ROW_COUNT);
  lua_call(L, 2, 1);
  if (lun_rows_reader_read(L, LIST, 1, ROW_COUNT, WIDTH, cells) != ROW_COUNT) {
    return false;
  }
  for (size_t i = 1; i <= ROW_COUNT; i++) {
    if (!is_row(L, i, cells + (i - 1) * WIDTH)) {
      return false;
    }
  }
  return lun_rows_reader_read(L, LIST, ROW_COUNT, 2, WIDTH, cells) == 1;
}

static bool leaves_others(lua_State *L) {
  lun_value cells[WIDTH];
  if (luaL_loadstring(L, OTHERS)) {
    return false;
  }
  lua_pushlightuserdata(L, NULL);
  lua_call(L, 1, 1);
  size_t count = lua_objlen(L, LIST);
  for (size_t i = 1; i <= count; i++) {
    if (lun_rows_reader_read(L, LIST, i, 1, WIDTH, cells) != i % 2) {
      return false;
    }
  }
  return count > 30;
}

// Light userdata that are not lunasa.null, met before and after it.
static bool knows_null(lua_State *L) {
  lun_value cells[WIDTH];
  void *const pointers[] = {(void *)8, NULL, (void *)((uintptr_t)1 << 40), NULL, &cells};
  lua_createtable(L, WIDTH, 0);
  for (int i = 1; i <= WIDTH; i++) {
    lua_createtable(L, 1, 0);
    lua_pushlightuserdata(L, pointers[i - 1]);
    lua_rawseti(L, -2, 1);
    lua_rawseti(L, LIST, i);
  }
  for (size_t i = 1; i <= WIDTH; i++) {
    if (lun_rows_reader_read(L, LIST, i, 1, 1, cells) != (pointers[i - 1] == NULL)) {
      return false;
    }
  }
  return true;
}

int main(void) {
  bool (*const checks[])(lua_State *) = {reads_plain_rows, leaves_others, knows_null};
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    if (!checks[i](L)) {
      return (int)i + 1;
    }
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
  }
  lua_close(L);
  return 0;
}
