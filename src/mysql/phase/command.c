// Commands on their way out, and the first packet of each answer.
#include "mysql/capability.h"
#include "mysql/session.h"
#include "mysql/status_flag.h"

#include <stdlib.h>

static uint8_t command_byte(lun_command_kind kind) {
  switch (kind) {
  case LUN_COMMAND_PING: return LUN_MYSQL_COM_PING;
  case LUN_COMMAND_SELECT_DATABASE: return LUN_MYSQL_COM_INIT_DB;
  case LUN_COMMAND_RESET: return LUN_MYSQL_COM_RESET_CONNECTION;
  case LUN_COMMAND_QUIT: return LUN_MYSQL_COM_QUIT;
  case LUN_COMMAND_QUERY: // these are queued elsewhere
  case LUN_COMMAND_PREPARE:
  case LUN_COMMAND_EXECUTE:
  case LUN_COMMAND_FORGET:
  case LUN_COMMAND_CHANGE_USER: break; // refused before
  }
  return 0;
}

static lun_status queue_quit(lun_mysql_session *session, lun_error *error) {
  static const uint8_t quit[] = {LUN_MYSQL_COM_QUIT};
  session->is_quitting = true;
  session->holds_quit = session->held_count > 0
                        || lun_mysql_session_is_behind_cursor(session, session->pending_ring.count);
  if (session->holds_quit) {
    return LUN_OK;
  }
  lun_mysql_frame_write(&session->outbox, 0, (lun_view){quit, sizeof quit});
  return session->outbox.bytes.status == LUN_OK
             ? LUN_OK
             : lun_mysql_session_exhausted(session, "the good-bye", error);
}

static lun_status queue_plain(lun_mysql_session *session,
                              const lun_command *command,
                              lun_token token,
                              lun_error *error) {
  if (!lun_mysql_session_make_room(session, 1)) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  uint8_t byte = command_byte(command->kind);
  lun_mysql_pending pending = {.token = token, .kind = command->kind};
  lun_mysql_foresee(session, command, &pending);
  lun_mysql_outgoing outgoing = {
      .head = {&byte, sizeof byte},
      .text = command->text,
      .is_lent = command->is_lent,
  };
  lun_status status = lun_mysql_session_put(session, &pending, &outgoing, false, error);
  if (status == LUN_OK && command->kind == LUN_COMMAND_RESET) {
    lun_mysql_statements_reset(&session->statements);
    session->is_last_closed = session->preparing == 0 && session->held_count == 0;
  }
  return status;
}

lun_status lun_mysql_session_queue(lun_mysql_session *session,
                                   const lun_command *command,
                                   lun_token token,
                                   lun_error *error) {
  if (session->phase == LUN_MYSQL_READY && lun_mysql_session_check_rest(session) != LUN_OK) {
    return lun_mysql_session_why(session, error);
  }
  switch (command->kind) {
  case LUN_COMMAND_PREPARE:
  case LUN_COMMAND_EXECUTE:
  case LUN_COMMAND_FORGET: return lun_mysql_session_queue_statement(session, command, token, error);
  case LUN_COMMAND_QUIT: return queue_quit(session, error);
  case LUN_COMMAND_QUERY: return lun_mysql_session_queue_query(session, command, token, error);
  case LUN_COMMAND_PING:
  case LUN_COMMAND_SELECT_DATABASE:
  case LUN_COMMAND_RESET:
  case LUN_COMMAND_CHANGE_USER: return queue_plain(session, command, token, error);
  }
  return LUN_OK;
}

// CHANGE_USER is answered when its init commands are.
static lun_status user_changed(lun_mysql_session *session) {
  lun_event event = {
      .kind = LUN_EVENT_RESULT,
      .token = session->change_token,
      .result = lun_result_new(NULL),
      .is_last = true,
  };
  if (!event.result) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  event.result->status_flags = session->status_flags;
  session->change_token = 0;
  return lun_mysql_session_tell(session, &event);
}

