/// A session as Lua userdata "lunasa.session": the protocol, seen from either host.
///
/// lunasa.core makes it; the nginx host drives it from Lua, lunasa.uv drives it from C. Answers
/// wait here by token until their task takes them.
#pragma once

#include "lua/kind.h"
#include "lua/shared.h"

/// What is known of one command: its results so far, and how it ended.
typedef struct lun_lua_answer {
  lun_token token;
  lun_result *first; // owned
  lun_result *last;
  lun_error *error; // owned
  bool is_complete;
  bool is_streamed;
  bool asks_data;         // the server waits for it
  lun_view data_name;     // the file that it asks for; lent until the answer is complete
  bool is_abandoned;      // nobody will take it
  uint64_t discard_until; // abandoned: at so many discarded bytes of the session, it is news
} lun_lua_answer;

/// The counts of a statement that was answered.
typedef struct lun_lua_outcome {
  lun_token token;
  uint64_t affected_rows; // or rows
  uint64_t insert_id;
  uint16_t warning_count;
  bool is_unknown; // rows of a stream are not counted
  size_t info_size;
  char *info; // the server's words, cut; owned, NULL for none
} lun_lua_outcome;

/// The name of its metatable, and its kind.
extern const char LUN_LUA_SESSION_KIND[];

typedef struct lun_lua_session {
  lun_lua_kind kind;
  lun_session *session;
  lun_lua_shared *shared;
  lun_lua_answer *answers; // commands in flight or not yet taken, oldest first
  size_t answer_count;
  size_t answer_capacity;
  bool is_connected;
  bool is_closed;
  bool has_anchors; // the environment is a list of texts being sent
  lun_error *error; // why it is closed, NULL for an orderly end; owned
  lun_lua_outcome last;
} lun_lua_session;

/// Returns the session at stack index `index`, raising when it is none.
lun_lua_session *lun_lua_session_check(lua_State *L, int index);

/// Sorts the session's events into answers.
void lun_lua_session_collect(lun_lua_session *holder);

/// Returns the answer to `token`, NULL when there is none, or none any more.
lun_lua_answer *lun_lua_session_find(const lun_lua_session *holder, lun_token token);

/// Forgets the answer and what is left of it. NULL does nothing.
void lun_lua_session_drop(lun_lua_session *holder, lun_lua_answer *answer);

/// Takes the answer's first result off it, NULL when there is none.
lun_result *lun_lua_session_shift(lun_lua_answer *answer);

/// Marks the answer as one that nobody will take.
void lun_lua_session_abandon(lun_lua_session *holder, lun_lua_answer *answer);

/// Pushes nil and why the session is closed. [-0, +2]
int lun_lua_session_fail(lua_State *L, const lun_lua_session *holder);

/// Whether there is nothing to wait for: `token` is answered for good, or a batch of its rows is
/// there, or more data may be sent, or too much of it was discarded; also when it is unknown, or
/// the session closed.
bool lun_lua_session_is_done(const lun_lua_session *holder, lun_token token);

/// Adds want, feed, output, encrypted and hangup to the table on top of the stack. [-0, +0]
void lun_lua_session_add_io(lua_State *L);

/// Keeps what is at stack index `index` alive while it is being sent: lent texts are sent from
/// their memory. Those of earlier commands go when nothing waits to be sent. The session is at
/// index 1.
void lun_lua_session_anchor(lua_State *L, lun_lua_session *holder, int index);

/// `session:query(sql, args, is_pyformat, ...)` and `session:execute`: the token, or nil and an
/// error.
int lun_lua_session_query(lua_State *L);
int lun_lua_session_execute(lua_State *L);

/// Makes room for the answer to `token`, which is sent. Without memory for it the session ends.
bool lun_lua_session_add(lun_lua_session *holder,
                         lun_token token,
                         bool is_streamed,
                         lun_error *error);

/// Queues the statement at stack index `sql`, with the parameters behind it, when nothing about it
/// is out of the ordinary: nil or a list of plain values, and with LUN_FORMAT_BINARY a statement
/// that is prepared already. Returns its token; 0 when nothing was sent, for whatever reason. Runs
/// no Lua. [-0, +0]
lun_token lun_lua_session_ask(
    lua_State *L, lun_lua_session *holder, int sql, bool is_pyformat, unsigned format);

/// Takes the answer to `token` when it is complete and is one small result: pushes it as
/// lun_lua_push_plain() says. Pushes nothing, and takes nothing, where it is anything else.
/// [-0, +n]
int lun_lua_session_tell(lua_State *L, lun_lua_session *holder, lun_token token, unsigned format);

/// Adds tell to it. [-0, +0]
void lun_lua_session_add_plain(lua_State *L);

/// Adds execute and execute_rows to it. [-0, +0]
void lun_lua_session_add_execute(lua_State *L);

/// Adds insert, insert_rows, insert_send and insert_text to it. [-0, +0]
void lun_lua_session_add_insert(lua_State *L);

/// Adds asked_file, data, batch, discard and is_discarded to it. [-0, +0]
void lun_lua_session_add_stream(lua_State *L);

/// Keeps the counts of a result that is about to be taken in `format`: of several of a command,
/// those of the first, and of a stream those of the last.
void lun_lua_session_note_outcome(lun_lua_session *holder,
                                  const lun_result *result,
                                  lun_token token,
                                  bool is_streamed,
                                  unsigned format);

/// Adds facts, session_state and their like to the table on top of the stack. [-0, +0]
void lun_lua_session_add_state(lua_State *L);

/// Adds format, literal and is_settled to the table on top of the stack. [-0, +0]
void lun_lua_session_add_text(lua_State *L);

/// Registers the metatable of "lunasa.session". [-0, +0]
void lun_lua_session_register(lua_State *L);

/// Queues `command`: pushes its token, 0 for one without an answer, or nil and an error. [-0, +1|2]
int lun_lua_session_submit(lua_State *L, lun_lua_session *holder, const lun_command *command);

/// `session:change_user(config)`: the token, or nil and an error. `config` is as for core.session,
/// which cannot be changed but for user, secrets, database, charset and collation.
int lun_lua_session_change_user(lua_State *L);

/// `core.options(config)`: what the table `config` says, as userdata "lunasa.session.options", for
/// sessions that are opened one after the other with the same.
int lun_lua_session_options(lua_State *L);

/// `core.session(driver, config, is_local)`: a session, or nil and an error. `config` is a table as
/// lunasa.login makes it, or what core.options made of one.
int lun_lua_session_new(lua_State *L);
