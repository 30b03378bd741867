#include "lua/session.h"

#include "lua/attributes.h"
#include "lua/error.h"
#include "lua/parameters.h"
#include "lua/rows.h"

#include <stdlib.h>

const char LUN_LUA_SESSION_KIND[] = "lunasa.session";

enum { LENT_TEXT = 16 * 1024 };

lun_lua_session *lun_lua_session_check(lua_State *L, int index) {
  lun_lua_session *holder = lun_lua_check_kind(L, index, LUN_LUA_SESSION_KIND);
  if (!holder->session) { // a finalizer that runs after this one's
    luaL_error(L, "the session is finalized");
  }
  return holder;
}

lun_lua_answer *lun_lua_session_find(const lun_lua_session *holder, lun_token token) {
  for (size_t i = 0; i < holder->answer_count; i++) {
    if (holder->answers[i].token == token) {
      return &holder->answers[i];
    }
  }
  return NULL;
}

static void free_answer(lun_lua_answer *answer) {
  lun_result_free(answer->first);
  free(answer->error);
}

static void remove_answer(lun_lua_session *holder, lun_lua_answer *answer) {
  size_t behind = holder->answer_count - (size_t)(answer - holder->answers) - 1;
  memmove(answer, answer + 1, behind * sizeof *answer);
  holder->answer_count--;
}

void lun_lua_session_drop(lun_lua_session *holder, lun_lua_answer *answer) {
  if (answer) {
    free_answer(answer);
    remove_answer(holder, answer);
  }
}

static bool add_answer(lun_lua_session *holder, lun_token token, bool is_streamed) {
  if (holder->answer_count == holder->answer_capacity) {
    size_t capacity = holder->answer_capacity ? holder->answer_capacity * 2 : 1;
    lun_lua_answer *grown = realloc(holder->answers, capacity * sizeof *grown);
    if (!grown) {
      return false;
    }
    holder->answers = grown;
    holder->answer_capacity = capacity;
  }
  holder->answers[holder->answer_count++] = (lun_lua_answer){
      .token = token,
      .is_streamed = is_streamed,
  };
  return true;
}

bool lun_lua_session_add(lun_lua_session *holder,
                         lun_token token,
                         bool is_streamed,
                         lun_error *error) {
  if (add_answer(holder, token, is_streamed)) {
    return true;
  }
  lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  lun_session_hangup(holder->session, error);
  return false;
}

static void on_result(lun_lua_answer *answer, lun_event *event) {
  event->result->is_partial = event->is_partial;
  if (!answer || answer->is_abandoned) {
    lun_result_free(event->result);
  } else if (answer->last) {
    answer->last->next = event->result;
    answer->last = event->result;
  } else {
    answer->first = event->result;
    answer->last = event->result;
  }
}

static void on_error(lun_lua_answer *answer, lun_event *event) {
  if (!answer) {
    free(event->error);
  } else {
    answer->error = event->error;
  }
}

static void on_data(lun_lua_answer *answer, const lun_event *event) {
  if (answer) {
    answer->asks_data = true;
    answer->data_name = event->name;
  }
}

void lun_lua_session_collect(lun_lua_session *holder) {
  lun_event event;
  while (lun_session_next(holder->session, &event)) {
    lun_lua_answer *answer = event.token != 0 ? lun_lua_session_find(holder, event.token) : NULL;
    switch (event.kind) {
    case LUN_EVENT_CONNECTED: holder->is_connected = true; break;
    case LUN_EVENT_RESULT: on_result(answer, &event); break;
    case LUN_EVENT_DATA: on_data(answer, &event); break;
    case LUN_EVENT_ERROR: on_error(answer, &event); break;
    case LUN_EVENT_CLOSED:
      holder->is_closed = true;
      free(holder->error);
      holder->error = event.error;
      break;
    }
    if (answer && event.is_last) {
      answer->is_complete = true;
      if (answer->is_abandoned) {
        lun_lua_session_drop(holder, answer);
      }
    }
  }
}

bool lun_lua_session_is_done(const lun_lua_session *holder, lun_token token) {
  const lun_lua_answer *answer = lun_lua_session_find(holder, token);
  if (!answer || answer->is_complete || holder->is_closed) {
    return true;
  }
  if (answer->asks_data && lun_session_want(holder->session) != LUN_WANT_WRITE) {
    return true;
  }
  return answer->is_abandoned ? holder->session->discarded > answer->discard_until
                              : answer->is_streamed && answer->first;
}

