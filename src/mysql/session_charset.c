// Which character set and SQL mode the server will read a statement in, and which statements may
// change that. Escaping for another one is an injection.
#include "mysql/session.h"

#include <strings.h>

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

static bool begins_with_set(lun_view text) {
  return text.size > 4 && (text.data[2] | 0x20) == 't' // no SELECT goes further
         && strncasecmp((const char *)text.data, "set", 3) == 0
         && (text.data[3] <= ' ' || text.data[3] == '/');
}

static bool begins_with_call(lun_view text) {
  return text.size > 5 && (text.data[0] | 0x20) == 'c'
         && strncasecmp((const char *)text.data, "call", 4) == 0;
}

static bool is_set_statement(lun_view text) {
  skip_comments(&text);
  return begins_with_set(text);
}

// Words without which no statement changes the client's character set. Where the server does not
// tell, each is suspect: a needless refusal is an error message, a missed change an injection.
static const char *const SUSPECT[] = {"names", "charset", "character", "execute", "call", NULL};

static const char CHANGED_BY_HAND[] = "(changed by hand)";

static bool may_set_charset(lun_view text) {
  return lun_mysql_holds(text, "names") || lun_mysql_holds(text, "charset")
         || lun_mysql_holds(text, "character");
}

static bool may_change_quoting(lun_view text) {
  bool may = lun_mysql_holds(text, "sql_mode");
  for (size_t i = 0; !may && SUSPECT[i]; i++) {
    may = lun_mysql_holds(text, SUSPECT[i]);
  }
  return may;
}

static size_t word_size(lun_view text) {
  size_t size = 0;
  while (size < text.size) {
    uint8_t byte = text.data[size];
    bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_') {
      break;
    }
    size++;
  }
  return size;
}

static bool skip_word(lun_view *text, const char *word) {
  size_t size = strlen(word);
  bool is_there = text->size > size && strncasecmp((const char *)text->data, word, size) == 0;
  lun_view_drop(text, is_there ? size : 0);
  return is_there;
}

// Reads `SET NAMES x` and `SET NAMES x COLLATE y`, written just so and with nothing behind: all
// other ways to say it are merely suspect.
static void read_set_names(lun_view text, char *names) {
  if (!skip_word(&text, "SET NAMES ")) {
    return;
  }
  lun_view name = {text.data, word_size(text)};
  lun_view_drop(&text, name.size);
  if (skip_word(&text, " COLLATE ")) {
    lun_view_drop(&text, word_size(text));
  }
  if (text.size == 0 && name.size > 0 && name.size < LUN_MYSQL_CHARSET_SIZE) {
    memcpy(names, name.data, name.size);
  }
}

// The character set is among what it wants to be told.
static bool is_our_tracking(const lun_mysql_session *session, lun_view text) {
  return text.size > 0 && lun_view_equal(text, session->options.session_track);
}

void lun_mysql_foresee(const lun_mysql_session *session,
                       const lun_command *command,
                       lun_mysql_pending *pending) {
  bool is_statement = command->kind == LUN_COMMAND_QUERY || command->kind == LUN_COMMAND_EXECUTE;
  lun_view text = command->text;
  skip_comments(&text);
  pending->is_call = begins_with_call(text);
  if (is_statement && begins_with_set(text) && !is_our_tracking(session, command->text)) {
    read_set_names(command->text, pending->names);
    pending->is_set = pending->names[0] == '\0' && may_set_charset(command->text);
  }
  pending->is_unsettling = command->kind == LUN_COMMAND_RESET
                           || command->kind == LUN_COMMAND_CHANGE_USER
                           || (command->is_piped && may_change_quoting(command->text));
}

bool lun_mysql_session_is_settled(const lun_session *base) {
  return ((const lun_mysql_session *)base)->unsettling == 0;
}

// A server may be set up to track nothing, and says so by silence: to a SET NAMES, or to another
// SET when it has never told anything.
void lun_mysql_session_note_success(lun_mysql_session *session) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  if (oldest->names[0] != '\0' && !session->was_charset_told) {
    session->is_untracked = true;
    lun_mysql_session_copy_fact(
        session->base.facts.charset, LUN_CHARSET_SIZE, lun_view_of(oldest->names));
  } else if (oldest->is_set && !session->tells_variables) {
    session->is_untracked = true;
    lun_mysql_session_copy_fact(
        session->base.facts.charset, LUN_CHARSET_SIZE, lun_view_of(CHANGED_BY_HAND));
  }
}

void lun_mysql_session_note_statement(lun_mysql_session *session, lun_view text) {
  if (is_our_tracking(session, text)) {
    return;
  }
  if (!session->is_untracked && is_set_statement(text)) {
    session->is_untracked = lun_mysql_holds(text, "session_track");
  }
  for (size_t i = 0; session->is_untracked && SUSPECT[i]; i++) {
    if (lun_mysql_holds(text, SUSPECT[i])) {
      lun_mysql_session_copy_fact(
          session->base.facts.charset, LUN_CHARSET_SIZE, lun_view_of(CHANGED_BY_HAND));
    }
  }
}
