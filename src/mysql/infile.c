#include "mysql/infile.h"

#include <strings.h>

typedef struct lexer {
  const uint8_t *at;
  const uint8_t *end;
  bool has_backslash_escapes;
} lexer;

static size_t left(const lexer *lex) {
  return (size_t)(lex->end - lex->at);
}

// Byte `offset` ahead, 0 past the end.
static uint8_t peek(const lexer *lex, size_t offset) {
  return offset < left(lex) ? lex->at[offset] : 0;
}

static bool is_word(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
         || (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || byte >= 0x80;
}

static bool skip_comment(lexer *lex) {
  const uint8_t *behind;
  if (peek(lex, 0) == '/' && peek(lex, 1) == '*') {
    behind = memmem(lex->at + 2, left(lex) - 2, "*/", 2);
    behind = behind ? behind + 2 : NULL;
  } else if (peek(lex, 0) == '#'
             || (peek(lex, 0) == '-' && peek(lex, 1) == '-' && peek(lex, 2) <= ' ')) {
    behind = memchr(lex->at, '\n', left(lex));
  } else {
    return false;
  }
  lex->at = behind ? behind : lex->end;
  return true;
}

// What a backslash and `byte` stand for (manual: "String Literals"); `\%` and `\_` are left as they
// are.
static void append_escaped(lun_buffer *text, uint8_t byte) {
  static const char from[] = "0btnrZ";
  static const uint8_t to[] = {0, '\b', '\t', '\n', '\r', 26};
  const char *found = byte ? strchr(from, byte) : NULL;
  if (byte == '%' || byte == '_') {
    lun_buffer_u8(text, '\\');
  }
  lun_buffer_u8(text, found ? to[found - from] : byte);
}

// Takes what stands in quotes; appends it to `text`. A doubled quote is one.
static void take_quoted(lexer *lex, lun_buffer *text) {
  uint8_t quote = *lex->at++;
  while (lex->at < lex->end) {
    uint8_t byte = *lex->at++;
    if (byte == '\\' && quote != '`' && lex->has_backslash_escapes && lex->at < lex->end) {
      append_escaped(text, *lex->at++);
    } else if (byte != quote) {
      lun_buffer_u8(text, byte);
    } else if (peek(lex, 0) == quote) {
      lun_buffer_u8(text, *lex->at++);
    } else {
      return;
    }
  }
}

static lun_view take_word(lexer *lex) {
  const uint8_t *start = lex->at;
  while (lex->at < lex->end && is_word(*lex->at)) {
    lex->at++;
  }
  return (lun_view){start, (size_t)(lex->at - start)};
}

static bool is(lun_view word, const char *expected) {
  return word.size == strlen(expected)
         && strncasecmp((const char *)word.data, expected, word.size) == 0;
}

lun_status lun_mysql_infile_name(const lun_mysql_quoting *quoting, lun_view sql, lun_buffer *name) {
  lexer lex = {sql.data, sql.data + sql.size, quoting->has_backslash_escapes};
  size_t begun = name->size;
  enum { ELSEWHERE, BEHIND_LOCAL, BEHIND_INFILE } place = ELSEWHERE;
  while (lex.at < lex.end && name->status == LUN_OK) {
    uint8_t byte = *lex.at;
    if (byte <= ' ') {
      lex.at++;
    } else if (skip_comment(&lex)) {
      continue;
    } else if (byte == '\'' || byte == '"' || byte == '`') {
      take_quoted(&lex, name);
      if (place == BEHIND_INFILE && byte != '`') {
        return name->status;
      }
      name->size = begun;
      place = ELSEWHERE;
    } else if (is_word(byte)) {
      lun_view word = take_word(&lex);
      bool is_infile = place == BEHIND_LOCAL && is(word, "infile");
      place = is(word, "local") ? BEHIND_LOCAL : is_infile ? BEHIND_INFILE : ELSEWHERE;
    } else {
      lex.at++;
      place = ELSEWHERE;
    }
  }
  return name->status == LUN_OK ? LUN_ERR_ARGUMENT : name->status;
}
