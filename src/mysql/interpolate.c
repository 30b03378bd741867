#include "mysql/scan.h"

typedef struct scanner {
  const uint8_t *start;
  const uint8_t *at;
  const uint8_t *end;
  const uint8_t *copied; // the text before it is in `out` already
  lun_placeholder_style style;
  lun_place place;
  void *context;
  lun_buffer *out;
  lun_error *error;
  size_t position; // placeholders met so far
} scanner;

// Bytes at which a string, a comment or a placeholder can begin.
static const bool STARTS[256] = {
    ['\''] = true,
    ['"'] = true,
    ['`'] = true,
    ['#'] = true,
    ['-'] = true,
    ['/'] = true,
    ['?'] = true,
    [':'] = true,
    ['%'] = true,
};

// The first byte at which one of them can begin, or `end`.
static const uint8_t *next_start(const uint8_t *at, const uint8_t *end) {
  for (; end - at >= 4; at += 4) {
    if (STARTS[at[0]]) {
      return at;
    }
    if (STARTS[at[1]]) {
      return at + 1;
    }
    if (STARTS[at[2]]) {
      return at + 2;
    }
    if (STARTS[at[3]]) {
      return at + 3;
    }
  }
  while (at < end && !STARTS[*at]) {
    at++;
  }
  return at;
}

static bool is_name_start(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_name_part(uint8_t byte) {
  return is_name_start(byte) || (byte >= '0' && byte <= '9');
}

// Byte `offset` ahead, 0 past the end.
static uint8_t peek(const scanner *scan, size_t offset) {
  return offset < (size_t)(scan->end - scan->at) ? scan->at[offset] : 0;
}

static void copy_up_to(scanner *scan, const uint8_t *limit) {
  lun_buffer_append(scan->out, scan->copied, (size_t)(limit - scan->copied));
  scan->copied = limit;
}

// `%%` is one percent sign, also inside strings and comments: `LIKE 'a%%'` is what ports write.
static bool drop_doubled_percent(scanner *scan) {
  if (scan->style != LUN_STYLE_PYFORMAT || *scan->at != '%' || peek(scan, 1) != '%') {
    return false;
  }
  copy_up_to(scan, scan->at + 1);
  scan->at += 2;
  scan->copied = scan->at;
  return true;
}

// Skips what is not looked into, but for doubled percent signs.
static void skip_to(scanner *scan, const uint8_t *behind) {
  while (scan->style == LUN_STYLE_PYFORMAT && scan->at < behind) {
    const uint8_t *percent = memchr(scan->at, '%', (size_t)(behind - scan->at));
    scan->at = percent ? percent : behind;
    if (percent && !drop_doubled_percent(scan)) {
      scan->at++;
    }
  }
  scan->at = behind > scan->at ? behind : scan->at;
}

static bool skip_comment(scanner *scan) {
  const uint8_t *behind = lun_mysql_skip_comment(scan->at, scan->end);
  bool is_comment = behind > scan->at;
  skip_to(scan, behind);
  return is_comment;
}

static lun_status replace(scanner *scan, lun_view name, const uint8_t *behind) {
  copy_up_to(scan, scan->at);
  scan->at = behind;
  scan->copied = behind;
  return scan->place(scan->context, ++scan->position, name, scan->out, scan->error);
}

static lun_status named(scanner *scan) {
  const uint8_t *start = scan->at + 1;
  const uint8_t *behind = start;
  while (behind < scan->end && is_name_part(*behind)) {
    behind++;
  }
  return replace(scan, (lun_view){start, (size_t)(behind - start)}, behind);
}

static lun_status pyformat_named(scanner *scan) {
  const uint8_t *start = scan->at + 2;
  const uint8_t *close = memchr(start, ')', (size_t)(scan->end - start));
  if (!close || scan->end - close < 2 || close[1] != 's') {
    return lun_error_set(scan->error,
                         LUN_ERR_ARGUMENT,
                         "a placeholder is written %%(name)s; this one does not end in )s");
  }
  return replace(scan, (lun_view){start, (size_t)(close - start)}, close + 2);
}

static lun_status percent(scanner *scan) {
  if (drop_doubled_percent(scan)) {
    return LUN_OK;
  }
  if (peek(scan, 1) == 's') {
    return replace(scan, (lun_view){0}, scan->at + 2);
  }
  if (peek(scan, 1) == '(') {
    return pyformat_named(scan);
  }
  return lun_error_set(
      scan->error,
      LUN_ERR_ARGUMENT,
      "unsupported placeholder '%%%c': write %%s, %%(name)s, or %%%% for a percent sign",
      peek(scan, 1) >= ' ' ? peek(scan, 1) : ' ');
}

// `::` and `:=` are not placeholders, and `a:b` is a label, not a name.
static bool is_named(const scanner *scan) {
  bool is_behind = scan->at > scan->start && (scan->at[-1] == ':' || is_name_part(scan->at[-1]));
  return !is_behind && is_name_start(peek(scan, 1));
}

static lun_status placeholder(scanner *scan) {
  uint8_t byte = *scan->at;
  switch (scan->style) {
  case LUN_STYLE_QMARK:
    if (byte == '?') {
      return replace(scan, (lun_view){0}, scan->at + 1);
    }
    break;
  case LUN_STYLE_NAMED:
    if (byte == ':' && is_named(scan)) {
      return named(scan);
    }
    break;
  case LUN_STYLE_PYFORMAT:
    if (byte == '%') {
      return percent(scan);
    }
    break;
  }
  scan->at++;
  return LUN_OK;
}

lun_status lun_mysql_interpolate(const lun_mysql_quoting *quoting,
                                 lun_view sql,
                                 lun_placeholder_style style,
                                 lun_place place,
                                 void *context,
                                 lun_buffer *out,
                                 lun_error *error) {
  scanner scan = {
      .start = sql.data,
      .at = sql.data,
      .end = sql.data + sql.size,
      .copied = sql.data,
      .style = style,
      .place = place,
      .context = context,
      .out = out,
      .error = error,
  };
  lun_status status = LUN_OK;
  while (status == LUN_OK && (scan.at = next_start(scan.at, scan.end)) < scan.end) {
    uint8_t byte = *scan.at;
    if (byte == '\'' || byte == '"' || byte == '`') {
      skip_to(&scan, lun_mysql_skip_quoted(quoting, scan.at, scan.end));
    } else if (!skip_comment(&scan)) {
      status = placeholder(&scan);
    }
  }
  copy_up_to(&scan, scan.end);
  if (status == LUN_OK && out->status != LUN_OK) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory for the statement's text");
  }
  return status;
}
