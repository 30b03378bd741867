// Prepared statements: from a text and values to PREPARE and EXECUTE.
#include "mysql/capability.h"
#include "mysql/session.h"

#include <stdlib.h>

enum {
  CURSOR_TYPE_READ_ONLY = 1,
  LONG_VALUE = 1024 * 1024,
  LARGEST_REPEATED = 1024 * 1024,
  MOST_PARAMETERS = 65535,
  ER_NEED_REPREPARE = 1615,
};

// The number for "the statement prepared last", of MariaDB.
static const uint32_t LAST_PREPARED = UINT32_MAX;

static const uint8_t PREPARE[] = {LUN_MYSQL_COM_STMT_PREPARE};

// Takes over one reference of `statement`.
static lun_status put_prepare(lun_mysql_session *session,
                              lun_mysql_statement *statement,
                              lun_token token,
                              lun_error *error) {
  lun_mysql_pending pending = {
      .token = token,
      .kind = LUN_COMMAND_PREPARE,
      .statement = statement,
  };
  lun_mysql_outgoing outgoing = {.head = {PREPARE, sizeof PREPARE}, .text = statement->text};
  return lun_mysql_session_put(session, &pending, &outgoing, false, error);
}

static lun_status out_of_memory(lun_error *error) {
  return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
}

static lun_status queue_prepare(lun_mysql_session *session,
                                const lun_command *command,
                                lun_token token,
                                lun_error *error) {
  lun_mysql_statements *statements = &session->statements;
  lun_mysql_statement *known = lun_mysql_statements_find(statements, command->text);
  if (known) {
    lun_mysql_statements_forget(statements, known);
  }
  lun_mysql_statement *statement = lun_mysql_statements_add(statements, command->text);
  return statement ? put_prepare(session, statement, token, error) : out_of_memory(error);
}

// Large values that stay where they are until the answer travel in packets of their own. Sets
// `is_long` for each value; returns whether there are any.
static bool find_long_values(const lun_command *command, bool *is_long) {
  bool has_long = false;
  for (size_t i = 0; i < command->value_count; i++) {
    const lun_value *value = &command->values[i];
    bool has_bytes = value->kind == LUN_VALUE_TEXT || value->kind == LUN_VALUE_BINARY;
    is_long[i] = has_bytes && value->bytes.size >= LONG_VALUE;
    has_long = has_long || is_long[i];
  }
  return has_long;
}

static lun_status check(const lun_mysql_session *session,
                        const lun_mysql_statement *statement,
                        const lun_command *command,
                        lun_error *error) {
  if (statement && statement->is_prepared && statement->parameter_count != command->value_count) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the server counts %u placeholders, and %zu parameters are given",
                         statement->parameter_count,
                         command->value_count);
  }
  if (command->value_count > MOST_PARAMETERS
      || command->attribute_count > MOST_PARAMETERS - command->value_count) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "a prepared statement has at most %d parameters and attributes",
                         MOST_PARAMETERS);
  }
  if (command->row_count > 1
      && (command->value_count == 0
          || (session->capabilities & LUN_MYSQL_MARIADB_STMT_BULK) == 0)) {
    return lun_error_set(error, LUN_ERR_UNSUPPORTED, "the server has no bulk execution");
  }
  return lun_mysql_session_check_attributes(session, command, error);
}

static bool has_cursor(const lun_command *command) {
  return command->is_streamed && command->fetch_size > 0 && command->row_count <= 1;
}

static lun_status encode(lun_mysql_session *session,
                         const lun_command *command,
                         const bool *is_long,
                         uint32_t id,
                         lun_error *error) {
  lun_buffer *payload = &session->scratch;
  lun_buffer_clear(payload);
  session->scratch_token = 0;
  lun_status status = LUN_OK;
  if (command->row_count > 1) {
    status = lun_mysql_bulk_execute_encode(
        id, command->values, command->value_count, command->row_count, payload);
  } else {
    lun_mysql_execute execute = {
        .statement_id = id,
        .flags = has_cursor(command) ? CURSOR_TYPE_READ_ONLY : 0,
        .values = command->values,
        .value_count = command->value_count,
        .is_long = is_long,
        .attributes = command->attributes,
        .attribute_count = command->attribute_count,
        .capabilities = session->capabilities,
    };
    lun_mysql_execute_encode(&execute, payload);
    status = payload->status;
  }
  if (status == LUN_ERR_UNSUPPORTED) {
    return lun_error_set(error, status, "text and binary values meet in one column of a bulk");
  }
  return status == LUN_OK ? LUN_OK : out_of_memory(error);
}

