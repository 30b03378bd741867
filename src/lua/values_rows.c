// Many rows of parameters.
#include "lua/shared.h"
#include "lua/values.h"

// Reads row `row` as the others were.
static bool read_row(lua_State *L, int row, size_t width, lun_value *cells) {
  size_t count = 0;
  bool is_plain = true;
  lua_pushnil(L);
  while (is_plain && lua_next(L, row) != 0) {
    is_plain = count < width && lua_type(L, -2) == LUA_TNUMBER
               && lua_tonumber(L, -2) == (lua_Number)(count + 1)
               && lun_lua_scalar(L, row + 2, &cells[count], NULL) && lun_lua_is_sql(&cells[count]);
    count++;
    lua_pop(L, 1);
  }
  return is_plain && count == width;
}

size_t lun_lua_read_rows(
    lua_State *L, int list, size_t first, size_t count, size_t width, lun_value *cells) {
  int top = lua_gettop(L);
  size_t done = 0;
  bool is_plain = true;
  while (is_plain && done < count) {
    lua_rawgeti(L, list, (int)(first + done));
    is_plain = lua_istable(L, top + 1) && !lua_getmetatable(L, top + 1)
               && read_row(L, top + 1, width, cells + done * width);
    lua_settop(L, top);
    done += is_plain;
  }
  return done;
}

// Puts the row's number in front of what is wrong with it.
static lun_status explain(lun_error *error, size_t number) {
  lun_error plain = *error;
  return lun_error_set(error, plain.status, "row %zu: %s", number, plain.message);
}

// What all rows are collected into. Row `number`, counted from 1, is on top of the stack.
typedef struct collecting {
  lua_State *L;
  lun_session *session;
  lun_view sql;
  bool is_pyformat;
  lun_buffer *text;
  lun_lua_values *values;
  size_t begin;  // of the first row's text
  size_t size;   // of it
  size_t width;  // values of the first row
  bool is_plain; // a list of as many scalars: rows like it are not put into the text again
} collecting;

// Adds the row on top of the stack when it is a list of as many scalars as the first one. Returns
// whether it was; what else it may be, or what is wrong with it, is for add_row().
static bool add_plain(collecting *all) {
  lua_State *L = all->L;
  lun_error ignored;
  int row = lua_gettop(L);
  size_t before = all->values->count;
  size_t count = 0;
  bool is_plain = lua_istable(L, row) && !lua_getmetatable(L, row);
  lua_settop(L, row);
  lua_pushnil(L);
  while (is_plain && lua_next(L, row) != 0) {
    lun_value value;
    is_plain = count < all->width && lua_type(L, -2) == LUA_TNUMBER
               && lua_tonumber(L, -2) == (lua_Number)++count
               && lun_lua_scalar(L, row + 2, &value, all->values)
               && lun_lua_values_add(L, all->values, &value, &ignored) == LUN_OK;
    lua_pop(L, 1);
  }
  lua_settop(L, row);
  is_plain = is_plain && count == all->width;
  if (!is_plain) {
    all->values->count = before;
  }
  return is_plain;
}

static lun_status add_row(collecting *all, size_t number, lun_error *error) {
  lua_State *L = all->L;
  lun_buffer *text = all->text;
  size_t begin = text->size;
  size_t before = all->values->count;
  if (all->is_plain && add_plain(all)) {
    return LUN_OK;
  }
  if (!lua_istable(L, -1)) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "parameters are a table, not a %s", luaL_typename(L, -1));
  }
  lun_status status = lun_lua_place(
      L, all->session, all->sql, lua_gettop(L), all->is_pyformat, text, all->values, error);
  if (status != LUN_OK) {
    return status;
  }
  lun_view made = {text->data + begin, text->size - begin};
  if (number == 1) {
    all->size = made.size;
    all->width = all->values->count;
    all->is_plain = add_plain(all);
    all->values->count = all->width;
    return LUN_OK;
  }
  text->size = begin;
  if (!lun_view_equal(made, (lun_view){text->data + all->begin, all->size})) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "a list in it has another length than in the first row");
  }
  // A map says nothing for `?`, nor a list for `:name`.
  if (all->values->count - before != all->width) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "the first row has other parameters");
  }
  return LUN_OK;
}

// Reads all rows at once when they are like the first: plain ones. Nothing keeps their strings, so
// no Lua may run, nor the collector, until the values have been used.
static bool read_all(collecting *all, const lun_lua_rows_given *rows) {
  lun_lua_shared *shared = lun_lua_shared_get(all->L);
  lun_buffer *cells = &shared->cells;
  if (all->width == 0 || rows->count > SIZE_MAX / sizeof(lun_value) / all->width) {
    return false;
  }
  lun_buffer_clear(cells);
  lun_value *items =
      (lun_value *)lun_buffer_reserve(cells, rows->count * all->width * sizeof *items);
  if (!items
      || shared->read_rows(all->L, rows->list, rows->first, rows->count, all->width, items)
             < rows->count) {
    return false;
  }
  *all->values = (lun_lua_values){
      .items = items,
      .count = rows->count * all->width,
      .capacity = rows->count * all->width,
      .anchors = all->values->anchors,
  };
  return true;
}

void lun_lua_values_end(lun_lua_shared *shared) {
  enum { KEPT = 256 * 1024 }; // less than what a module has blocks of its own for
  if (shared->cells.capacity > KEPT) {
    lun_buffer_deinit(&shared->cells);
  }
}

lun_status lun_lua_collect_rows(lua_State *L,
                                lun_session *session,
                                lun_view sql,
                                const lun_lua_rows_given *rows,
                                bool is_pyformat,
                                lun_buffer *text,
                                lun_lua_values *values,
                                lun_error *error) {
  collecting all = {
      .L = L,
      .session = session,
      .sql = sql,
      .is_pyformat = is_pyformat,
      .text = text,
      .values = values,
      .begin = text->size,
  };
  lun_lua_values_begin(L, values);
  if (rows->count == 0) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "the list of rows is empty");
  }
  for (size_t number = 1; number <= rows->count; number++) {
    lua_rawgeti(L, rows->list, (int)(rows->first + number - 1));
    lun_status status = add_row(&all, number, error);
    lua_pop(L, 1);
    if (status != LUN_OK) {
      return status == LUN_ERR_NOMEM ? status : explain(error, number);
    }
    if (number == 1 && rows->count > 1) {
      if (all.is_plain && read_all(&all, rows)) {
        return LUN_OK;
      }
      lun_lua_values_reserve(L, values, rows->count);
    }
  }
  return LUN_OK;
}
