// A cursor: rows that the server keeps, and gives some at a time to COM_STMT_FETCH.
#include "mysql/session.h"
#include "mysql/status_flag.h"

static lun_status fail(lun_mysql_session *session, const char *how) {
  return lun_mysql_session_fail(
      session, LUN_ERR_PROTOCOL, "malformed answer of a cursor from the server: %s", how);
}

static lun_status fetch(lun_mysql_session *session) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  uint8_t payload[1 + 2 * sizeof(uint32_t)] = {LUN_MYSQL_COM_STMT_FETCH};
  for (size_t i = 0; i < sizeof(uint32_t); i++) {
    payload[1 + i] = (uint8_t)(oldest->statement->id >> (8 * i));
    payload[1 + sizeof(uint32_t) + i] = (uint8_t)(oldest->fetch_size >> (8 * i));
  }
  session->row_count = 0;
  lun_mysql_session_enter(session, LUN_MYSQL_ROWS);
  return lun_mysql_session_send_more(session, (lun_view){payload, sizeof payload});
}

// Nobody wants what is left: the server forgets it, whatever its size.
static lun_status close_cursor(lun_mysql_session *session) {
  lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  uint8_t payload[1 + sizeof(uint32_t)] = {LUN_MYSQL_COM_STMT_RESET};
  for (size_t i = 0; i < sizeof(uint32_t); i++) {
    payload[1 + i] = (uint8_t)(oldest->statement->id >> (8 * i));
  }
  oldest->is_closing_cursor = true;
  lun_result_free(session->result);
  session->result = NULL;
  lun_mysql_session_enter(session, LUN_MYSQL_RESPONSE);
  return lun_mysql_session_send_more(session, (lun_view){payload, sizeof payload});
}

static lun_status go_on(lun_mysql_session *session) {
  if (lun_mysql_session_oldest(session)->is_discarded) {
    return close_cursor(session);
  }
  return session->untaken == 0 ? fetch(session) : LUN_OK;
}

static lun_status rest(lun_mysql_session *session, const lun_mysql_ok *ok) {
  lun_mysql_session_note_status(session, ok->status_flags);
  if (lun_mysql_session_note_state(session, ok->session_state) != LUN_OK) {
    return session->base.status;
  }
  session->framer.sequence = 1; // last words come as the answer to a command that nobody sent
  lun_mysql_session_enter(session, LUN_MYSQL_CURSOR);
  return go_on(session);
}

lun_status lun_mysql_cursor_opened(lun_mysql_session *session, const lun_mysql_ok *ok) {
  lun_mysql_session_oldest(session)->has_cursor = true;
  session->untaken = 0; // what was told is of commands before this one
  return rest(session, ok);
}

lun_status lun_mysql_cursor_rows_end(lun_mysql_session *session, const lun_mysql_ok *ok) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  if (session->row_count > oldest->fetch_size) {
    return fail(session, "it has more rows than were asked for");
  }
  if (ok->status_flags & (LUN_MYSQL_MORE_RESULTS_EXISTS | LUN_MYSQL_PS_OUT_PARAMS)) {
    return fail(session, "another result is said to follow");
  }
  if (ok->status_flags & LUN_MYSQL_LAST_ROW_SENT) {
    lun_result *result = session->result;
    session->result = NULL;
    return lun_mysql_session_finish_result(session, result, ok);
  }
  if ((ok->status_flags & LUN_MYSQL_CURSOR_EXISTS) == 0) {
    return fail(session, "it ends without its last row");
  }
  if (session->row_count == 0) {
    return fail(session, "it goes on without rows");
  }
  lun_status status = lun_mysql_session_tell_batch(session);
  return status == LUN_OK ? rest(session, ok) : status;
}

void lun_mysql_cursor_resume(lun_mysql_session *session) {
  if (session->phase == LUN_MYSQL_CURSOR && lun_mysql_session_check_rest(session) == LUN_OK) {
    go_on(session);
  }
}