// MariaDB takes -1 for the statement prepared last: PREPARE and EXECUTE can leave together. But a
// PREPARE that fails for want of room (1461) leaves the one before as the last: it would be
// executed with these values. So this is done only while there is none before.
static bool can_follow_prepare(const lun_mysql_session *session) {
  return session->is_last_closed && session->held_count == 0
         && (session->capabilities & LUN_MYSQL_MARIADB_STMT_BULK) != 0;
}

static lun_status put_execute(lun_mysql_session *session,
                              const lun_command *command,
                              const bool *is_long,
                              const lun_mysql_pending *pending,
                              lun_error *error) {
  lun_mysql_statements *statements = &session->statements;
  lun_mysql_pending added = *pending;
  bool waits = !added.statement || !added.statement->is_prepared;
  bool is_only = session->pending_ring.count == 0;
  if (!added.statement) {
    added.statement = lun_mysql_statements_add(statements, command->text);
    if (!added.statement) {
      return out_of_memory(error);
    }
    if (session->held_count == 0) {
      lun_mysql_session_close_statements(session); // the last one may be among them
    }
    waits = is_long || !can_follow_prepare(session);
    added.statement->references++;
    if (put_prepare(session, added.statement, 0, error) != LUN_OK) {
      lun_mysql_statements_release(statements, added.statement);
      return error->status;
    }
  } else {
    added.statement->references++;
  }
  added.statement->is_plain = !added.is_call && !added.is_set && added.names[0] == '\0';
  if (!added.statement->was_executed) {
    added.statement->was_executed = true;
    added.statement->began_with_cursor = added.fetch_size > 0;
  }
  if (is_only && !is_long && session->scratch.size <= LARGEST_REPEATED) {
    session->scratch_token = pending->token;
    session->scratch_values = command->value_count;
  }
  lun_mysql_outgoing outgoing = {
      .head = lun_buffer_bytes(&session->scratch),
      .values = command->values,
      .is_long = is_long,
      .value_count = command->value_count,
  };
  lun_status status = lun_mysql_session_put(session, &added, &outgoing, waits, error);
  if (session->scratch.size > LARGEST_REPEATED) {
    lun_buffer_deinit(&session->scratch);
  }
  return status;
}

// MySQL sends no rows when a statement that was first executed with a cursor is executed without
// one. Then it is prepared anew.
static lun_mysql_statement *find_statement(lun_mysql_session *session, const lun_command *command) {
  lun_mysql_statements *statements = &session->statements;
  lun_mysql_statement *statement = lun_mysql_statements_find(statements, command->text);
  bool is_stuck = statement && statement->began_with_cursor && !has_cursor(command)
                  && !session->base.facts.is_mariadb;
  if (is_stuck) {
    lun_mysql_statements_forget(statements, statement);
  }
  return is_stuck ? NULL : statement;
}