lun_status lun_mysql_session_connected(lun_mysql_session *session) {
  session->is_logged_in = true;
  if (lun_outbox_is_empty(&session->outbox)) {
    lun_outbox_deinit(&session->outbox); // most statements are shorter than a login
  }
  if (session->change_token != 0) {
    return user_changed(session);
  }
  return lun_mysql_session_tell(session, &(lun_event){.kind = LUN_EVENT_CONNECTED});
}

// Commands that were never sent get their errors when it is their turn.
static lun_status tell_refused(lun_mysql_session *session) {
  while (session->pending_ring.count > 0 && lun_mysql_session_oldest(session)->error) {
    lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
    lun_event event = {
        .kind = LUN_EVENT_ERROR,
        .token = oldest->token,
        .is_last = true,
        .error = oldest->error,
    };
    oldest->error = NULL;
    lun_mysql_session_drop_oldest(session);
    if (lun_mysql_session_tell(session, &event) != LUN_OK) {
      return session->base.status;
    }
  }
  return LUN_OK;
}

lun_status lun_mysql_session_answered(lun_mysql_session *session) {
  if (lun_mysql_session_oldest(session)->token == session->data_token) {
    session->data_token = 0;
    session->is_data_asked = false;
    lun_buffer_deinit(&session->data_name);
  }
  lun_mysql_session_drop_oldest(session);
  session->results = 0;
  session->untaken = 0; // of this command; who drops its rows says nothing
  if (session->held_count > 0 || session->holds_quit) {
    lun_status status = lun_mysql_session_release_held(session);
    if (status != LUN_OK) {
      return status;
    }
  }
  if (tell_refused(session) != LUN_OK) {
    return session->base.status;
  }
  if (session->pending_ring.count > 0) {
    lun_mysql_session_await(session);
    lun_mysql_session_enter(session, LUN_MYSQL_RESPONSE);
    return LUN_OK;
  }
  session->framer.sequence = 1; // last words come as the answer to a command that nobody sent
  lun_mysql_session_enter(session, LUN_MYSQL_READY);
  if (!session->is_logged_in) {
    return lun_mysql_session_connected(session);
  }
  lun_mysql_session_quit_if_done(session);
  return LUN_OK;
}

static lun_status tell_error(lun_mysql_session *session, const lun_error *error) {
  lun_event event = {
      .kind = LUN_EVENT_ERROR,
      .token = lun_mysql_session_oldest(session)->token,
      .is_last = true,
      .error = malloc(sizeof *error),
  };
  if (!event.error) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  *event.error = *error;
  lun_result_free(session->result);
  session->result = NULL;
  if (lun_mysql_session_tell(session, &event) != LUN_OK) {
    return session->base.status;
  }
  return lun_mysql_session_answered(session);
}

// Ends a command whose request for data was refused, whatever the server made of that.
static lun_status tell_refusal(lun_mysql_session *session) {
  lun_error error = *session->refusal;
  free(session->refusal);
  session->refusal = NULL;
  if (lun_mysql_session_oldest(session)->token == 0) { // an init command
    return lun_mysql_session_fail_with(session, &error);
  }
  return tell_error(session, &error);
}

