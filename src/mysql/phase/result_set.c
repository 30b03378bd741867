// Column definitions and rows.
#include "mysql/capability.h"
#include "mysql/decode.h"
#include "mysql/session.h"
#include "mysql/status_flag.h"

enum { KEPT_COLUMN_BYTES = 4096, EOF_SIZE = 9 };

// A prepared statement knows the columns of its first result, as they were sent last.
static void note_columns(const lun_mysql_session *session, lun_mysql_statement *statement) {
  if (session->results == 0) {
    lun_metadata_release(statement->metadata);
    statement->metadata = lun_metadata_retain(session->result->metadata);
  }
}

void lun_mysql_session_expect_columns(lun_mysql_session *session) {
  const lun_metadata *expected = session->expected;
  lun_buffer_clear(&session->column_bytes);
  session->matched = 0;
  session->is_matching = expected && expected->count == session->column_count;
}

// The same statement again sends the same definitions: comparing them as they come is all that they
// cost.
static bool match_column(lun_mysql_session *session, lun_view packet) {
  const lun_metadata *expected = session->expected;
  const uint8_t *at = expected->raw.data + session->matched;
  size_t left = expected->raw.size - session->matched;
  if (packet.size >= LUN_MYSQL_HEADER_NULL || packet.size >= left || *at != packet.size
      || memcmp(at + 1, packet.data, packet.size) != 0) {
    return false;
  }
  session->matched += 1 + packet.size;
  return true;
}

// What matched so far is kept as if it had been copied.
static void give_up_matching(lun_mysql_session *session) {
  lun_buffer_append(&session->column_bytes, session->expected->raw.data, session->matched);
  session->is_matching = false;
}

// What sends one statement only need not keep the memory for its definitions.
static void expect_again(lun_mysql_session *session, lun_metadata *metadata) {
  if (!session->expected) {
    lun_buffer_deinit(&session->column_bytes);
  }
  lun_metadata_release(session->expected);
  session->expected =
      metadata->raw.size <= KEPT_COLUMN_BYTES ? lun_metadata_retain(metadata) : NULL;
}

lun_status lun_mysql_session_take_columns(lun_mysql_session *session, lun_metadata **metadata) {
  if (session->is_matching && session->matched == session->expected->raw.size) {
    *metadata = lun_metadata_retain(session->expected);
    return LUN_OK;
  }
  if (session->is_matching) {
    give_up_matching(session);
  }
  bool is_extended = (session->capabilities & LUN_MYSQL_MARIADB_EXTENDED_METADATA) != 0;
  lun_status status = lun_metadata_cache_get(session->cache,
                                             lun_buffer_bytes(&session->column_bytes),
                                             session->column_count,
                                             is_extended ? lun_mysql_parse_extended_columns
                                                         : lun_mysql_parse_columns,
                                             metadata);
  if (status == LUN_ERR_NOMEM) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for column definitions");
  }
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "Protocol::ColumnDefinition41");
  }
  expect_again(session, *metadata);
  return LUN_OK;
}

lun_status lun_mysql_session_begin_rows(lun_mysql_session *session) {
  lun_mysql_statement *statement = lun_mysql_session_oldest(session)->statement;
  lun_result *result =
      lun_result_new(statement ? &LUN_MYSQL_BINARY_DECODER : &LUN_MYSQL_TEXT_DECODER);
  if (!result) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  session->result = result;
  session->row_count = 0;
  if (statement && session->has_known_columns) {
    result->metadata = lun_metadata_retain(statement->metadata);
    lun_mysql_session_enter(session, LUN_MYSQL_ROWS);
    return LUN_OK;
  }
  lun_status status = lun_mysql_session_take_columns(session, &result->metadata);
  if (status != LUN_OK) {
    return status;
  }
  if (session->column_bytes.capacity > KEPT_COLUMN_BYTES) {
    lun_buffer_deinit(&session->column_bytes);
  }
  if (statement) {
    note_columns(session, statement);
  }
  lun_mysql_session_enter(session, LUN_MYSQL_ROWS);
  return LUN_OK;
}

static lun_status on_columns_known(lun_mysql_session *session) {
  bool is_prepare = lun_mysql_session_oldest(session)->kind == LUN_COMMAND_PREPARE;
  return is_prepare ? lun_mysql_prepared(session) : lun_mysql_session_begin_rows(session);
}

// Servers may send rows though a cursor was asked for; the status says what they did. It also tells
// of cursors that a procedure used, but then more results follow, or rows were sent.
static bool is_of_cursor(const lun_mysql_session *session, uint16_t status_flags) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  enum { MANY = LUN_MYSQL_MORE_RESULTS_EXISTS | LUN_MYSQL_PS_OUT_PARAMS };
  bool is_opened = (status_flags & (LUN_MYSQL_CURSOR_EXISTS | MANY)) == LUN_MYSQL_CURSOR_EXISTS;
  return oldest->has_cursor
         || (oldest->fetch_size > 0 && is_opened && session->results == 0
             && session->row_count == 0);
}

static lun_status on_columns_end(lun_mysql_session *session, lun_view packet) {
  lun_mysql_eof eof;
  lun_status status = lun_mysql_eof_decode(packet, &eof);
  if (status != LUN_OK || packet.data[0] != LUN_MYSQL_HEADER_EOF) {
    return lun_mysql_session_malformed(session, LUN_ERR_PROTOCOL, "EOF_Packet");
  }
  session->has_out_parameters = (eof.status_flags & LUN_MYSQL_PS_OUT_PARAMS) != 0;
  status = on_columns_known(session);
  if (status != LUN_OK || session->phase != LUN_MYSQL_ROWS
      || !is_of_cursor(session, eof.status_flags)) {
    return status;
  }
  lun_mysql_ok ok = {.status_flags = eof.status_flags, .warnings = eof.warnings};
  return lun_mysql_cursor_opened(session, &ok);
}