static lun_status queue_execute(lun_mysql_session *session,
                                const lun_command *command,
                                lun_token token,
                                lun_error *error) {
  lun_mysql_pending pending = {
      .token = token,
      .kind = LUN_COMMAND_EXECUTE,
      .statement = find_statement(session, command),
      .is_streamed = command->is_streamed,
      .fetch_size = has_cursor(command) ? command->fetch_size : 0,
  };
  if (command->is_known && !(pending.statement && pending.statement->is_prepared)) {
    return lun_error_set(error, LUN_ERR_STATE, "the statement is not prepared");
  }
  if (command->is_piped || !pending.statement || !pending.statement->is_plain) {
    lun_mysql_foresee(session, command, &pending);
  }
  if (check(session, pending.statement, command, error) != LUN_OK) {
    return error->status;
  }
  lun_buffer flags = {0};
  bool *is_long = NULL;
  if (command->is_lent && command->row_count <= 1 && command->value_count > 0) {
    is_long = (bool *)lun_buffer_reserve(&flags, command->value_count * sizeof *is_long);
    if (!is_long) {
      return out_of_memory(error);
    }
    is_long = find_long_values(command, is_long) ? is_long : NULL;
  }
  bool is_prepared = pending.statement && pending.statement->is_prepared;
  uint32_t id = is_prepared ? pending.statement->id : LAST_PREPARED;
  lun_status status = encode(session, command, is_long, id, error);
  if (status == LUN_OK) {
    status = put_execute(session, command, is_long, &pending, error);
  }
  lun_buffer_deinit(&flags);
  return status;
}

lun_status lun_mysql_session_queue_statement(lun_mysql_session *session,
                                             const lun_command *command,
                                             lun_token token,
                                             lun_error *error) {
  if (command->kind == LUN_COMMAND_FORGET) {
    lun_mysql_statement *known = lun_mysql_statements_find(&session->statements, command->text);
    if (known) {
      lun_mysql_statements_forget(&session->statements, known);
    }
    return LUN_OK;
  }
  if (!lun_mysql_session_make_room(session, 2)) {
    return out_of_memory(error);
  }
  return command->kind == LUN_COMMAND_PREPARE ? queue_prepare(session, command, token, error)
                                              : queue_execute(session, command, token, error);
}

// PREPARE and EXECUTE left together, and there was no room for the statement.
static bool had_no_room(const lun_mysql_statement *statement) {
  return statement->error && statement->error->code == LUN_MYSQL_ER_MAX_PREPARED_STMT_COUNT_REACHED;
}

// Executions that are held back behind a statement that is lost, and that nobody prepares again,
// end with its error. Returns false when the session is over for want of memory.
static bool
refuse_held(lun_mysql_session *session, lun_mysql_statement *statement, const lun_error *error) {
  if (statement->is_prepared || statement->error) {
    return true;
  }
  statement->error = malloc(sizeof *error);
  if (!statement->error) {
    lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
    return false;
  }
  *statement->error = *error;
  return true;
}

bool lun_mysql_session_execute_again(lun_mysql_session *session, const lun_error *error) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  lun_mysql_statement *statement = oldest->statement;
  lun_mysql_statements *statements = &session->statements;
  bool is_lost =
      error->code == LUN_MYSQL_ER_UNKNOWN_STMT_HANDLER || error->code == ER_NEED_REPREPARE;
  if (statement->error ? !had_no_room(statement) : !is_lost) {
    return false;
  }
  if (error->code == LUN_MYSQL_ER_UNKNOWN_STMT_HANDLER) {
    statement->is_prepared = false; // its number may be another one's by now
  }
  lun_mysql_statements_forget(statements, statement);
  bool has_room = !statement->error || lun_mysql_statements_forget_idle(statements);
  // What a procedure did before an error inside it must not be done twice.
  bool can_repeat = has_room && !oldest->has_cursor && !lun_mysql_holds(statement->text, "call")
                    && session->scratch_token == oldest->token && session->results == 0
                    && session->pending_ring.count == 1 && session->phase == LUN_MYSQL_RESPONSE;
  session->scratch_token = 0;
  lun_mysql_statement *fresh = NULL;
  if (can_repeat && lun_mysql_session_make_room(session, 2)) {
    fresh = lun_mysql_statements_add(statements, statement->text);
  }
  if (!fresh) {
    return !refuse_held(session, statement, error);
  }
  fresh->is_retried = true;
  lun_mysql_outgoing outgoing = {
      .head = lun_buffer_bytes(&session->scratch),
      .value_count = session->scratch_values,
  };
  return lun_mysql_session_put_back(session, fresh, &outgoing);
}
