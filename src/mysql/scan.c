#include "mysql/scan.h"

const uint8_t *
lun_mysql_skip_quoted(const lun_mysql_quoting *quoting, const uint8_t *at, const uint8_t *end) {
  uint8_t quote = *at++;
  bool has_escapes = quoting->has_backslash_escapes && quote != '`';
  while (at < end && *at != quote) {
    at += *at == '\\' && has_escapes && end - at > 1 ? 2 : 1;
  }
  return at < end ? at + 1 : end;
}

static const uint8_t *skip_block(const uint8_t *at, const uint8_t *end) {
  at += 2;
  while (end - at >= 2 && !(at[0] == '*' && at[1] == '/')) {
    at++;
  }
  return end - at >= 2 ? at + 2 : end;
}

const uint8_t *lun_mysql_skip_comment(const uint8_t *at, const uint8_t *end) {
  size_t left = (size_t)(end - at);
  if (left >= 2 && at[0] == '/' && at[1] == '*') {
    return skip_block(at, end);
  }
  // Two dashes make a comment only before a blank (manual: "Comments").
  bool is_dashed = left >= 2 && at[0] == '-' && at[1] == '-' && (left == 2 || at[2] <= ' ');
  if (left > 0 && (*at == '#' || is_dashed)) {
    const uint8_t *behind = memchr(at, '\n', left);
    return behind ? behind : end;
  }
  return at;
}
