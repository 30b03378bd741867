#include "base/little.h"
#include "mysql/decode.h"
#include "mysql/field_type.h"
#include "mysql/packet.h"

#include <math.h>

enum {
  HOURS_OF_DAY = 24,
  MOST_HOURS = 838,
  MOST_YEAR = 9999,
  MOST_MONTH = 12,
  MOST_DAY = 31,
  MOST_MINUTE = 59, // and second
  MOST_MICROSECOND = 999999,
  MOST_DECIMALS = 6,
};

// Of 1, 2, 4 or 8 bytes: those are the widths that numbers have.
static uint64_t read_bits(lun_view bytes) {
  switch (bytes.size) {
  case sizeof(uint8_t): return bytes.data[0];
  case sizeof(uint16_t): return lun_load_u16(bytes.data);
  case sizeof(uint32_t): return lun_load_u32(bytes.data);
  default: return lun_load_u64(bytes.data);
  }
}

static int64_t with_sign(uint64_t bits, size_t size) {
  switch (size) {
  case sizeof(int8_t): return (int8_t)bits;
  case sizeof(int16_t): return (int16_t)bits;
  case sizeof(int32_t): return (int32_t)bits;
  default: return (int64_t)bits;
  }
}

// Integers smaller than BIGINT fit the signed kind whatever their sign, as in the text protocol.
static lun_status decode_integer(lun_view bytes, const lun_column *column, lun_value *cell) {
  uint64_t bits = read_bits(bytes);
  bool is_unsigned =
      (column->flags & LUN_MYSQL_FLAG_UNSIGNED) != 0 || column->type == LUN_MYSQL_TYPE_YEAR;
  if (is_unsigned && bytes.size == sizeof bits) {
    cell->kind = LUN_VALUE_UNSIGNED;
    cell->natural = bits;
    return LUN_OK;
  }
  cell->kind = LUN_VALUE_INTEGER;
  cell->integer = is_unsigned ? (int64_t)bits : with_sign(bits, bytes.size);
  return LUN_OK;
}

static lun_status decode_real(lun_view bytes, lun_value *cell) {
  uint64_t bits = read_bits(bytes);
  uint32_t low = (uint32_t)bits;
  float single;
  cell->kind = LUN_VALUE_REAL;
  if (bytes.size == sizeof single) {
    memcpy(&single, &low, sizeof single);
    cell->real = (double)single;
  } else {
    memcpy(&cell->real, &bits, sizeof cell->real);
  }
  return isfinite(cell->real) ? LUN_OK : LUN_ERR_PROTOCOL;
}

// Where a column does not say how many digits its fraction has, and where it says none though there
// is one, all of the fraction is shown.
static uint8_t fraction_digits(const lun_column *column, uint32_t microsecond) {
  if (column->decimals > 0 && column->decimals <= MOST_DECIMALS) {
    return column->decimals;
  }
  return microsecond > 0 ? MOST_DECIMALS : 0;
}

// Parts that are missing at the end are zero.
static void read_clock(lun_reader *reader, lun_moment *moment) {
  if (reader->rest.size > 0) {
    moment->hour = lun_reader_u8(reader);
    moment->minute = lun_reader_u8(reader);
    moment->second = lun_reader_u8(reader);
  }
  if (reader->rest.size > 0) {
    moment->microsecond = lun_reader_u32(reader);
  }
}

static bool is_clock(const lun_moment *moment) {
  return moment->hour < HOURS_OF_DAY && moment->minute <= MOST_MINUTE
         && moment->second <= MOST_MINUTE && moment->microsecond <= MOST_MICROSECOND;
}

static bool is_midnight(const lun_moment *moment) {
  return moment->hour == 0 && moment->minute == 0 && moment->second == 0
         && moment->microsecond == 0;
}

static lun_status decode_date(lun_view bytes, const lun_column *column, lun_value *cell) {
  lun_moment moment = {0};
  lun_reader reader = lun_reader_over(bytes);
  bool is_date = column->class == LUN_COLUMN_DATE;
  if (bytes.size > 0) {
    moment.year = lun_reader_u16(&reader);
    moment.month = lun_reader_u8(&reader);
    moment.day = lun_reader_u8(&reader);
  }
  read_clock(&reader, &moment);
  moment.digits = is_date ? 0 : fraction_digits(column, moment.microsecond);
  cell->kind = is_date ? LUN_VALUE_DATE : LUN_VALUE_DATETIME;
  cell->moment = moment;
  bool is_valid = moment.year <= MOST_YEAR && moment.month <= MOST_MONTH && moment.day <= MOST_DAY
                  && is_clock(&moment) && (!is_date || is_midnight(&moment));
  return is_valid ? LUN_OK : LUN_ERR_PROTOCOL;
}

