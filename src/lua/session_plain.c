// The short way of a statement: a list of plain values goes in, a small result comes out, and no
// Lua runs in between. What is out of the ordinary is left to the other ways, which say what is
// wrong with it, too: nothing has been sent then.
#include "lua/rows.h"
#include "lua/session.h"
#include "lua/values.h"

enum {
  MOST_VALUES = 32,
  LONG_TEXT = 16 * 1024,    // worth lending
  LONG_VALUE = 1024 * 1024, // of a prepared statement, as well
};

typedef struct plain_list {
  lun_session *session;
  size_t count;
  size_t used; // placeholders met so far
  lun_value items[MOST_VALUES];
} plain_list;

// Reads a list without holes, of nothing but numbers, strings, booleans and lunasa.null. The table
// at `args` keeps the strings. [-0, +0]
static bool read_list(lua_State *L, int args, plain_list *list) {
  list->count = 0;
  if (lua_getmetatable(L, args)) { // lunasa.pack, or a value
    lua_pop(L, 1);
    return false;
  }
  int value = lua_gettop(L) + 2;
  lua_pushnil(L);
  while (lua_next(L, args) != 0) {
    size_t i = list->count++;
    bool is_plain = i < MOST_VALUES && lua_type(L, value - 1) == LUA_TNUMBER
                    && lua_tonumber(L, value - 1) == (lua_Number)i + 1
                    && lun_lua_scalar(L, value, &list->items[i], NULL)
                    && lun_lua_is_sql(&list->items[i]);
    if (!is_plain) {
      lua_settop(L, value - 2);
      return false;
    }
    lua_settop(L, value - 1);
  }
  return list->count > 0; // an empty table may be a map
}

static lun_status
place_plain(void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error) {
  plain_list *list = context;
  list->used = position;
  if (name.size > 0 || position > list->count) {
    return LUN_ERR_ARGUMENT;
  }
  return list->session->driver->literal(list->session, &list->items[position - 1], out, error);
}

// Queues a command. Gives its token, or 0.
static lun_token submit(lun_lua_session *holder, const lun_command *command) {
  lun_error error;
  lun_token token = 0;
  if (lun_session_command(holder->session, command, &token, &error) != LUN_OK) {
    lun_lua_session_collect(holder);
    return 0;
  }
  return lun_lua_session_add(holder, token, false, &error) ? token : 0;
}

static lun_token
ask_text(lun_lua_session *holder, lun_view sql, bool is_pyformat, plain_list *list) {
  lun_lua_shared *shared = holder->shared;
  lun_command command = {.kind = LUN_COMMAND_QUERY, .text = sql};
  if (!list) {
    return sql.size > LONG_TEXT ? 0 : submit(holder, &command);
  }
  lun_session *session = holder->session;
  if (shared->is_text_used || !lun_session_is_settled(session)) {
    return 0;
  }
  lun_placeholder_style style = is_pyformat ? LUN_STYLE_PYFORMAT : LUN_STYLE_QMARK;
  lun_error error;
  lun_buffer *text = &shared->text;
  lun_buffer_clear(text);
  list->session = session;
  list->used = 0;
  lun_status status =
      session->driver->interpolate(session, sql, style, place_plain, list, text, &error);
  command.text = lun_buffer_bytes(text);
  lun_token token = status == LUN_OK && list->used == list->count ? submit(holder, &command) : 0;
  lun_lua_text_end(shared, text);
  return token;
}

// A statement that is prepared already: its text was looked at then, and how many values it takes
// is known.
static lun_token ask_prepared(lun_lua_session *holder, lun_view sql, const plain_list *list) {
  lun_command command = {
      .kind = LUN_COMMAND_EXECUTE,
      .is_known = true,
      .text = sql,
      .row_count = 1,
  };
  if (list) {
    command.values = list->items;
    command.value_count = list->count;
  }
  for (size_t i = 0; i < command.value_count; i++) {
    lun_value_kind kind = list->items[i].kind;
    if (kind == LUN_VALUE_TEXT && list->items[i].bytes.size >= LONG_VALUE) {
      return 0;
    }
  }
  return submit(holder, &command);
}

lun_token lun_lua_session_ask(
    lua_State *L, lun_lua_session *holder, int sql, bool is_pyformat, unsigned format) {
  plain_list list;
  lun_view text;
  int args = sql + 1;
  text.data = (const uint8_t *)lua_tolstring(L, sql, &text.size);
  int type = lua_type(L, args);
  bool has_list = type == LUA_TTABLE;
  if (!text.data || (!has_list && type != LUA_TNIL) || (has_list && !read_list(L, args, &list))) {
    return 0;
  }
  plain_list *given = has_list ? &list : NULL;
  if (!(format & LUN_FORMAT_BINARY)) {
    return ask_text(holder, text, is_pyformat, given);
  }
  return is_pyformat ? 0 : ask_prepared(holder, text, given);
}

int lun_lua_session_tell(lua_State *L, lun_lua_session *holder, lun_token token, unsigned format) {
  lun_lua_answer *answer = lun_lua_session_find(holder, token);
  if (!answer || !answer->is_complete || answer->error || !answer->first || answer->first->next) {
    return 0;
  }
  const lun_result *result = answer->first;
  int pushed = lun_lua_push_plain(L, holder->shared, result, format);
  if (pushed > 0) {
    lun_lua_session_note_outcome(holder, result, token, false, format);
    // Found anew: a finalizer may have run that dropped another one's.
    lun_lua_session_drop(holder, lun_lua_session_find(holder, token));
  }
  return pushed;
}

// session:tell(token, format): takes the answer as lun_lua_session_tell() does; nothing where that
// does not.
static int session_tell(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_token token = (lun_token)lua_tonumber(L, 2);
  return lun_lua_session_tell(L, holder, token, (unsigned)lua_tointeger(L, 3));
}

void lun_lua_session_add_plain(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"tell", session_tell},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
