// Commands on their way out, and the first packet of each answer.
#include "mysql/capability.h"
#include "mysql/session.h"
#include "mysql/status_flag.h"

#include <stdlib.h>

// For a command and for the event that ends it.
static bool make_room_for_pending(lun_mysql_session *session) {
  lun_mysql_pending *pending =
      lun_ring_reserve(&session->pending_ring, session->pending, sizeof session->pending[0], 1);
  if (pending) {
    session->pending = pending;
  }
  return pending && lun_mysql_session_reserve_events(session, 1) == LUN_OK;
}

static uint8_t command_byte(lun_command_kind kind) {
  switch (kind) {
  case LUN_COMMAND_QUERY: return LUN_MYSQL_COM_QUERY;
  case LUN_COMMAND_PING: return LUN_MYSQL_COM_PING;
  case LUN_COMMAND_SELECT_DATABASE: return LUN_MYSQL_COM_INIT_DB;
  case LUN_COMMAND_RESET: return LUN_MYSQL_COM_RESET_CONNECTION;
  case LUN_COMMAND_QUIT: return LUN_MYSQL_COM_QUIT;
  case LUN_COMMAND_PREPARE:
  case LUN_COMMAND_EXECUTE:
  case LUN_COMMAND_FORGET:
  case LUN_COMMAND_CHANGE_USER: break; // refused before
  }
  return 0;
}

lun_status lun_mysql_session_queue(lun_mysql_session *session,
                                   const lun_command *command,
                                   lun_token token,
                                   lun_error *error) {
  if (!lun_mysql_framer_is_empty(&session->framer) && session->phase == LUN_MYSQL_READY) {
    lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server sent bytes while no command was outstanding");
    *error = session->base.error;
    return error->status;
  }
  bool is_quit = command->kind == LUN_COMMAND_QUIT;
  if (!is_quit && !make_room_for_pending(session)) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  uint8_t sequence;
  lun_status status = lun_mysql_frame_command(
      &session->outbox, command_byte(command->kind), command->text, command->is_lent, &sequence);
  if (status != LUN_OK) {
    // Half a packet may be queued: what follows could not be told from it.
    lun_mysql_session_fail(session, status, "out of memory for the statement's text");
    *error = session->base.error;
    return status;
  }
  if (is_quit) {
    session->is_quitting = true;
    return LUN_OK;
  }
  uint32_t last = lun_ring_index(&session->pending_ring, session->pending_ring.count++);
  session->pending[last] = (lun_mysql_pending){
      .token = token,
      .kind = command->kind,
      .sequence = sequence,
      .is_streamed = command->is_streamed,
  };
  if (session->phase == LUN_MYSQL_READY) {
    session->framer.sequence = sequence;
    lun_mysql_session_enter(session, LUN_MYSQL_RESPONSE);
  }
  return LUN_OK;
}

lun_status lun_mysql_session_connected(lun_mysql_session *session) {
  session->is_logged_in = true;
  return lun_mysql_session_tell(session, &(lun_event){.kind = LUN_EVENT_CONNECTED});
}

lun_status lun_mysql_session_answered(lun_mysql_session *session) {
  lun_ring_drop(&session->pending_ring);
  session->results = 0;
  if (session->pending_ring.count > 0) {
    session->framer.sequence = lun_mysql_session_oldest(session)->sequence;
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

lun_status lun_mysql_session_finish_result(lun_mysql_session *session,
                                           lun_result *result,
                                           const lun_mysql_ok *ok) {
  bool is_last = (ok->status_flags & LUN_MYSQL_MORE_RESULTS_EXISTS) == 0;
  lun_token token = lun_mysql_session_oldest(session)->token;
  lun_mysql_session_note_status(session, ok->status_flags);
  result->affected_rows = ok->affected_rows;
  result->insert_id = ok->last_insert_id;
  result->status_flags = ok->status_flags;
  result->warning_count = ok->warnings;
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
    return session->base.error.status;
  }
  if (token == 0) {
    lun_result_free(result);
  } else {
    if (lun_mysql_session_oldest(session)->is_streamed) {
      session->untaken += result->rows.bytes;
    }
    lun_event event = {
        .kind = LUN_EVENT_RESULT, .token = token, .result = result, .is_last = is_last};
    if (lun_mysql_session_tell(session, &event) != LUN_OK) {
      return session->base.error.status;
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

lun_status lun_mysql_session_command_failed(lun_mysql_session *session, lun_view packet) {
  lun_mysql_err err;
  lun_status status = lun_mysql_err_decode(packet, &err);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "ERR_Packet");
  }
  lun_token token = lun_mysql_session_oldest(session)->token;
  lun_error *error = malloc(sizeof *error);
  if (!error) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  lun_error_set_server(error, err.code, err.sqlstate, err.message);
  if (token == 0) { // an init command: the login fails with its words
    status = lun_mysql_session_fail_with(session, error);
    free(error);
    return status;
  }
  lun_result_free(session->result);
  session->result = NULL;
  lun_event event = {.kind = LUN_EVENT_ERROR, .token = token, .is_last = true, .error = error};
  if (lun_mysql_session_tell(session, &event) != LUN_OK) {
    return session->base.error.status;
  }
  return lun_mysql_session_answered(session);
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

static lun_status on_column_count(lun_mysql_session *session, lun_view packet) {
  lun_reader reader = lun_reader_over(packet);
  uint64_t count = lun_reader_lenenc(&reader);
  lun_status status = lun_reader_finish(&reader);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "column count");
  }
  lun_command_kind kind = lun_mysql_session_oldest(session)->kind;
  if (count == 0 || kind != LUN_COMMAND_QUERY) {
    return lun_mysql_session_malformed(session, LUN_ERR_PROTOCOL, "column count");
  }
  if (count > session->options.limits.max_columns) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server announced a result of more than %u columns",
                                  session->options.limits.max_columns);
  }
  session->column_count = (uint32_t)count;
  session->columns_left = count;
  session->has_column_eof = (session->capabilities & LUN_MYSQL_CLIENT_DEPRECATE_EOF) == 0;
  lun_buffer_clear(&session->column_bytes);
  lun_mysql_session_enter(session, LUN_MYSQL_COLUMNS);
  return LUN_OK;
}

// COM_QUERY Response, of which other commands know OK and ERR only. A LOCAL INFILE Request is
// always refused: a server could ask for any file with it.
lun_status lun_mysql_on_response(lun_mysql_session *session, lun_view packet) {
  switch (packet.size > 0 ? packet.data[0] : -1) {
  case -1: return lun_mysql_session_malformed(session, LUN_ERR_TRUNCATED, "response");
  case LUN_MYSQL_HEADER_OK: return on_ok(session, packet);
  case LUN_MYSQL_HEADER_ERR: return lun_mysql_session_command_failed(session, packet);
  case LUN_MYSQL_HEADER_NULL:
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server asked for a local file that no command offered");
  default: return on_column_count(session, packet);
  }
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
