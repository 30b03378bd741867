// Commands on their way out. What cannot be sent before an answer is there is held back, and so is
// all behind it: answers come in the order of the commands.
#include "mysql/session.h"

#include <stdlib.h>

enum { LONG_PART = 1024 * 1024, KEPT_SCRATCH = 16 * 1024 };

typedef struct lun_mysql_long {
  uint16_t parameter;
  lun_view bytes; // borrowed
} lun_mysql_long;

struct lun_mysql_held {
  lun_buffer head;
  lun_view text; // borrowed, unless it was copied behind `head`
  size_t value_count;
  size_t long_count;
  lun_mysql_long longs[];
};

bool lun_mysql_session_make_room(lun_mysql_session *session, uint32_t more) {
  lun_mysql_pending *pending =
      lun_ring_reserve(&session->pending_ring, session->pending, sizeof session->pending[0], more);
  if (pending) {
    session->pending = pending;
  }
  return pending && lun_mysql_session_reserve_events(session, more) == LUN_OK;
}

static void held_free(lun_mysql_held *held) {
  if (held) {
    lun_buffer_deinit(&held->head);
    free(held);
  }
}

void lun_mysql_session_drop_oldest(lun_mysql_session *session) {
  lun_mysql_pending oldest = *lun_mysql_session_oldest(session);
  lun_ring_drop(&session->pending_ring);
  session->unsettling -= oldest.is_unsettling;
  if (oldest.held) {
    held_free(oldest.held);
    session->held_count--;
    session->base.is_holding = session->held_count > 0;
  }
  if (session->scratch_token == oldest.token && session->scratch.capacity > KEPT_SCRATCH) {
    session->scratch_token = 0;
    lun_buffer_deinit(&session->scratch);
  }
  free(oldest.error);
  lun_mysql_statements_release(&session->statements, oldest.statement);
}

void lun_mysql_session_await(lun_mysql_session *session) {
  session->framer.sequence = lun_mysql_session_oldest(session)->sequence;
  if (session->compression) {
    lun_mysql_compression_await(session->compression);
  }
}

void lun_mysql_session_close_statements(lun_mysql_session *session) {
  enum { ID = 4 };
  lun_buffer *closing = &session->statements.closing;
  for (size_t at = 0; at + ID <= closing->size; at += ID) {
    const uint8_t *id = closing->data + at;
    uint8_t payload[1 + ID] = {LUN_MYSQL_COM_STMT_CLOSE, id[0], id[1], id[2], id[3]};
    lun_mysql_frame_write(&session->outbox, 0, (lun_view){payload, sizeof payload});
    lun_reader reader = lun_reader_over((lun_view){id, ID});
    if (lun_reader_u32(&reader) == session->last_prepared && session->preparing == 0) {
      session->is_last_closed = true;
    }
  }
  lun_buffer_clear(closing);
}

// COM_STMT_SEND_LONG_DATA, in parts that no limit of the server refuses; it has no answer.
static lun_status write_long(lun_mysql_session *session, uint32_t id, const lun_mysql_long *data) {
  lun_view rest = data->bytes;
  lun_status status = LUN_OK;
  while (rest.size > 0 && status == LUN_OK) {
    lun_view part = {rest.data, rest.size < LONG_PART ? rest.size : LONG_PART};
    lun_buffer *bytes = &session->outbox.bytes;
    lun_buffer_u24(bytes, (uint32_t)part.size + 7);
    lun_buffer_u8(bytes, 0);
    lun_buffer_u8(bytes, LUN_MYSQL_COM_STMT_SEND_LONG_DATA);
    lun_buffer_u32(bytes, id);
    lun_buffer_u16(bytes, data->parameter);
    status = lun_outbox_lend(&session->outbox, part);
    lun_view_drop(&rest, part.size);
  }
  return status;
}

bool lun_mysql_session_is_behind_cursor(const lun_mysql_session *session, uint32_t count) {
  return count > 0
         && session->pending[lun_ring_index(&session->pending_ring, count - 1)].fetch_size > 0;
}

lun_status lun_mysql_session_check_rest(lun_mysql_session *session) {
  bool has_rest = !lun_mysql_framer_is_empty(&session->framer)
                  || (session->compression && session->compression->header_size > 0);
  return has_rest ? lun_mysql_session_fail(
             session, LUN_ERR_PROTOCOL, "the server sent bytes while no command was outstanding")
                  : LUN_OK;
}

