// What goes to and fro while a command is under way: rows, batch by batch, and data for the server.
#include "lua/error.h"
#include "lua/rows.h"
#include "lua/session.h"

// session:batch(token, format): the rows that have come, as lun_lua_push_batch() says, and behind
// it whether rows of the same result follow, and whether anything follows; nil and an error when
// the command failed. The session goes on reading once all that came was taken.
static int session_batch(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_token token = (lun_token)luaL_checknumber(L, 2);
  unsigned format = (unsigned)luaL_optinteger(L, 3, 0);
  lun_lua_answer *answer = lun_lua_session_find(holder, token);
  lun_result *result = answer ? lun_lua_session_shift(answer) : NULL;
  if (!result) {
    int results =
        answer && answer->error ? lun_lua_fail(L, answer->error) : lun_lua_session_fail(L, holder);
    lun_lua_session_drop(holder, answer);
    return results;
  }
  bool is_partial = result->is_partial;
  bool has_more = answer->first || answer->error || !answer->is_complete;
  bool is_taken = !answer->first;
  if (!has_more) {
    lun_lua_session_drop(holder, answer);
  }
  if (is_taken) {
    lun_session_resume(holder->session);
    lun_lua_session_collect(holder); // more may have come before the pause
  }
  lun_lua_session_note_outcome(holder, result, token, true, format);
  int results = lun_lua_push_batch(L, holder->shared, 1, result, format);
  lua_pushboolean(L, is_partial);
  lua_pushboolean(L, has_more);
  return results + 2;
}

// session:discard(token, limit): drops what is left of a command. session:done(token) is true when
// it is all there, or when more than `limit` bytes of rows came: session:is_discarded() tells.
static int session_discard(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_lua_answer *answer = lun_lua_session_find(holder, (lun_token)luaL_checknumber(L, 2));
  lua_Number limit = luaL_checknumber(L, 3);
  if (answer && answer->is_complete) {
    lun_lua_session_drop(holder, answer);
  } else if (answer) {
    lun_lua_session_abandon(holder, answer);
    answer->discard_until = holder->session->discarded + (uint64_t)limit;
    lun_lua_session_collect(holder);
  }
  return 0;
}

// session:is_discarded(token): whether nothing is left of it.
static int session_is_discarded(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lua_pushboolean(L, !lun_lua_session_find(holder, (lun_token)luaL_checknumber(L, 2)));
  return 1;
}

// session:asked_file(token): the name of the file whose data the server waits for, nil when it does
// not.
static int session_asked_file(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  const lun_lua_answer *answer = lun_lua_session_find(holder, (lun_token)luaL_checknumber(L, 2));
  if (!answer || !answer->asks_data || answer->is_complete || holder->is_closed) {
    return 0;
  }
  lua_pushlstring(L, (const char *)answer->data_name.data, answer->data_name.size);
  return 1;
}

// session:data(token, piece): queues a piece of it, nil or "" for the end; true, or nil and an
// error.
static int session_data(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_token token = (lun_token)luaL_checknumber(L, 2);
  lun_view piece = {0};
  if (!lua_isnoneornil(L, 3)) {
    piece.data = (const uint8_t *)luaL_checklstring(L, 3, &piece.size);
    lun_lua_session_anchor(L, holder, 3);
  }
  lun_error error;
  lun_status status = lun_session_data(holder->session, token, piece, &error);
  lun_lua_session_collect(holder);
  lun_lua_answer *answer = lun_lua_session_find(holder, token);
  if (answer && piece.size == 0) {
    answer->asks_data = false;
  }
  if (status != LUN_OK) {
    return lun_lua_fail(L, &error);
  }
  lua_pushboolean(L, true);
  return 1;
}

void lun_lua_session_add_stream(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"asked_file", session_asked_file},
      {"data", session_data},
      {"batch", session_batch},
      {"discard", session_discard},
      {"is_discarded", session_is_discarded},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