// Decoded once all are there, and only when they are not in the cache. The sizes keep the packets
// apart.
static lun_status keep_column(lun_mysql_session *session, lun_view packet) {
  if (session->is_matching) {
    give_up_matching(session);
  }
  lun_buffer_lenenc_view(&session->column_bytes, packet);
  if (session->column_bytes.size > session->options.limits.max_metadata) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server sent more than %u bytes of column definitions",
                                  session->options.limits.max_metadata);
  }
  if (session->column_bytes.status != LUN_OK) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for column definitions");
  }
  return LUN_OK;
}

lun_status lun_mysql_on_column(lun_mysql_session *session, lun_view packet) {
  if (packet.size > 0 && packet.data[0] == LUN_MYSQL_HEADER_ERR) {
    return lun_mysql_session_command_failed(session, packet);
  }
  if (session->columns_left == 0) {
    return on_columns_end(session, packet);
  }
  if (!session->is_matching || !match_column(session, packet)) {
    lun_status status = keep_column(session, packet);
    if (status != LUN_OK) {
      return status;
    }
  }
  session->columns_left--;
  return session->columns_left == 0 && !session->has_column_eof ? on_columns_known(session)
                                                                : LUN_OK;
}

static lun_status on_rows_end(lun_mysql_session *session, lun_view packet) {
  lun_mysql_ok ok = {0};
  lun_status status;
  if (session->capabilities & LUN_MYSQL_CLIENT_DEPRECATE_EOF) {
    status = lun_mysql_ok_decode(packet, session->capabilities, &ok);
  } else {
    lun_mysql_eof eof;
    status = lun_mysql_eof_decode(packet, &eof);
    ok.status_flags = eof.status_flags;
    if (session->has_out_parameters) { // MySQL says so in front of the row only; an OK follows
      ok.status_flags |= LUN_MYSQL_PS_OUT_PARAMS | LUN_MYSQL_MORE_RESULTS_EXISTS;
    }
    ok.warnings = eof.warnings;
  }
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "end of rows");
  }
  if (is_of_cursor(session, ok.status_flags)) {
    return lun_mysql_session_oldest(session)->has_cursor ? lun_mysql_cursor_rows_end(session, &ok)
                                                         : lun_mysql_cursor_opened(session, &ok);
  }
  lun_result *result = session->result;
  session->result = NULL;
  return lun_mysql_session_finish_result(session, result, &ok);
}

lun_status lun_mysql_session_tell_batch(lun_mysql_session *session) {
  lun_result *batch = session->result;
  if (session->phase != LUN_MYSQL_ROWS || batch->rows.count == 0) {
    return LUN_OK;
  }
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  if (!oldest->is_streamed || oldest->is_discarded) {
    return LUN_OK;
  }
  lun_result *rest = lun_result_new(batch->decoder);
  if (!rest) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for rows");
  }
  rest->metadata = lun_metadata_retain(batch->metadata);
  session->result = rest;
  session->untaken += batch->rows.bytes;
  return lun_mysql_session_tell(session,
                                &(lun_event){
                                    .kind = LUN_EVENT_RESULT,
                                    .token = oldest->token,
                                    .result = batch,
                                    .is_partial = true,
                                });
}

void lun_mysql_session_resume(lun_session *base) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  session->untaken = 0;
  lun_mysql_cursor_resume(session);
}

void lun_mysql_session_discard(lun_session *base, lun_token token) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  for (uint32_t i = 0; i < session->pending_ring.count; i++) {
    lun_mysql_pending *pending = &session->pending[lun_ring_index(&session->pending_ring, i)];
    if (token != 0 && pending->token == token) {
      pending->is_discarded = true;
      if (i == 0 && session->result) {
        session->base.discarded += session->result->rows.bytes;
        lun_rows_deinit(&session->result->rows);
        lun_mysql_cursor_resume(session);
      }
      return;
    }
  }
}

// A row that starts with a value of 16 MiB or more begins with 0xfe too; the size tells.
static bool is_rows_end(const lun_mysql_session *session, lun_view packet) {
  size_t below = session->capabilities & LUN_MYSQL_CLIENT_DEPRECATE_EOF ? LUN_MYSQL_FRAME_MAX
                                                                        : (size_t)EOF_SIZE;
  return packet.data[0] == LUN_MYSQL_HEADER_EOF && packet.size < below;
}

lun_status lun_mysql_on_row(lun_mysql_session *session, lun_view packet) {
  if (packet.size == 0) {
    return lun_mysql_session_malformed(session, LUN_ERR_TRUNCATED, "row");
  }
  if (packet.data[0] == LUN_MYSQL_HEADER_ERR) {
    // The rows in front of it count for who reads them as they come.
    lun_status status = lun_mysql_session_tell_batch(session);
    return status == LUN_OK ? lun_mysql_session_command_failed(session, packet) : status;
  }
  if (is_rows_end(session, packet)) {
    return on_rows_end(session, packet);
  }
  session->row_count++;
  if (lun_mysql_session_oldest(session)->is_discarded) {
    session->base.discarded += packet.size;
    return LUN_OK;
  }
  const lun_result *result = session->result;
  lun_status status = result->decoder == &LUN_MYSQL_BINARY_DECODER
                          ? lun_mysql_binary_row_check(packet, result->metadata)
                          : lun_mysql_text_row_check(packet, session->column_count);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "row");
  }
  lun_buffer large;
  status = lun_mysql_framer_take(&session->framer, &large)
               ? lun_rows_adopt(&session->result->rows, &large)
               : lun_rows_append(&session->result->rows, packet);
  if (status != LUN_OK) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for rows");
  }
  return LUN_OK;
}