lun_result *lun_lua_session_shift(lun_lua_answer *answer) {
  lun_result *result = answer->first;
  if (result) {
    answer->first = result->next;
    answer->last = answer->first ? answer->last : NULL;
    result->next = NULL;
  }
  return result;
}

void lun_lua_session_abandon(lun_lua_session *holder, lun_lua_answer *answer) {
  lun_session_discard(holder->session, answer->token);
  lun_result_free(answer->first);
  answer->first = NULL;
  answer->last = NULL;
  answer->is_abandoned = true;
  answer->discard_until = UINT64_MAX;
}

int lun_lua_session_submit(lua_State *L, lun_lua_session *holder, const lun_command *command) {
  lun_error error;
  lun_token token = 0;
  if (lun_session_command(holder->session, command, &token, &error) != LUN_OK) {
    lun_lua_session_collect(holder);
    return lun_lua_fail(L, &error);
  }
  if (token != 0 && !lun_lua_session_add(holder, token, command->is_streamed, &error)) {
    return lun_lua_fail(L, &error);
  }
  lua_pushnumber(L, (lua_Number)token);
  return 1;
}

void lun_lua_session_anchor(lua_State *L, lun_lua_session *holder, int index) {
  bool has_unsent =
      lun_session_want(holder->session) == LUN_WANT_WRITE || holder->session->is_holding;
  if (!holder->has_anchors || !has_unsent) {
    holder->has_anchors = true;
    lua_newtable(L);
    lua_setfenv(L, 1);
  }
  lua_getfenv(L, 1);
  lua_pushvalue(L, index);
  lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
  lua_pop(L, 1);
}

// session:query(sql, args, is_pyformat, is_streamed, offers_data, is_piped, attributes,
// keeps_text): the token and, when asked for, the text with the arguments in it; or nil and an
// error. Formatting and queueing are one step, so the SQL mode that the escaping followed is the
// one the server will read it in.
int lun_lua_session_query(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_command command = {
      .kind = LUN_COMMAND_QUERY,
      .is_streamed = lua_toboolean(L, 5),
      .offers_data = lua_toboolean(L, 6),
      .is_piped = lua_toboolean(L, 7),
  };
  command.text.data = (const uint8_t *)luaL_checklstring(L, 2, &command.text.size);
  bool is_pyformat = lua_toboolean(L, 4); // before anything is pushed behind the arguments
  bool keeps_text = lua_toboolean(L, 9);
  lun_error error;
  if (lun_lua_attributes(L, holder->session, 8, &command, &error) != LUN_OK) {
    return lun_lua_fail(L, &error);
  }
  if (lua_isnoneornil(L, 3)) {
    command.is_lent = command.text.size > LENT_TEXT;
    if (command.is_lent) {
      lun_lua_session_anchor(L, holder, 2);
    }
    return lun_lua_session_submit(L, holder, &command);
  }
  luaL_checktype(L, 3, LUA_TTABLE);
  if (!lun_session_is_settled(holder->session)) {
    lun_error_set(&error, LUN_ERR_STATE, "a statement in flight may change how text is escaped");
    return lun_lua_fail(L, &error);
  }
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  lun_status status =
      lun_lua_interpolate(L, holder->session, command.text, 3, is_pyformat, text, &error);
  command.text = lun_buffer_bytes(text);
  int results =
      status == LUN_OK ? lun_lua_session_submit(L, holder, &command) : lun_lua_fail(L, &error);
  if (keeps_text && results == 1) {
    lua_pushlstring(L, (const char *)text->data, text->size);
    results = 2;
  }
  lun_lua_text_end(holder->shared, text);
  return results;
}

