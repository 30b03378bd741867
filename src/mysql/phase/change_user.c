// COM_CHANGE_USER: a login in the middle of a session. The server forgets the session state, and so
// do we; the line, and what was agreed in the handshake, stays.
#include "mysql/login.h"

// The session's options with those of a login: the rest stays as it was.
static lun_options merge(const lun_mysql_session *session, const lun_options *login) {
  lun_options merged = session->options;
  merged.user = login->user;
  merged.password = login->password;
  memcpy(merged.more_passwords, login->more_passwords, sizeof merged.more_passwords);
  merged.auth_answers = login->auth_answers;
  merged.auth_answer_count = login->auth_answer_count;
  merged.server_public_key = login->server_public_key;
  merged.asks_server_public_key = login->asks_server_public_key;
  merged.connect_attributes = login->connect_attributes;
  merged.database = login->database;
  merged.charset = login->charset;
  merged.collation = login->collation;
  // SET NAMES stood first, and is made anew.
  merged.init_command_count--;
  merged.init_commands++;
  return merged;
}

// Servers ask again for whatever plugin the account has, with a scramble of its own; so only an
// answer that holds nothing secret goes out before.
static lun_status first_answer(lun_mysql_session *session, lun_buffer *answer, lun_error *error) {
  lun_mysql_auth *auth = session->auth;
  auth->plugin = session->first_plugin;
  memcpy(auth->scramble, session->scramble, sizeof session->scramble);
  if (!lun_mysql_auth_begins_openly(auth->plugin)) {
    return LUN_OK;
  }
  lun_status status = lun_mysql_auth_greet(auth, answer, error);
  return status == LUN_OK && answer->status != LUN_OK
             ? lun_error_set(error, answer->status, "out of memory")
             : status;
}

static lun_status send_command(lun_mysql_session *session, lun_view answer, lun_error *error) {
  const lun_options *options = &session->options;
  lun_mysql_handshake_response response = {
      .capabilities = session->capabilities,
      .charset = session->charset,
      .user = options->user,
      .auth_response = answer,
      .database = options->database,
      .auth_plugin = lun_view_of(session->auth->plugin->name),
      .connect_attributes = options->connect_attributes,
  };
  static const uint8_t head[] = {LUN_MYSQL_COM_CHANGE_USER};
  lun_buffer payload = {0};
  uint8_t sequence = 0;
  lun_mysql_change_user_encode(&response, &payload);
  lun_status status = payload.status;
  if (status == LUN_OK) {
    status = lun_mysql_frame_command(&session->outbox,
                                     (lun_view){head, sizeof head},
                                     lun_buffer_bytes(&payload),
                                     false,
                                     &sequence);
  }
  lun_mysql_buffer_cleanse(&payload);
  if (status != LUN_OK) {
    return lun_error_set(error, status, "out of memory");
  }
  session->framer.sequence = sequence;
  if (session->compression) {
    lun_mysql_compression_await(session->compression);
  }
  return LUN_OK;
}

static lun_status begin(lun_mysql_session *session, lun_error *error) {
  lun_buffer answer = {0};
  lun_mysql_settle_charset(session);
  lun_status status = first_answer(session, &answer, error);
  if (status == LUN_OK) {
    status = send_command(session, lun_buffer_bytes(&answer), error);
  }
  lun_mysql_buffer_cleanse(&answer);
  if (status != LUN_OK) {
    return lun_mysql_session_fail_with(session, error);
  }
  lun_mysql_session_enter(session, LUN_MYSQL_AUTH);
  return LUN_OK;
}

lun_status lun_mysql_change_user(lun_mysql_session *session,
                                 const lun_options *login,
                                 lun_token token,
                                 lun_error *error) {
  if (session->phase != LUN_MYSQL_READY) {
    return lun_error_set(
        error, LUN_ERR_STATE, "the user cannot be changed while commands are in flight");
  }
  if (!lun_mysql_framer_is_empty(&session->framer)) {
    lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server sent bytes while no command was outstanding");
    return lun_mysql_session_why(session, error);
  }
  lun_options merged = merge(session, login);
  lun_status status = lun_mysql_login_check(&merged, error);
  if (status != LUN_OK) {
    return status;
  }
  if (lun_mysql_session_reserve_events(session, 1) != LUN_OK
      || lun_mysql_login_take(session, &merged) != LUN_OK) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  lun_mysql_statements_reset(&session->statements);
  lun_session_state_clear(&session->base.state);
  session->is_last_closed = true;
  session->is_logged_in = false;
  status = begin(session, error);
  session->change_token = status == LUN_OK ? token : 0;
  return status;
}
