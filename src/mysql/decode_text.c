#include "base/number.h"
#include "mysql/decode.h"
#include "mysql/packet.h"

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

static lun_status decode_cell(lun_column_class class, lun_view text, lun_value *cell) {
  bool is_valid = true;
  switch (class) {
  case LUN_COLUMN_INTEGER:
    cell->kind = LUN_VALUE_INTEGER;
    is_valid = lun_parse_int64(text, &cell->integer);
    break;
  case LUN_COLUMN_UNSIGNED:
    cell->kind = LUN_VALUE_UNSIGNED;
    is_valid = lun_parse_uint64(text, &cell->natural);
    break;
  case LUN_COLUMN_REAL:
    cell->kind = LUN_VALUE_REAL;
    is_valid = lun_parse_double(text, &cell->real);
    break;
  case LUN_COLUMN_BINARY:
  case LUN_COLUMN_BIT:
    cell->kind = LUN_VALUE_BINARY;
    cell->bytes = text;
    break;
  case LUN_COLUMN_NULL:
  case LUN_COLUMN_DECIMAL:
  case LUN_COLUMN_TEXT:
  case LUN_COLUMN_DATE:
  case LUN_COLUMN_TIME:
  case LUN_COLUMN_DATETIME:
  case LUN_COLUMN_JSON:
    cell->kind = LUN_VALUE_TEXT;
    cell->bytes = text;
    break;
  }
  return is_valid ? LUN_OK : LUN_ERR_PROTOCOL;
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

static lun_status decode_next(lun_reader *reader, const lun_column *column, lun_value *cell) {
  if (is_short(reader->rest)) {
    return decode_cell(column->class, take_short(&reader->rest), cell);
  }
  bool is_null;
  lun_view text = lun_mysql_text_cell(reader, &is_null);
  if (is_null) {
    cell->kind = LUN_VALUE_NULL;
    return LUN_OK;
  }
  return reader->status == LUN_OK ? decode_cell(column->class, text, cell) : reader->status;
}

static lun_status decode_row(const lun_metadata *metadata, lun_view row, lun_value *cells) {
  lun_reader reader = lun_reader_over(row);
  for (uint32_t i = 0; i < metadata->count; i++) {
    lun_status status = decode_next(&reader, &metadata->columns[i], &cells[i]);
    if (status != LUN_OK) {
      return status;
    }
  }
  return lun_reader_finish(&reader);
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
  lun_mysql_end_at(&reader, row, column, mark);
  return status;
}

const lun_decoder LUN_MYSQL_TEXT_DECODER = {.row = decode_row, .cell = decode_one};
