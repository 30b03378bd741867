// What a session learns about itself from OK and EOF packets.
#include "mysql/session.h"
#include "mysql/status_flag.h"

#include <strings.h>

void lun_mysql_session_note_status(lun_mysql_session *session, uint16_t status_flags) {
  lun_facts *facts = &session->base.facts;
  session->status_flags = status_flags;
  facts->server_status = status_flags;
  facts->in_transaction = (status_flags & LUN_MYSQL_STATUS_IN_TRANS) != 0;
  facts->is_autocommit = (status_flags & LUN_MYSQL_STATUS_AUTOCOMMIT) != 0;
  facts->has_changes = facts->has_changes && facts->in_transaction;
}

// What a procedure changed, its answer does not tell for certain.
void lun_mysql_session_note_changes(lun_mysql_session *session,
                                    const lun_result *result,
                                    const lun_mysql_ok *ok) {
  lun_facts *facts = &session->base.facts;
  facts->is_status_current = true; // init_connect runs behind the answer to the login
  bool has_changed =
      !result->metadata && (ok->affected_rows > 0 || lun_mysql_session_oldest(session)->is_call);
  facts->has_changes = facts->has_changes || (facts->in_transaction && has_changed);
}

void lun_mysql_session_copy_fact(char *fact, size_t room, lun_view value) {
  size_t size = value.size < room - 1 ? value.size : room - 1;
  if (size > 0) {
    memcpy(fact, value.data, size);
  }
  fact[size] = '\0';
}

typedef struct change_notes {
  lun_mysql_session *session;
  lun_status status;
} change_notes;

static void keep(change_notes *notes, lun_state_kind kind, const lun_mysql_track *change) {
  lun_session_state *state = &notes->session->base.state;
  size_t max_size = notes->session->options.limits.max_session_track;
  if (notes->status == LUN_OK) {
    notes->status = lun_session_state_set(state, kind, change->name, change->value, max_size);
  }
}

static void note_variable(change_notes *notes, const lun_mysql_track *change) {
  lun_mysql_session *session = notes->session;
  if (lun_view_equal(change->name, lun_view_of("character_set_client"))) {
    lun_mysql_session_copy_fact(session->base.facts.charset, LUN_CHARSET_SIZE, change->value);
    session->was_charset_told = true;
  }
  session->tells_variables = true;
  keep(notes, LUN_STATE_VARIABLE, change);
}

static void note_change(void *context, const lun_mysql_track *change) {
  change_notes *notes = context;
  lun_session *base = &notes->session->base;
  switch (change->type) {
  case LUN_MYSQL_TRACK_SYSTEM_VARIABLES: note_variable(notes, change); break;
  case LUN_MYSQL_TRACK_SCHEMA:
    if (!lun_fact_set(&base->facts.database, change->value, LUN_FACT_SIZE - 1)) {
      notes->status = LUN_ERR_NOMEM;
    }
    break;
  case LUN_MYSQL_TRACK_STATE_CHANGE:
    base->state.is_changed = lun_view_equal(change->value, lun_view_of("1"));
    break;
  case LUN_MYSQL_TRACK_GTIDS: keep(notes, LUN_STATE_GTID, change); break;
  case LUN_MYSQL_TRACK_TRANSACTION_CHARACTERISTICS:
    keep(notes, LUN_STATE_TRANSACTION_CHARACTERISTICS, change);
    break;
  case LUN_MYSQL_TRACK_TRANSACTION_STATE: keep(notes, LUN_STATE_TRANSACTION, change); break;
  default: break; // of a later server
  }
}

// What was told before a reset is over.
static void forget_if_reset(lun_mysql_session *session) {
  if (session->pending_ring.count > 0
      && lun_mysql_session_oldest(session)->kind == LUN_COMMAND_RESET) {
    lun_session_state_clear(&session->base.state);
  }
}

lun_status lun_mysql_session_note_state(lun_mysql_session *session, lun_view state) {
  if (state.size > session->options.limits.max_session_track) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server sent more than %u bytes of session state",
                                  session->options.limits.max_session_track);
  }
  change_notes notes = {.session = session};
  session->was_charset_told = false;
  forget_if_reset(session);
  lun_status status = lun_mysql_session_state_decode(state, note_change, &notes);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "session state");
  }
  if (notes.status != LUN_OK) {
    return lun_mysql_session_fail(
        session,
        notes.status,
        "the session state that the server told is over %u bytes or %d values",
        session->options.limits.max_session_track,
        LUN_MAX_STATES);
  }
  return LUN_OK;
}