static lun_status write_command(lun_mysql_session *session,
                                lun_mysql_pending *pending,
                                const lun_mysql_outgoing *outgoing) {
  lun_mysql_session_close_statements(session);
  if (pending->kind == LUN_COMMAND_PREPARE) {
    session->preparing++;
    session->last_prepared = 0;
    session->is_last_closed = false;
  }
  return lun_mysql_frame_command(
      &session->outbox, outgoing->head, outgoing->text, outgoing->is_lent, &pending->sequence);
}

static lun_mysql_held *held_new(const lun_mysql_outgoing *outgoing) {
  size_t long_count = 0;
  for (size_t i = 0; outgoing->is_long && i < outgoing->value_count; i++) {
    long_count += outgoing->is_long[i];
  }
  lun_mysql_held *held = calloc(1, sizeof *held + long_count * sizeof held->longs[0]);
  if (!held) {
    return NULL;
  }
  held->value_count = outgoing->value_count;
  for (size_t i = 0; held->long_count < long_count; i++) {
    if (outgoing->is_long[i]) {
      held->longs[held->long_count++] = (lun_mysql_long){(uint16_t)i, outgoing->values[i].bytes};
    }
  }
  lun_buffer_view(&held->head, outgoing->head);
  if (outgoing->is_lent) {
    held->text = outgoing->text;
  } else {
    lun_buffer_view(&held->head, outgoing->text);
  }
  if (held->head.status != LUN_OK) {
    held_free(held);
    return NULL;
  }
  return held;
}

static void add(lun_mysql_session *session, const lun_mysql_pending *pending) {
  uint32_t last = lun_ring_index(&session->pending_ring, session->pending_ring.count++);
  session->pending[last] = *pending;
  session->unsettling += pending->is_unsettling;
  if (session->phase == LUN_MYSQL_READY) {
    lun_mysql_session_await(session);
    lun_mysql_session_enter(session, LUN_MYSQL_RESPONSE);
  }
}

static lun_status send_longs(lun_mysql_session *session,
                             const lun_mysql_pending *pending,
                             const lun_mysql_outgoing *outgoing) {
  lun_status status = LUN_OK;
  for (size_t i = 0; outgoing->is_long && i < outgoing->value_count && status == LUN_OK; i++) {
    if (outgoing->is_long[i]) {
      lun_mysql_long data = {(uint16_t)i, outgoing->values[i].bytes};
      status = write_long(session, pending->statement->id, &data);
    }
  }
  return status;
}

lun_status lun_mysql_session_put(lun_mysql_session *session,
                                 const lun_mysql_pending *pending,
                                 const lun_mysql_outgoing *outgoing,
                                 bool waits,
                                 lun_error *error) {
  lun_mysql_pending added = *pending;
  lun_status status;
  waits = waits || lun_mysql_session_is_behind_cursor(session, session->pending_ring.count);
  if (waits || session->held_count > 0) {
    added.held = held_new(outgoing);
    session->held_count += added.held != NULL;
    session->base.is_holding = session->held_count > 0;
    status = added.held ? LUN_OK : LUN_ERR_NOMEM;
  } else {
    status = send_longs(session, pending, outgoing);
    status = status == LUN_OK ? write_command(session, &added, outgoing) : status;
  }
  add(session, &added); // a failure is told to it, too, once the caller knows its token
  if (status != LUN_OK) {
    // Half a packet may be queued: what follows could not be told from it.
    session->pending[lun_ring_index(&session->pending_ring, session->pending_ring.count - 1)]
        .token = 0;
    return lun_mysql_session_exhausted(session, "the statement's text", error);
  }
  return LUN_OK;
}

// The EXECUTE will never be sent: its statement could not be prepared, or wants other parameters.
static lun_status refuse(lun_mysql_session *session, lun_mysql_pending *pending) {
  const lun_mysql_statement *statement = pending->statement;
  pending->fetch_size = 0; // nothing waits for its cursor
  pending->error = malloc(sizeof *pending->error);
  if (!pending->error) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  if (statement->error) {
    *pending->error = *statement->error;
  } else {
    lun_error_set(pending->error,
                  LUN_ERR_ARGUMENT,
                  "the server counts %u placeholders, and %zu parameters are given",
                  statement->parameter_count,
                  pending->held->value_count);
  }
  return LUN_OK;
}