// session:command(kind, text): the token (0 for "quit" and "forget"), or nil and an error.
static int session_command(lua_State *L) {
  static const char *const kinds[] = {
      "ping", "select_database", "reset", "quit", "prepare", "forget", NULL};
  static const lun_command_kind commands[] = {
      LUN_COMMAND_PING,
      LUN_COMMAND_SELECT_DATABASE,
      LUN_COMMAND_RESET,
      LUN_COMMAND_QUIT,
      LUN_COMMAND_PREPARE,
      LUN_COMMAND_FORGET,
  };
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_command command = {.kind = commands[luaL_checkoption(L, 2, NULL, kinds)]};
  command.text.data = (const uint8_t *)luaL_optlstring(L, 3, "", &command.text.size);
  return lun_lua_session_submit(L, holder, &command);
}

// session:done(token)
static int session_done(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lua_pushboolean(L, lun_lua_session_is_done(holder, (lun_token)luaL_checknumber(L, 2)));
  return 1;
}

int lun_lua_session_fail(lua_State *L, const lun_lua_session *holder) {
  lun_error closed;
  lun_error_set(&closed, LUN_ERR_STATE, "the connection is closed");
  return lun_lua_fail(L, holder->error ? holder->error : &closed);
}

// session:take(token, format): the token's next result as rows.h says, and behind it whether
// another one follows, and whether it is what a procedure gave out; nil and an error when it
// failed.
static int session_take(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_token token = (lun_token)luaL_checknumber(L, 2);
  lun_lua_answer *answer = lun_lua_session_find(holder, token);
  unsigned format = (unsigned)luaL_optinteger(L, 3, 0);
  if (!answer) {
    return lun_lua_session_fail(L, holder);
  }
  lun_result *result = lun_lua_session_shift(answer);
  if (!result) {
    int results = answer->error ? lun_lua_fail(L, answer->error) : lun_lua_session_fail(L, holder);
    lun_lua_session_drop(holder, answer);
    return results;
  }
  bool has_more = answer->first || answer->error;
  if (!has_more) {
    remove_answer(holder, answer);
  }
  bool is_out_parameters = result->is_out_parameters;
  lun_lua_session_note_outcome(holder, result, token, false, format);
  int results = lun_lua_push_result(L, holder->shared, 1, result, format);
  if (results == 2) {
    // What follows a result that cannot be read is not read either.
    lun_lua_session_drop(holder, lun_lua_session_find(holder, token));
    return results;
  }
  lua_pushboolean(L, has_more);
  lua_pushboolean(L, is_out_parameters);
  return results + 2;
}

// session:abandon(token): nobody waits for it any more.
static int session_abandon(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_lua_answer *answer = lun_lua_session_find(holder, (lun_token)luaL_checknumber(L, 2));
  if (answer && (answer->is_complete || holder->is_closed)) {
    lun_lua_session_drop(holder, answer);
  } else if (answer) {
    lun_lua_session_abandon(holder, answer);
    lun_lua_session_collect(holder);
  }
  return 0;
}

// session:state(): "connecting", "open" or "closed", and the error behind it when it failed.
static int session_state(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  if (!holder->is_closed) {
    lua_pushstring(L, holder->is_connected ? "open" : "connecting");
    return 1;
  }
  lua_pushliteral(L, "closed");
  if (!holder->error) {
    return 1;
  }
  lun_lua_fail(L, holder->error);
  lua_remove(L, -2);
  return 2;
}

static int session_gc(lua_State *L) {
  lun_lua_session *holder = luaL_checkudata(L, 1, LUN_LUA_SESSION_KIND);
  lun_session_free(holder->session);
  for (size_t i = 0; i < holder->answer_count; i++) {
    free_answer(&holder->answers[i]);
  }
  free(holder->answers);
  free(holder->error);
  free(holder->last.info);
  *holder = (lun_lua_session){.kind = LUN_LUA_SESSION_KIND};
  return 0;
}

void lun_lua_session_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"query", lun_lua_session_query},
      {"command", session_command},
      {"change_user", lun_lua_session_change_user},
      {"done", session_done},
      {"take", session_take},
      {"abandon", session_abandon},
      {"state", session_state},
      {NULL, NULL},
  };
  if (luaL_newmetatable(L, LUN_LUA_SESSION_KIND)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lun_lua_session_add_io(L);
    lun_lua_session_add_stream(L);
    lun_lua_session_add_plain(L);
    lun_lua_session_add_execute(L);
    lun_lua_session_add_insert(L);
    lun_lua_session_add_state(L);
    lun_lua_session_add_text(L);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, session_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}
