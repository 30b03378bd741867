#include "lua/values.h"

#include <math.h>

enum { FIRST_CAPACITY = 16 };

// Memory is a userdata among the anchors: whatever raises, the collector frees it.
static void set_room(lua_State *L, lun_lua_values *values, size_t capacity) {
  lun_value *items = lua_newuserdata(L, capacity * sizeof *items);
  if (values->count > 0) {
    memcpy(items, values->items, values->count * sizeof *items);
  }
  values->items = items;
  values->capacity = capacity;
  lua_rawseti(L, values->anchors, 0);
}

void lun_lua_values_begin(lua_State *L, lun_lua_values *values) {
  lua_newtable(L);
  *values = (lun_lua_values){.anchors = lua_gettop(L)};
}

lun_status
lun_lua_values_add(lua_State *L, lun_lua_values *values, const lun_value *value, lun_error *error) {
  if (value->kind == LUN_VALUE_REAL && !isfinite(value->real)) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "%s cannot be a parameter: SQL has no such number",
                         isnan(value->real) ? "NaN" : "infinity");
  }
  if (values->count == values->capacity) {
    set_room(L, values, values->capacity ? values->capacity * 2 : FIRST_CAPACITY);
  }
  values->items[values->count++] = *value;
  return LUN_OK;
}

// Makes room for the rows to come, which are like the first: growing would leave garbage behind.
// The old anchors hold the values until they have been moved.
static void reserve(lua_State *L, lun_lua_values *values, size_t row_count) {
  enum { MOST = 1024 * 1024 }; // values; further ones grow the room
  size_t wanted = values->count * row_count;
  size_t strings = (size_t)values->kept * row_count;
  if (wanted <= values->capacity || wanted > MOST) {
    return;
  }
  lua_createtable(L, (int)strings, 0);
  for (int i = 1; i <= values->kept; i++) {
    lua_rawgeti(L, values->anchors, i);
    lua_rawseti(L, -2, i);
  }
  lua_pushvalue(L, values->anchors);
  lua_insert(L, -2);
  lua_replace(L, values->anchors);
  set_room(L, values, wanted);
  lua_pop(L, 1);
}

void lun_lua_values_keep(lua_State *L, lun_lua_values *values, int index) {
  lua_pushvalue(L, index);
  lua_rawseti(L, values->anchors, ++values->kept);
}

static lun_status out_of_memory(lun_error *error) {
  return lun_error_set(error, LUN_ERR_NOMEM, "out of memory for the statement's text");
}

lun_status lun_lua_collect(lua_State *L,
                           lun_session *session,
                           lun_view sql,
                           int args,
                           bool is_pyformat,
                           lun_buffer *text,
                           lun_lua_values *values,
                           lun_error *error) {
  bool has_args = !lua_isnoneornil(L, args);
  lun_lua_values_begin(L, values);
  if (has_args) {
    return lun_lua_place(L, session, sql, args, is_pyformat, text, values, error);
  }
  lun_buffer_view(text, sql);
  return text->status == LUN_OK ? LUN_OK : out_of_memory(error);
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
    if (number == 1) {
      reserve(L, values, rows->count);
    }
  }
  return LUN_OK;
}
