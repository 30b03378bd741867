// Statements as text, made before they are sent.
#include "lua/error.h"
#include "lua/parameters.h"
#include "lua/session.h"

// session:format(sql, args, is_pyformat): the statement with its arguments in it, or nil and an
// error. It means what it should for as long as the session stays as it is.
static int session_format(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_view sql;
  sql.data = (const uint8_t *)luaL_checklstring(L, 2, &sql.size);
  luaL_checktype(L, 3, LUA_TTABLE);
  bool is_pyformat = lua_toboolean(L, 4); // before anything is pushed behind the arguments
  lun_error error;
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  int results = 1;
  lun_status status = lun_lua_interpolate(L, holder->session, sql, 3, is_pyformat, text, &error);
  if (status == LUN_OK) {
    lua_pushlstring(L, (const char *)text->data, text->size);
  } else {
    results = lun_lua_fail(L, &error);
  }
  lun_lua_text_end(holder->shared, text);
  return results;
}

// session:is_settled(): whether no command in flight may change how text is escaped.
static int session_is_settled(lua_State *L) {
  lua_pushboolean(L, lun_session_is_settled(lun_lua_session_check(L, 1)->session));
  return 1;
}

// session:literal(value): SQL text for one value, or nil and an error.
static int session_literal(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  lun_error error;
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  int results = 1;
  if (lun_lua_literal(L, holder->session, 2, text, &error) == LUN_OK) {
    lua_pushlstring(L, (const char *)text->data, text->size);
  } else {
    results = lun_lua_fail(L, &error);
  }
  lun_lua_text_end(holder->shared, text);
  return results;
}

// session:redact(sql): the statement with `?` for its literals.
static int session_redact(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_view sql;
  sql.data = (const uint8_t *)luaL_checklstring(L, 2, &sql.size);
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  lun_session *session = holder->session;
  if (session->driver->redact(session, sql, text) == LUN_OK) {
    lua_pushlstring(L, (const char *)text->data, text->size);
  } else {
    lua_pushliteral(L, "?");
  }
  lun_lua_text_end(holder->shared, text);
  return 1;
}

void lun_lua_session_add_text(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"format", session_format},
      {"is_settled", session_is_settled},
      {"literal", session_literal},
      {"redact", session_redact},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
