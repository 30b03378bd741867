// src/lua: parameters that travel beside a statement.
#include "lua/parameters.h"
#include "lua/values.h"
#include "mysql/literal.h"
#include "spec_module.h"

static lun_status interpolate(lun_session *session,
                              lun_view sql,
                              lun_placeholder_style style,
                              lun_place place,
                              void *context,
                              lun_buffer *out,
                              lun_error *error) {
  const lun_mysql_quoting quoting = {.has_backslash_escapes = true, .charset = "utf8mb4"};
  (void)session;
  return lun_mysql_interpolate(&quoting, sql, style, place, context, out, error);
}

static const lun_driver DRIVER = {.interpolate = interpolate};

// Leaves the text, the values as a list of { kind, value }, and `row_count`.
static int push_collected(lua_State *L,
                          lun_status status,
                          lun_buffer *text,
                          const lun_lua_values *values,
                          const lun_error *error) {
  if (status != LUN_OK) {
    return lun_spec_fail_with(L, error);
  }
  lua_gc(L, LUA_GCCOLLECT, 0); // what is not kept alive is gone now
  lun_spec_push_view(L, lun_buffer_bytes(text));
  lua_newtable(L);
  for (size_t i = 0; i < values->count; i++) {
    lua_newtable(L);
    int pushed = lun_spec_push_value(L, &values->items[i]);
    for (int field = pushed; field > 0; field--) {
      lua_rawseti(L, -1 - field, field);
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 2;
}

// collect(sql, args, is_pyformat): text and values, or nil, code and message.
static int collect(lua_State *L) {
  lun_session session = {.driver = &DRIVER};
  lun_lua_values values;
  lun_error error;
  lua_settop(L, 3);
  lun_buffer *text = lun_lua_text_begin(L, lun_lua_shared_get(L));
  lun_status status = lun_lua_collect(
      L, &session, lun_spec_view(L, 1), 2, lua_toboolean(L, 3), text, &values, &error);
  int results = push_collected(L, status, text, &values, &error);
  lun_lua_text_end(lun_lua_shared_get(L), text);
  return results;
}

// collect_rows(sql, rows, is_pyformat, by_functions): text, values and the number of rows. With
// `by_functions`, nothing is known of the state's inside.
static int collect_rows(lua_State *L) {
  lun_session session = {.driver = &DRIVER};
  lun_lua_values values;
  lun_error error;
  lua_settop(L, 4);
  lun_lua_shared *shared = lun_lua_shared_get(L);
  lun_lua_rows_reader reader = shared->read_rows;
  shared->read_rows = lua_toboolean(L, 4) ? lun_lua_read_rows : reader;
  lun_lua_rows_given rows = {.list = 2, .first = 1, .count = lua_objlen(L, 2)};
  lun_buffer *text = lun_lua_text_begin(L, shared);
  lun_status status = lun_lua_collect_rows(
      L, &session, lun_spec_view(L, 1), &rows, lua_toboolean(L, 3), text, &values, &error);
  shared->read_rows = reader;
  int results = push_collected(L, status, text, &values, &error);
  lun_lua_text_end(shared, text);
  lun_lua_values_end(shared);
  if (status == LUN_OK) {
    lua_pushinteger(L, (lua_Integer)rows.count);
    results++;
  }
  return results;
}

const luaL_Reg LUN_SPEC_COLLECT[] = {
    {"collect", collect},
    {"collect_rows", collect_rows},
    {NULL, NULL},
};
