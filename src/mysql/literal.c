#include "mysql/literal.h"

#include "base/number.h"

#include <math.h>

enum { NUMBER_TEXT = 32 };

// The letter after the backslash for bytes that a string literal cannot hold as they are
// (manual: "String Literals", "Special Character Escape Sequences"); 0 for all others.
static const uint8_t ESCAPES[256] = {
    ['\0'] = '0',
    ['\n'] = 'n',
    ['\r'] = 'r',
    ['\x1a'] = 'Z',
    ['\\'] = '\\',
    ['\''] = '\'',
    ['"'] = '"',
};

static void append_text(lun_buffer *out, const char *text) {
  lun_buffer_append(out, text, strlen(text));
}

static void append_escaped(lun_buffer *out, lun_view bytes) {
  uint8_t *to = bytes.size <= SIZE_MAX / 4 ? lun_buffer_reserve(out, bytes.size * 2) : NULL;
  if (!to) {
    out->status = LUN_ERR_NOMEM;
    return;
  }
  const uint8_t *start = to;
  for (size_t i = 0; i < bytes.size; i++) {
    uint8_t escape = ESCAPES[bytes.data[i]];
    if (escape != 0) {
      *to++ = '\\';
    }
    *to++ = escape != 0 ? escape : bytes.data[i];
  }
  out->size += (size_t)(to - start);
}

// Under NO_BACKSLASH_ESCAPES only the quote itself is special, and it is doubled.
static void append_doubled(lun_buffer *out, lun_view bytes) {
  const uint8_t *at = bytes.data;
  size_t left = bytes.size;
  const uint8_t *quote;
  while (left > 0 && (quote = memchr(at, '\'', left)) != NULL) {
    size_t run = (size_t)(quote - at) + 1;
    lun_buffer_append(out, at, run);
    lun_buffer_u8(out, '\'');
    at += run;
    left -= run;
  }
  lun_buffer_append(out, at, left);
}

static void append_string(const lun_mysql_quoting *quoting, lun_view bytes, lun_buffer *out) {
  lun_buffer_u8(out, '\'');
  if (quoting->has_backslash_escapes) {
    append_escaped(out, bytes);
  } else {
    append_doubled(out, bytes);
  }
  lun_buffer_u8(out, '\'');
}

// Hexadecimal has no character that any character set or SQL mode could read differently.
static void append_hex(lun_view bytes, lun_buffer *out) {
  static const char digits[] = "0123456789ABCDEF";
  append_text(out, "x'");
  uint8_t *to = bytes.size <= SIZE_MAX / 4 ? lun_buffer_reserve(out, bytes.size * 2) : NULL;
  if (!to) {
    out->status = LUN_ERR_NOMEM;
    return;
  }
  for (size_t i = 0; i < bytes.size; i++) {
    *to++ = (uint8_t)digits[bytes.data[i] >> 4];
    *to++ = (uint8_t)digits[bytes.data[i] & 0x0f];
  }
  out->size += bytes.size * 2;
  lun_buffer_u8(out, '\'');
}

static void append_moment(const lun_value *value, lun_buffer *out) {
  char text[LUN_MOMENT_SIZE];
  lun_buffer_u8(out, '\'');
  lun_buffer_append(out, text, lun_moment_format(value, text));
  lun_buffer_u8(out, '\'');
}

static lun_status append_real(double value, lun_buffer *out, lun_error *error) {
  if (!isfinite(value)) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "%s cannot be a parameter: SQL has no such number",
                         isnan(value) ? "NaN" : "infinity");
  }
  char text[NUMBER_TEXT];
  size_t size = lun_format_double(value, text);
  lun_buffer_append(out, text, size);
  // Without an exponent the server would read the literal as an exact DECIMAL.
  if (!memchr(text, 'e', size)) {
    append_text(out, "e0");
  }
  return LUN_OK;
}

static lun_status check_charset(const lun_mysql_quoting *quoting, lun_error *error) {
  if (quoting->is_escapable) {
    return LUN_OK;
  }
  return lun_error_set(
      error,
      LUN_ERR_ARGUMENT,
      "strings cannot be escaped safely in character set '%s': use utf8mb4, or lunasa.binary(...)",
      quoting->charset);
}

lun_status lun_mysql_literal(const lun_mysql_quoting *quoting,
                             const lun_value *value,
                             lun_buffer *out,
                             lun_error *error) {
  char *number;
  lun_status status = LUN_OK;
  switch (value->kind) {
  case LUN_VALUE_NULL: append_text(out, "NULL"); break;
  case LUN_VALUE_INTEGER:
    if ((number = (char *)lun_buffer_reserve(out, LUN_NUMBER_SIZE))) {
      out->size += lun_format_int64(value->integer, number);
    }
    break;
  case LUN_VALUE_UNSIGNED:
    if ((number = (char *)lun_buffer_reserve(out, LUN_NUMBER_SIZE))) {
      out->size += lun_format_uint64(value->natural, number);
    }
    break;
  case LUN_VALUE_REAL: status = append_real(value->real, out, error); break;
  case LUN_VALUE_TEXT:
    status = check_charset(quoting, error);
    if (status == LUN_OK) {
      append_string(quoting, value->bytes, out);
    }
    break;
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: append_moment(value, out); break;
  case LUN_VALUE_BINARY: append_hex(value->bytes, out); break;
  case LUN_VALUE_LITERAL: lun_buffer_view(out, value->bytes); break;
  }
  if (status == LUN_OK && out->status != LUN_OK) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory for the statement's text");
  }
  return status;
}
