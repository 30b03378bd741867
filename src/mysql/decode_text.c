#include "base/inlining.h"
#include "base/number_quick.h"
#include "mysql/decode.h"
#include "mysql/packet.h"

#include <assert.h>

static_assert((int)LUN_ROWS_BEFORE >= (int)LUN_QUICK_BEFORE,
              "numbers are read from in front of a row");

static lun_status
parse_columns(lun_view raw, bool is_extended, lun_column *columns, uint32_t count) {
  lun_reader reader = lun_reader_over(raw);
  for (uint32_t i = 0; i < count; i++) {
    lun_reader packet = lun_reader_over(lun_reader_lenenc_view(&reader));
    lun_mysql_column_decode(&packet, is_extended, &columns[i]);
    lun_status status = lun_reader_finish(&packet);
    if (status != LUN_OK) {
      return status;
    }
  }
  return lun_reader_finish(&reader);
}

lun_status lun_mysql_parse_columns(lun_view raw, lun_column *columns, uint32_t count) {
  return parse_columns(raw, false, columns, count);
}

lun_status lun_mysql_parse_extended_columns(lun_view raw, lun_column *columns, uint32_t count) {
  return parse_columns(raw, true, columns, count);
}

static inline lun_status decode_integer(lun_view text, lun_value *cell) {
  cell->kind = LUN_VALUE_INTEGER;
  bool is_valid = lun_quick_int64(text, &cell->integer) || lun_parse_int64(text, &cell->integer);
  return is_valid ? LUN_OK : LUN_ERR_PROTOCOL;
}

static inline lun_status decode_unsigned(lun_view text, lun_value *cell) {
  cell->kind = LUN_VALUE_UNSIGNED;
  bool is_valid = lun_quick_uint64(text, &cell->natural) || lun_parse_uint64(text, &cell->natural);
  return is_valid ? LUN_OK : LUN_ERR_PROTOCOL;
}

static inline lun_status decode_real(lun_view text, lun_value *cell) {
  cell->kind = LUN_VALUE_REAL;
  bool is_valid = lun_quick_double(text, &cell->real) || lun_parse_double(text, &cell->real);
  return is_valid ? LUN_OK : LUN_ERR_PROTOCOL;
}

LUN_ALWAYS_INLINE static inline lun_status
decode_cell(lun_column_class class, lun_view text, lun_value *cell) {
  switch (class) {
  case LUN_COLUMN_INTEGER: return decode_integer(text, cell);
  case LUN_COLUMN_UNSIGNED: return decode_unsigned(text, cell);
  case LUN_COLUMN_REAL: return decode_real(text, cell);
  case LUN_COLUMN_BINARY:
  case LUN_COLUMN_BIT: cell->kind = LUN_VALUE_BINARY; break;
  case LUN_COLUMN_NULL:
  case LUN_COLUMN_DECIMAL:
  case LUN_COLUMN_TEXT:
  case LUN_COLUMN_DATE:
  case LUN_COLUMN_TIME:
  case LUN_COLUMN_DATETIME:
  case LUN_COLUMN_JSON: cell->kind = LUN_VALUE_TEXT; break;
  }
  cell->bytes = text;
  return LUN_OK;
}

// Most cells are shorter than 251 bytes: their length is one byte, and no call is needed.
static inline bool is_short(lun_view rest) {
  return rest.size > 0 && *rest.data < LUN_MYSQL_HEADER_NULL && *rest.data < rest.size;
}

static inline lun_view take_short(lun_view *rest) {
  lun_view text = {rest->data + 1, *rest->data};
  lun_view_drop(rest, 1 + text.size);
  return text;
}

// NULL, and cells that are long.
LUN_NEVER_INLINE static lun_status
decode_other(lun_reader *reader, const lun_column *column, lun_value *cell) {
  bool is_null;
  lun_view text = lun_mysql_text_cell(reader, &is_null);
  if (is_null) {
    cell->kind = LUN_VALUE_NULL;
    return LUN_OK;
  }
  return reader->status == LUN_OK ? decode_cell(column->class, text, cell) : reader->status;
}

static lun_status decode_next(lun_reader *reader, const lun_column *column, lun_value *cell) {
  return is_short(reader->rest) ? decode_cell(column->class, take_short(&reader->rest), cell)
                                : decode_other(reader, column, cell);
}

LUN_ALWAYS_INLINE static inline lun_status
decode_cells(const lun_metadata *metadata, lun_view row, lun_value *cells) {
  const uint8_t *at = row.data;
  const uint8_t *end = at + row.size;
  const lun_column *column = metadata->columns;
  for (lun_value *past = cells + metadata->count; cells < past; cells++, column++) {
    lun_status status;
    if (at < end && *at < LUN_MYSQL_HEADER_NULL && *at < end - at) {
      lun_view text = {at + 1, *at};
      at += 1 + text.size;
      status = decode_cell(column->class, text, cells);
    } else if (at < end && *at == LUN_MYSQL_HEADER_NULL) {
      cells->kind = LUN_VALUE_NULL;
      at++;
      continue;
    } else {
      lun_reader reader = lun_reader_over((lun_view){at, (size_t)(end - at)});
      status = decode_other(&reader, column, cells);
      at = end - reader.rest.size;
    }
    if (status != LUN_OK) {
      return status;
    }
  }
  return at == end ? LUN_OK : LUN_ERR_TRAILING;
}

static lun_status decode_row(const lun_metadata *metadata, lun_view row, lun_value *cells) {
  return decode_cells(metadata, row, cells);
}

static lun_status decode_rows(
    const lun_metadata *metadata, const lun_rows *store, size_t from, size_t to, lun_value *cells) {
  return lun_mysql_decode_rows(decode_cells, metadata, store, from, to, cells);
}

static lun_status decode_one(
    const lun_metadata *metadata, lun_view row, uint32_t column, lun_mark *mark, lun_value *cell) {
  lun_reader reader = lun_reader_over(row);
  bool is_null;
  for (uint32_t i = lun_mysql_begin_at(&reader, mark, column); i < column; i++) {
    if (is_short(reader.rest)) {
      take_short(&reader.rest);
    } else {
      lun_mysql_text_cell(&reader, &is_null);
    }
  }
  lun_status status = decode_next(&reader, &metadata->columns[column], cell);
  if (status == LUN_OK) {
    lun_mysql_end_at(&reader, row, column, mark);
  }
  return status;
}

const lun_decoder LUN_MYSQL_TEXT_DECODER = {
    .row = decode_row,
    .rows = decode_rows,
    .cell = decode_one,
};
