#include "mysql/literal.h"

typedef struct lexer {
  const uint8_t *at;
  const uint8_t *end;
  const lun_mysql_quoting *quoting;
  lun_buffer *out;
} lexer;

static size_t left(const lexer *lex) {
  return (size_t)(lex->end - lex->at);
}

// Byte `offset` ahead, 0 past the end.
static uint8_t peek(const lexer *lex, size_t offset) {
  return offset < left(lex) ? lex->at[offset] : 0;
}

static bool is_digit(uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

static bool is_word(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte)
         || byte == '_' || byte == '$' || byte >= 0x80;
}

static void copy_up_to(lexer *lex, const uint8_t *behind) {
  lun_buffer_append(lex->out, lex->at, (size_t)(behind - lex->at));
  lex->at = behind;
}

static const uint8_t *behind_quoted(const lexer *lex) {
  uint8_t quote = *lex->at;
  const uint8_t *at = lex->at + 1;
  while (at < lex->end) {
    if (*at == '\\' && quote != '`' && lex->quoting->has_backslash_escapes && at + 1 < lex->end) {
      at += 2;
    } else if (*at == quote && !(at + 1 < lex->end && at[1] == quote)) {
      return at + 1;
    } else {
      at += *at == quote ? 2 : 1;
    }
  }
  return lex->end;
}

// What is in double quotes may be an identifier (ANSI_QUOTES): nobody tells us. Where a byte of a
// character may look like a quote, nothing behind the first quote is certain.
static void quoted(lexer *lex) {
  if (!lex->quoting->is_escapable) {
    lun_buffer_u8(lex->out, '?');
    lex->at = lex->end;
  } else if (*lex->at == '`') {
    copy_up_to(lex, behind_quoted(lex));
  } else {
    lun_buffer_u8(lex->out, '?');
    lex->at = behind_quoted(lex);
  }
}

// Whether a letter in front of a string says what the string is, as in X'00'.
static bool is_prefix(uint8_t letter) {
  uint8_t small = letter | 0x20;
  return small == 'b' || small == 'n' || small == 'x';
}

static void word(lexer *lex) {
  const uint8_t *behind = lex->at;
  while (behind < lex->end && is_word(*behind)) {
    behind++;
  }
  if (behind - lex->at == 1 && behind < lex->end && *behind == '\'' && is_prefix(*lex->at)) {
    lex->at = behind;
  } else {
    copy_up_to(lex, behind);
  }
}

static void number(lexer *lex) {
  bool is_hex = peek(lex, 0) == '0' && (peek(lex, 1) | 0x20) == 'x';
  while (is_word(peek(lex, 0)) || peek(lex, 0) == '.') {
    bool is_exponent = !is_hex && (*lex->at | 0x20) == 'e';
    lex->at++;
    if (is_exponent && (peek(lex, 0) == '-' || peek(lex, 0) == '+') && is_digit(peek(lex, 1))) {
      lex->at++;
    }
  }
  lun_buffer_u8(lex->out, '?');
}

// Drops a comment. One with code or hints inside is opened only, for its literals.
static bool comment(lexer *lex) {
  const uint8_t *behind = NULL;
  if (peek(lex, 0) == '/' && peek(lex, 1) == '*') {
    uint8_t third = peek(lex, 2);
    if (third == '!' || third == '+' || (third == 'M' && peek(lex, 3) == '!')) {
      behind = lex->at + (third == 'M' ? 4 : 3);
      while (behind < lex->end && is_digit(*behind)) {
        behind++; // a version
      }
      copy_up_to(lex, behind);
      return true;
    }
    behind = memmem(lex->at + 2, left(lex) - 2, "*/", 2);
    behind = behind ? behind + 2 : NULL;
  } else if (peek(lex, 0) == '#'
             || (peek(lex, 0) == '-' && peek(lex, 1) == '-' && peek(lex, 2) <= ' ')) {
    behind = memchr(lex->at, '\n', left(lex));
  } else {
    return false;
  }
  lun_buffer_u8(lex->out, ' ');
  lex->at = behind ? behind : lex->end;
  return true;
}

lun_status lun_mysql_redact(const lun_mysql_quoting *quoting, lun_view sql, lun_buffer *out) {
  lexer lex = {sql.data, sql.data + sql.size, quoting, out};
  bool is_behind_name = false;
  while (lex.at < lex.end && out->status == LUN_OK) {
    uint8_t byte = *lex.at;
    bool is_name = false;
    if (byte == '\'' || byte == '"' || byte == '`') {
      is_name = byte == '`';
      quoted(&lex);
    } else if (is_digit(byte) || (byte == '.' && !is_behind_name && is_digit(peek(&lex, 1)))) {
      number(&lex);
    } else if (is_word(byte)) {
      is_name = true;
      word(&lex);
    } else if (!comment(&lex)) {
      copy_up_to(&lex, lex.at + 1);
    }
    is_behind_name = is_name;
  }
  return out->status;
}
