// The answer to PREPARE: numbers, then definitions of the parameters and of the columns.
#include "mysql/capability.h"
#include "mysql/decode.h"
#include "mysql/session.h"

#include <stdlib.h>

static bool has_eof(const lun_mysql_session *session) {
  return (session->capabilities & LUN_MYSQL_CLIENT_DEPRECATE_EOF) == 0;
}

static lun_status begin_columns(lun_mysql_session *session) {
  if (session->columns_left == 0) {
    return lun_mysql_prepared(session);
  }
  session->has_column_eof = has_eof(session);
  lun_mysql_session_enter(session, LUN_MYSQL_COLUMNS);
  return LUN_OK;
}

lun_status lun_mysql_on_prepare_ok(lun_mysql_session *session, lun_view packet) {
  lun_mysql_prepare_ok ok;
  lun_status status = lun_mysql_prepare_ok_decode(packet, session->capabilities, &ok);
  if (status == LUN_OK && (ok.statement_id == 0 || ok.statement_id == UINT32_MAX)) {
    status = LUN_ERR_PROTOCOL; // -1 has a meaning of its own
  }
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "COM_STMT_PREPARE_OK");
  }
  if (ok.column_count > session->options.limits.max_columns) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server announced a result of more than %u columns",
                                  session->options.limits.max_columns);
  }
  lun_mysql_statement *statement = lun_mysql_session_oldest(session)->statement;
  statement->id = ok.statement_id;
  statement->parameter_count = ok.parameter_count;
  session->parameters_left = ok.has_metadata ? ok.parameter_count : 0;
  session->columns_left = ok.has_metadata ? ok.column_count : 0;
  session->column_count = (uint32_t)session->columns_left;
  lun_mysql_session_expect_columns(session);
  if (session->parameters_left == 0) {
    return begin_columns(session);
  }
  session->has_column_eof = has_eof(session);
  lun_mysql_session_enter(session, LUN_MYSQL_PARAMETERS);
  return LUN_OK;
}

// Definitions of parameters say nothing: servers do not know their types.
lun_status lun_mysql_on_parameter(lun_mysql_session *session, lun_view packet) {
  lun_status status;
  if (packet.size > 0 && packet.data[0] == LUN_MYSQL_HEADER_ERR) {
    return lun_mysql_session_command_failed(session, packet);
  }
  if (session->parameters_left > 0) {
    lun_column column;
    lun_reader reader = lun_reader_over(packet);
    bool is_extended = (session->capabilities & LUN_MYSQL_MARIADB_EXTENDED_METADATA) != 0;
    lun_mysql_column_decode(&reader, is_extended, &column);
    status = lun_reader_finish(&reader);
    if (status != LUN_OK) {
      return lun_mysql_session_malformed(session, status, "Protocol::ColumnDefinition41");
    }
    session->parameters_left--;
    bool is_over = session->parameters_left == 0 && !session->has_column_eof;
    return is_over ? begin_columns(session) : LUN_OK;
  }
  lun_mysql_eof eof;
  status = lun_mysql_eof_decode(packet, &eof);
  if (status != LUN_OK || packet.data[0] != LUN_MYSQL_HEADER_EOF) {
    return lun_mysql_session_malformed(session, LUN_ERR_PROTOCOL, "EOF_Packet");
  }
  return begin_columns(session);
}

// Takes the columns that were sent, if any were.
static lun_status take_columns(lun_mysql_session *session, lun_mysql_statement *statement) {
  return session->column_count == 0 ? LUN_OK
                                    : lun_mysql_session_take_columns(session, &statement->metadata);
}

static lun_status tell_prepared(lun_mysql_session *session, const lun_mysql_pending *pending) {
  lun_result *result = lun_result_new(NULL);
  if (!result) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  lun_metadata *metadata = pending->statement->metadata;
  result->metadata = metadata ? lun_metadata_retain(metadata) : NULL;
  result->affected_rows = pending->statement->parameter_count;
  return lun_mysql_session_tell(session,
                                &(lun_event){
                                    .kind = LUN_EVENT_RESULT,
                                    .token = pending->token,
                                    .result = result,
                                    .is_last = true,
                                });
}

lun_status lun_mysql_prepared(lun_mysql_session *session) {
  const lun_mysql_pending *pending = lun_mysql_session_oldest(session);
  lun_status status = take_columns(session, pending->statement);
  if (status != LUN_OK) {
    return status;
  }
  pending->statement->is_prepared = true;
  session->last_prepared = pending->statement->id;
  session->preparing--;
  status = pending->token != 0 ? tell_prepared(session, pending) : LUN_OK;
  return status == LUN_OK ? lun_mysql_session_answered(session) : status;
}

static bool is_alone(const lun_mysql_session *session) {
  return session->held_count == session->pending_ring.count - 1;
}

lun_status lun_mysql_prepare_failed(lun_mysql_session *session, const lun_error *error) {
  lun_mysql_statement *statement = lun_mysql_session_oldest(session)->statement;
  lun_token token = lun_mysql_session_oldest(session)->token;
  session->preparing--;
  if (error->code == LUN_MYSQL_ER_MAX_PREPARED_STMT_COUNT_REACHED && !statement->is_retried
      && session->phase == LUN_MYSQL_RESPONSE && is_alone(session)
      && lun_mysql_statements_forget_idle(&session->statements)) {
    statement->is_retried = true;
    return lun_mysql_session_prepare_again(session);
  }
  lun_error *kept = malloc(sizeof *kept);
  lun_error *told = token != 0 ? malloc(sizeof *told) : NULL;
  if (!kept || (token != 0 && !told)) {
    free(kept);
    free(told);
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  *kept = *error;
  statement->error = kept;
  lun_mysql_statements_forget(&session->statements, statement);
  if (told) {
    *told = *error;
    lun_event event = {.kind = LUN_EVENT_ERROR, .token = token, .is_last = true, .error = told};
    if (lun_mysql_session_tell(session, &event) != LUN_OK) {
      return session->base.status;
    }
  }
  return lun_mysql_session_answered(session);
}