lun_status lun_mysql_session_finish_result(lun_mysql_session *session,
                                           lun_result *result,
                                           const lun_mysql_ok *ok) {
  bool is_last = (ok->status_flags & LUN_MYSQL_MORE_RESULTS_EXISTS) == 0;
  lun_token token = lun_mysql_session_oldest(session)->token;
  lun_mysql_session_note_status(session, ok->status_flags);
  lun_mysql_session_note_changes(session, result, ok);
  result->affected_rows = ok->affected_rows;
  result->insert_id = ok->last_insert_id;
  result->status_flags = ok->status_flags;
  result->warning_count = ok->warnings;
  result->is_out_parameters = (ok->status_flags & LUN_MYSQL_PS_OUT_PARAMS) != 0;
  if (ok->info.size > 0) {
    uint8_t *copy = malloc(ok->info.size);
    if (!copy) {
      lun_result_free(result);
      return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
    }
    memcpy(copy, ok->info.data, ok->info.size);
    result->info = (lun_view){copy, ok->info.size};
  }
  if (lun_mysql_session_note_state(session, ok->session_state) != LUN_OK) {
    lun_result_free(result);
    return session->base.status;
  }
  lun_mysql_session_note_success(session);
  if (session->refusal) {
    lun_result_free(result);
    if (is_last) {
      return tell_refusal(session);
    }
  } else if (token == 0) {
    lun_result_free(result);
  } else {
    if (lun_mysql_session_oldest(session)->is_streamed) {
      session->untaken += result->rows.bytes;
    }
    lun_event event = {
        .kind = LUN_EVENT_RESULT, .token = token, .result = result, .is_last = is_last};
    if (lun_mysql_session_tell(session, &event) != LUN_OK) {
      return session->base.status;
    }
  }
  if (is_last) {
    return lun_mysql_session_answered(session);
  }
  if (++session->results > session->options.limits.max_results) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server sent more than %u results for one statement",
                                  session->options.limits.max_results);
  }
  lun_mysql_session_enter(session, LUN_MYSQL_RESPONSE);
  return LUN_OK;
}

// Puts the init command in front of the server's words. They are answered in order, and nothing
// else is in flight during a login.
static void name_init_command(const lun_mysql_session *session, lun_error *error) {
  enum { SHOWN = 120 };
  const lun_options *options = &session->options;
  lun_view text = options->init_commands[options->init_command_count - session->pending_ring.count];
  lun_error words = *error;
  lun_error_set(error,
                words.status,
                "init command \"%.*s%s\": %s",
                text.size > SHOWN ? SHOWN : (int)text.size,
                (const char *)text.data,
                text.size > SHOWN ? "..." : "",
                words.message);
  error->code = words.code;
  memcpy(error->sqlstate, words.sqlstate, sizeof error->sqlstate);
}

lun_status lun_mysql_session_command_failed(lun_mysql_session *session, lun_view packet) {
  lun_mysql_err err;
  lun_status status = lun_mysql_err_decode(packet, &err);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "ERR_Packet");
  }
  if (session->refusal) {
    return tell_refusal(session);
  }
  lun_error error;
  lun_error_set_server(&error, err.code, err.sqlstate, err.message);
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  if (oldest->kind == LUN_COMMAND_PREPARE) {
    return lun_mysql_prepare_failed(session, &error);
  }
  if (oldest->token == 0) { // an init command: the login fails with its words
    name_init_command(session, &error);
    return lun_mysql_session_fail_with(session, &error);
  }
  if (oldest->kind == LUN_COMMAND_EXECUTE) {
    if (lun_mysql_session_execute_again(session, &error)) {
      return session->phase == LUN_MYSQL_CLOSED ? session->base.status : LUN_OK;
    }
    if (oldest->statement->error) {
      error = *oldest->statement->error; // it was sent before this was known
    }
  }
  return tell_error(session, &error);
}

static lun_status on_ok(lun_mysql_session *session, lun_view packet) {
  lun_mysql_ok ok;
  lun_status status = lun_mysql_ok_decode(packet, session->capabilities, &ok);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "OK_Packet");
  }
  lun_result *result = lun_result_new(NULL);
  if (!result) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  return lun_mysql_session_finish_result(session, result, &ok);
}