static lun_status decode_time(lun_view bytes, const lun_column *column, lun_value *cell) {
  lun_moment moment = {0};
  lun_reader reader = lun_reader_over(bytes);
  uint8_t sign = bytes.size > 0 ? lun_reader_u8(&reader) : 0;
  uint32_t days = bytes.size > 0 ? lun_reader_u32(&reader) : 0;
  read_clock(&reader, &moment);
  bool is_valid = is_clock(&moment) && sign <= 1 && days <= MOST_HOURS / HOURS_OF_DAY;
  unsigned hours = is_valid ? days * HOURS_OF_DAY + moment.hour : 0;
  moment.hour = (uint16_t)hours;
  moment.is_negative = sign == 1;
  moment.digits = fraction_digits(column, moment.microsecond);
  cell->kind = LUN_VALUE_TIME;
  cell->moment = moment;
  return is_valid && hours <= MOST_HOURS ? LUN_OK : LUN_ERR_PROTOCOL;
}

static lun_status decode_bytes(lun_view bytes, const lun_column *column, lun_value *cell) {
  bool is_binary = column->class == LUN_COLUMN_BINARY || column->class == LUN_COLUMN_BIT;
  cell->kind = is_binary ? LUN_VALUE_BINARY : LUN_VALUE_TEXT;
  cell->bytes = bytes;
  return LUN_OK;
}

static lun_status decode_cell(lun_view bytes, const lun_column *column, lun_value *cell) {
  switch (column->type) {
  case LUN_MYSQL_TYPE_TINY:
  case LUN_MYSQL_TYPE_SHORT:
  case LUN_MYSQL_TYPE_LONG:
  case LUN_MYSQL_TYPE_INT24:
  case LUN_MYSQL_TYPE_LONGLONG:
  case LUN_MYSQL_TYPE_YEAR: return decode_integer(bytes, column, cell);
  case LUN_MYSQL_TYPE_FLOAT:
  case LUN_MYSQL_TYPE_DOUBLE: return decode_real(bytes, cell);
  case LUN_MYSQL_TYPE_DATE:
  case LUN_MYSQL_TYPE_NEWDATE:
  case LUN_MYSQL_TYPE_DATETIME:
  case LUN_MYSQL_TYPE_TIMESTAMP: return decode_date(bytes, column, cell);
  case LUN_MYSQL_TYPE_TIME: return decode_time(bytes, column, cell);
  default: return decode_bytes(bytes, column, cell);
  }
}

static lun_status decode_next(lun_reader *reader, const lun_column *column, lun_value *cell) {
  lun_view bytes = lun_mysql_binary_cell(reader, column->type);
  return reader->status == LUN_OK ? decode_cell(bytes, column, cell) : reader->status;
}

static lun_status decode_row(const lun_metadata *metadata, lun_view row, lun_value *cells) {
  lun_reader reader = lun_reader_over(row);
  lun_view bitmap = lun_mysql_binary_bitmap(&reader, metadata->count);
  lun_status status = reader.status;
  for (uint32_t i = 0; i < metadata->count && status == LUN_OK; i++) {
    if (lun_mysql_binary_is_null(bitmap, i)) {
      cells[i].kind = LUN_VALUE_NULL;
    } else {
      status = decode_next(&reader, &metadata->columns[i], &cells[i]);
    }
  }
  return status == LUN_OK ? lun_reader_finish(&reader) : status;
}

static lun_status decode_one(
    const lun_metadata *metadata, lun_view row, uint32_t column, lun_mark *mark, lun_value *cell) {
  lun_reader reader = lun_reader_over(row);
  lun_view bitmap = lun_mysql_binary_bitmap(&reader, metadata->count);
  if (reader.status != LUN_OK) {
    return reader.status;
  }
  if (lun_mysql_binary_is_null(bitmap, column)) {
    cell->kind = LUN_VALUE_NULL;
    return LUN_OK;
  }
  lun_view cells = reader.rest;
  for (uint32_t i = lun_mysql_begin_at(&reader, mark, column); i < column; i++) {
    if (!lun_mysql_binary_is_null(bitmap, i)) {
      lun_mysql_binary_cell(&reader, metadata->columns[i].type);
    }
  }
  lun_status status = decode_next(&reader, &metadata->columns[column], cell);
  lun_mysql_end_at(&reader, cells, column, mark);
  return status;
}

const lun_decoder LUN_MYSQL_BINARY_DECODER = {.row = decode_row, .cell = decode_one};
