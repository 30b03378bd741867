// Placeholders, literals and INSERTs: what is not a placeholder stays as it is, and a literal read
// as the server reads it is the value again.
#include "fuzz.h"
#include "mysql/literal.h"

// Puts the placeholder back where it was.
static lun_status
echo(void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error) {
  const lun_placeholder_style *style = context;
  (void)error;
  FUZZ_CHECK(position > 0);
  if (*style == LUN_STYLE_QMARK) {
    lun_buffer_u8(out, '?');
  } else {
    lun_buffer_u8(out, ':');
    lun_buffer_view(out, name);
  }
  return LUN_OK;
}

static void
check_text(lun_view sql, lun_placeholder_style style, const lun_mysql_quoting *quoting) {
  lun_buffer out = {0};
  lun_error error = {0};
  lun_status status = lun_mysql_interpolate(quoting, sql, style, echo, &style, &out, &error);
  FUZZ_CHECK(status == LUN_OK || style == LUN_STYLE_PYFORMAT);
  FUZZ_CHECK(style == LUN_STYLE_PYFORMAT || lun_view_equal(lun_buffer_bytes(&out), sql));
  lun_buffer_deinit(&out);
}

// Only backticks may hold a quote that is left.
static void check_redacted(lun_view sql, const lun_mysql_quoting *quoting) {
  lun_buffer out = {0};
  FUZZ_CHECK(lun_mysql_redact(quoting, sql, &out) == LUN_OK);
  FUZZ_CHECK(out.size <= sql.size);
  FUZZ_CHECK(memchr(sql.data, '`', sql.size) || !out.size || !memchr(out.data, '\'', out.size));
  lun_buffer_deinit(&out);
}

// The parts of an INSERT stand in a row, and taken apart again they are the same.
static void check_insert(lun_view sql, const lun_mysql_quoting *quoting) {
  lun_insert insert;
  if (!lun_mysql_split_insert(quoting, sql, &insert)) {
    return;
  }
  lun_view list = insert.list;
  FUZZ_CHECK(insert.head.data == sql.data && list.data == sql.data + insert.head.size);
  FUZZ_CHECK(insert.tail.data == list.data + list.size && list.size >= 2);
  FUZZ_CHECK(list.data[0] == '(' && list.data[list.size - 1] == ')');
  lun_view whole = {sql.data, insert.head.size + list.size + insert.tail.size};
  FUZZ_CHECK(whole.size <= sql.size);
  lun_insert again;
  FUZZ_CHECK(lun_mysql_split_insert(quoting, whole, &again));
  FUZZ_CHECK(lun_view_equal(again.list, list) && lun_view_equal(again.tail, insert.tail));
}

static uint8_t unescaped(uint8_t byte) {
  switch (byte) {
  case '0': return '\0';
  case 'n': return '\n';
  case 'r': return '\r';
  case 't': return '\t';
  case 'b': return '\b';
  case 'Z': return '\x1a';
  default: return byte;
  }
}

// Reads a string literal as MySQL's lexer does (sql_lex.cc: get_text). Returns whether it ends
// exactly where `literal` does.
static bool read_literal(lun_view literal, bool has_backslash_escapes, lun_buffer *value) {
  const uint8_t *at = literal.data + 1;
  const uint8_t *end = literal.data + literal.size;
  while (at < end) {
    if (*at == '\\' && has_backslash_escapes && at + 1 < end) {
      lun_buffer_u8(value, unescaped(at[1]));
      at += 2;
    } else if (*at == '\'' && at + 1 < end && at[1] == '\'') {
      lun_buffer_u8(value, '\'');
      at += 2;
    } else if (*at == '\'') {
      return at + 1 == end;
    } else {
      lun_buffer_u8(value, *at++);
    }
  }
  return false;
}

static void check_literal(lun_view bytes, const lun_mysql_quoting *quoting) {
  lun_value value = {.kind = LUN_VALUE_TEXT, .bytes = bytes};
  lun_buffer out = {0};
  lun_buffer again = {0};
  lun_error error = {0};
  FUZZ_CHECK(lun_mysql_literal(quoting, &value, &out, &error) == LUN_OK);
  FUZZ_CHECK(read_literal(lun_buffer_bytes(&out), quoting->has_backslash_escapes, &again));
  FUZZ_CHECK(lun_view_equal(lun_buffer_bytes(&again), bytes));
  lun_buffer_clear(&out);
  value.kind = LUN_VALUE_BINARY;
  FUZZ_CHECK(lun_mysql_literal(quoting, &value, &out, &error) == LUN_OK);
  FUZZ_CHECK(out.size == 2 * bytes.size + 3);
  lun_buffer_deinit(&out);
  lun_buffer_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lun_view input = {data, size};
  uint8_t first = fuzz_u8(&input);
  lun_mysql_quoting quoting = {
      .has_backslash_escapes = (first & 1) != 0,
      .is_escapable = true,
      .charset = "utf8mb4",
  };
  static const uint8_t NOTHING[1];
  if (!input.data || input.size == 0) {
    input.data = NOTHING;
  }
  check_text(input, (lun_placeholder_style)((first >> 1) % 3), &quoting);
  check_insert(input, &quoting);
  check_literal(input, &quoting);
  check_redacted(input, &quoting);
  return 0;
}
