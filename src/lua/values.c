#include "lua/values.h"

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
  if (!lun_lua_is_sql(value)) {
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

// The old anchors hold the values until they have been moved.
void lun_lua_values_reserve(lua_State *L, lun_lua_values *values, size_t times) {
  enum { MOST = 1024 * 1024 }; // values; further ones grow the room
  size_t wanted = values->count * times;
  size_t strings = (size_t)values->kept * times;
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