static lun_status
send_held(lun_mysql_session *session, lun_mysql_pending *pending, lun_mysql_held *held) {
  if (pending->kind == LUN_COMMAND_EXECUTE) {
    uint32_t id = pending->statement->id;
    for (size_t i = 0; i < sizeof id; i++) {
      held->head.data[1 + i] = (uint8_t)(id >> (8 * i));
    }
    for (size_t i = 0; i < held->long_count; i++) {
      if (write_long(session, id, &held->longs[i]) != LUN_OK) {
        return LUN_ERR_NOMEM;
      }
    }
  }
  lun_mysql_outgoing outgoing = {
      .head = lun_buffer_bytes(&held->head),
      .text = held->text,
      .is_lent = true,
  };
  return write_command(session, pending, &outgoing);
}

static lun_status release_one(lun_mysql_session *session, lun_mysql_pending *pending) {
  const lun_mysql_statement *statement = pending->statement;
  bool is_execute = pending->kind == LUN_COMMAND_EXECUTE;
  lun_status status = LUN_OK;
  if (is_execute
      && (statement->error || statement->parameter_count != pending->held->value_count)) {
    status = refuse(session, pending);
  } else if (send_held(session, pending, pending->held) != LUN_OK) {
    status = lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  if (status != LUN_OK) {
    return status; // the session is over, and its commands are gone
  }
  held_free(pending->held);
  pending->held = NULL;
  session->held_count--;
  return LUN_OK;
}

lun_status lun_mysql_session_release_held(lun_mysql_session *session) {
  while (session->held_count > 0) {
    uint32_t first = session->pending_ring.count - session->held_count;
    lun_mysql_pending *pending = &session->pending[lun_ring_index(&session->pending_ring, first)];
    const lun_mysql_statement *statement = pending->statement;
    if (lun_mysql_session_is_behind_cursor(session, first)) {
      break;
    }
    if (pending->kind == LUN_COMMAND_EXECUTE && !statement->is_prepared && !statement->error) {
      break; // its PREPARE is not answered yet
    }
    lun_status status = release_one(session, pending);
    if (status != LUN_OK) {
      return status;
    }
  }
  session->base.is_holding = session->held_count > 0;
  if (session->holds_quit && session->held_count == 0
      && !lun_mysql_session_is_behind_cursor(session, session->pending_ring.count)) {
    static const uint8_t quit[] = {LUN_MYSQL_COM_QUIT};
    session->holds_quit = false;
    lun_mysql_frame_write(&session->outbox, 0, (lun_view){quit, sizeof quit});
  }
  return LUN_OK;
}

lun_status lun_mysql_session_send_more(lun_mysql_session *session, lun_view payload) {
  lun_mysql_outgoing outgoing = {.head = payload};
  if (write_command(session, lun_mysql_session_oldest(session), &outgoing) != LUN_OK) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  lun_mysql_session_await(session);
  return LUN_OK;
}

lun_status lun_mysql_session_prepare_again(lun_mysql_session *session) {
  static const uint8_t head[] = {LUN_MYSQL_COM_STMT_PREPARE};
  lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  lun_mysql_outgoing outgoing = {
      .head = {head, sizeof head},
      .text = oldest->statement->text,
  };
  if (write_command(session, oldest, &outgoing) != LUN_OK) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  lun_mysql_session_await(session);
  return LUN_OK;
}

bool lun_mysql_session_put_back(lun_mysql_session *session,
                                lun_mysql_statement *statement,
                                const lun_mysql_outgoing *outgoing) {
  lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  lun_mysql_pending execute = *oldest;
  execute.held = held_new(outgoing);
  if (!execute.held) {
    lun_mysql_statements_release(&session->statements, statement);
    return false;
  }
  execute.statement = statement;
  statement->references++;
  lun_mysql_statements_release(&session->statements, oldest->statement);
  *oldest = (lun_mysql_pending){
      .kind = LUN_COMMAND_PREPARE,
      .is_unsettling = oldest->is_unsettling, // counted with each of the two
      .statement = statement,
  };
  add(session, &execute);
  session->held_count++;
  session->base.is_holding = true;
  lun_mysql_session_prepare_again(session);
  return true;
}