// MariaDB may leave out definitions that it has sent before: a byte behind the count says so.
static lun_status take_column_count(lun_mysql_session *session, lun_view packet, uint64_t *count) {
  lun_reader reader = lun_reader_over(packet);
  uint8_t follows = 1;
  *count = lun_reader_lenenc(&reader);
  if (session->capabilities & LUN_MYSQL_MARIADB_CACHE_METADATA) {
    follows = lun_reader_u8(&reader);
  }
  session->has_known_columns = follows == 0;
  lun_status status = lun_reader_finish(&reader);
  if (status != LUN_OK) {
    return status;
  }
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  bool has_rows = oldest->kind == LUN_COMMAND_QUERY || oldest->kind == LUN_COMMAND_EXECUTE;
  if (*count == 0 || !has_rows || follows > 1) {
    return LUN_ERR_PROTOCOL;
  }
  if (follows == 0) {
    const lun_metadata *known = oldest->statement ? oldest->statement->metadata : NULL;
    bool is_known = known && session->results == 0 && known->count == *count;
    return is_known ? LUN_OK : LUN_ERR_PROTOCOL;
  }
  return LUN_OK;
}

static lun_status on_column_count(lun_mysql_session *session, lun_view packet) {
  uint64_t count;
  lun_status status = take_column_count(session, packet, &count);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "column count");
  }
  if (count > session->options.limits.max_columns) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server announced a result of more than %u columns",
                                  session->options.limits.max_columns);
  }
  session->column_count = (uint32_t)count;
  session->columns_left = session->has_known_columns ? 0 : count;
  session->has_column_eof = (session->capabilities & LUN_MYSQL_CLIENT_DEPRECATE_EOF) == 0;
  session->has_out_parameters = false;
  lun_mysql_session_expect_columns(session);
  if (session->columns_left == 0 && !session->has_column_eof) {
    return lun_mysql_session_begin_rows(session);
  }
  lun_mysql_session_enter(session, LUN_MYSQL_COLUMNS);
  return LUN_OK;
}

// What was sent together with a PREPARE that failed can only fail.
static bool is_impossible(const lun_mysql_session *session, lun_view packet) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  return oldest->kind == LUN_COMMAND_EXECUTE && oldest->statement->error
         && packet.data[0] != LUN_MYSQL_HEADER_ERR;
}

// COM_QUERY Response, of which other commands know OK and ERR only.
lun_status lun_mysql_on_response(lun_mysql_session *session, lun_view packet) {
  if (packet.size > 0 && is_impossible(session, packet)) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server executed a statement that it refused to prepare");
  }
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  bool is_prepare = oldest->kind == LUN_COMMAND_PREPARE;
  if (is_prepare && packet.size > 0 && packet.data[0] != LUN_MYSQL_HEADER_ERR) {
    return lun_mysql_on_prepare_ok(session, packet);
  }
  switch (packet.size > 0 ? packet.data[0] : -1) {
  case -1: return lun_mysql_session_malformed(session, LUN_ERR_TRUNCATED, "response");
  case LUN_MYSQL_HEADER_OK: return on_ok(session, packet);
  case LUN_MYSQL_HEADER_ERR: return lun_mysql_session_command_failed(session, packet);
  default: break;
  }
  if (oldest->is_closing_cursor) {
    return lun_mysql_session_malformed(session, LUN_ERR_PROTOCOL, "response to COM_STMT_RESET");
  }
  return packet.data[0] == LUN_MYSQL_HEADER_NULL ? lun_mysql_on_infile_request(session, packet)
                                                 : on_column_count(session, packet);
}

// Nothing may come while no command is outstanding, but the server's last words.
lun_status lun_mysql_on_ready(lun_mysql_session *session, lun_view packet) {
  lun_mysql_err err;
  lun_error error;
  if (packet.size > 0 && packet.data[0] == LUN_MYSQL_HEADER_ERR
      && lun_mysql_err_decode(packet, &err) == LUN_OK) {
    lun_error_set_server(&error, err.code, err.sqlstate, err.message);
    return lun_mysql_session_fail_with(session, &error);
  }
  return lun_mysql_session_fail(
      session, LUN_ERR_PROTOCOL, "the server sent a packet while no command was outstanding");
}
