// What a session learns about itself from OK and EOF packets.
#include "mysql/session.h"
#include "mysql/status_flag.h"

#include <strings.h>

void lun_mysql_session_note_status(lun_mysql_session *session, uint16_t status_flags) {
  session->status_flags = status_flags;
  session->base.facts.in_transaction = (status_flags & LUN_MYSQL_STATUS_IN_TRANS) != 0;
  session->base.facts.is_autocommit = (status_flags & LUN_MYSQL_STATUS_AUTOCOMMIT) != 0;
}

// Too long a value is cut: facts are for people, nothing is decided by them but the charset, where
// a cut name is an unknown one and therefore refused for escaping.
static void copy_fact(char *fact, lun_view value) {
  size_t size = value.size < LUN_FACT_SIZE - 1 ? value.size : LUN_FACT_SIZE - 1;
  if (size > 0) {
    memcpy(fact, value.data, size);
  }
  fact[size] = '\0';
}

static void note_change(void *context, const lun_mysql_track *change) {
  lun_mysql_session *session = context;
  if (change->type == LUN_MYSQL_TRACK_SCHEMA) {
    copy_fact(session->base.facts.database, change->value);
  } else if (change->type == LUN_MYSQL_TRACK_SYSTEM_VARIABLES
             && lun_view_equal(change->name, lun_view_of("character_set_client"))) {
    copy_fact(session->base.facts.charset, change->value);
  }
}

bool lun_mysql_holds(lun_view text, const char *word) {
  size_t size = strlen(word);
  for (size_t i = 0; i + size <= text.size; i++) {
    if (strncasecmp((const char *)text.data + i, word, size) == 0) {
      return true;
    }
  }
  return false;
}

// Takes blanks and comments off the front.
static void skip_comments(lun_view *text) {
  while (text->size > 0) {
    const uint8_t *end = text->data;
    if (*end <= ' ') {
      end++;
    } else if (*end == '#' || (text->size > 2 && memcmp(end, "--", 2) == 0)) {
      end = memchr(end, '\n', text->size);
    } else if (text->size > 2 && memcmp(end, "/*", 2) == 0) {
      end = memmem(end + 2, text->size - 2, "*/", 2);
      end = end ? end + 2 : NULL;
    } else {
      return;
    }
    size_t size = end ? (size_t)(end - text->data) : text->size;
    text->data += size;
    text->size -= size;
  }
}

static bool is_set_statement(lun_view text) {
  skip_comments(&text);
  return text.size > 4 && strncasecmp((const char *)text.data, "set", 3) == 0
         && (text.data[3] <= ' ' || text.data[3] == '/');
}

// Words without which no statement changes the client's character set. Where the server does not
// tell, each is suspect: a needless refusal is an error message, a missed change an injection.
static const char *const SUSPECT[] = {"names", "charset", "character", "execute", "call", NULL};

void lun_mysql_session_note_statement(lun_mysql_session *session, lun_view text) {
  if (!session->is_untracked && is_set_statement(text)) {
    session->is_untracked = lun_mysql_holds(text, "session_track");
  }
  for (size_t i = 0; session->is_untracked && SUSPECT[i]; i++) {
    if (lun_mysql_holds(text, SUSPECT[i])) {
      copy_fact(session->base.facts.charset, lun_view_of("(changed by hand)"));
    }
  }
}

lun_status lun_mysql_session_note_state(lun_mysql_session *session, lun_view state) {
  if (state.size > session->options.limits.max_session_track) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server sent more than %u bytes of session state",
                                  session->options.limits.max_session_track);
  }
  lun_status status = lun_mysql_session_state_decode(state, note_change, session);
  return status == LUN_OK ? LUN_OK : lun_mysql_session_malformed(session, status, "session state");
}
