// INSERT of one row, taken apart so that it can be one of many.
#include "mysql/scan.h"

#include <strings.h>

typedef enum token_kind {
  TOKEN_END,
  TOKEN_WORD,
  TOKEN_OPEN,
  TOKEN_CLOSE,
  TOKEN_SEMICOLON,
  TOKEN_OTHER, // a string, a quoted name, any other character
} token_kind;

typedef struct token {
  token_kind kind;
  lun_view text;
} token;

typedef struct scanner {
  const lun_mysql_quoting *quoting;
  const uint8_t *at;
  const uint8_t *end;
} scanner;

static bool is_blank(uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// Bytes of an identifier without quotes (manual: "Schema Object Names").
static bool is_word_part(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
         || (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || byte >= 0x80;
}

static void skip_blanks(scanner *scan) {
  const uint8_t *before;
  do {
    before = scan->at;
    while (scan->at < scan->end && is_blank(*scan->at)) {
      scan->at++;
    }
    scan->at = lun_mysql_skip_comment(scan->at, scan->end);
  } while (scan->at > before);
}

static token next(scanner *scan) {
  skip_blanks(scan);
  const uint8_t *start = scan->at;
  token_kind kind = TOKEN_OTHER;
  if (start == scan->end) {
    kind = TOKEN_END;
  } else if (is_word_part(*start)) {
    kind = TOKEN_WORD;
    while (scan->at < scan->end && is_word_part(*scan->at)) {
      scan->at++;
    }
  } else if (*start == '\'' || *start == '"' || *start == '`') {
    scan->at = lun_mysql_skip_quoted(scan->quoting, start, scan->end);
  } else {
    kind = *start == '('   ? TOKEN_OPEN
           : *start == ')' ? TOKEN_CLOSE
           : *start == ';' ? TOKEN_SEMICOLON
                           : TOKEN_OTHER;
    scan->at++;
  }
  return (token){kind, {start, (size_t)(scan->at - start)}};
}

static bool is_word(token what, const char *word) {
  size_t size = strlen(word);
  return what.kind == TOKEN_WORD && what.text.size == size
         && strncasecmp((const char *)what.text.data, word, size) == 0;
}

static bool is_one_of(token what, const char *const *words) {
  for (; *words; words++) {
    if (is_word(what, *words)) {
      return true;
    }
  }
  return false;
}

// Skips to behind the parenthesis that closes the one just read.
static bool skip_parentheses(scanner *scan) {
  size_t depth = 1;
  while (depth > 0) {
    switch (next(scan).kind) {
    case TOKEN_OPEN: depth++; break;
    case TOKEN_CLOSE: depth--; break;
    case TOKEN_END:
    case TOKEN_SEMICOLON: return false;
    case TOKEN_WORD:
    case TOKEN_OTHER: break;
    }
  }
  return true;
}

// Finds where the only statement of the text ends: another one would be run once per statement of
// many rows, and not once per row.
static bool find_end(scanner *scan, const uint8_t **end) {
  token what;
  do {
    what = next(scan);
  } while (what.kind != TOKEN_SEMICOLON && what.kind != TOKEN_END);
  *end = what.text.data;
  while (what.kind == TOKEN_SEMICOLON) {
    what = next(scan);
  }
  return what.kind == TOKEN_END;
}

// What may stand behind the list. Anything else says that it was none: VALUE may be the name of a
// table, and a second list follows a comma.
static const char *const BEHIND_LIST[] = {"as", "on", "returning", NULL};

// Reads from behind the word VALUES.
static bool split_at(scanner scan, const uint8_t *start, lun_insert *insert) {
  token open = next(&scan);
  if (open.kind != TOKEN_OPEN || !skip_parentheses(&scan)) {
    return false;
  }
  const uint8_t *list = open.text.data;
  const uint8_t *behind = scan.at;
  scanner tail = scan;
  token first = next(&tail);
  const uint8_t *end;
  bool is_end = first.kind == TOKEN_END || first.kind == TOKEN_SEMICOLON;
  if ((!is_end && !is_one_of(first, BEHIND_LIST)) || !find_end(&scan, &end)) {
    return false;
  }
  while (end > behind && is_blank(end[-1])) {
    end--;
  }
  *insert = (lun_insert){
      .head = {start, (size_t)(list - start)},
      .list = {list, (size_t)(behind - list)},
      .tail = {behind, (size_t)(end - behind)},
  };
  return true;
}

bool lun_mysql_split_insert(const lun_mysql_quoting *quoting, lun_view sql, lun_insert *insert) {
  static const char *const inserts[] = {"insert", "replace", NULL};
  static const char *const values[] = {"values", "value", NULL};
  static const char *const others[] = {"select", "set", "on", "with", "table", NULL};
  scanner scan = {.quoting = quoting, .at = sql.data, .end = sql.data + sql.size};
  if (!is_one_of(next(&scan), inserts)) {
    return false;
  }
  for (;;) {
    token what = next(&scan);
    if (what.kind == TOKEN_OPEN ? !skip_parentheses(&scan)
                                : what.kind != TOKEN_WORD && what.kind != TOKEN_OTHER) {
      return false;
    }
    if (is_one_of(what, values) && split_at(scan, sql.data, insert)) {
      return true;
    }
    if (is_one_of(what, others)) {
      return false;
    }
  }
}
