#include "base/inlining.h"
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

// Bytes of the parts of moments, which have all of a part or nothing (lun_mysql_binary_cell).
enum { DAY = 4, DAYS = 5, CLOCK = 3 };

static inline bool is_unsigned(const lun_column *column) {
  return (column->flags & LUN_MYSQL_FLAG_UNSIGNED) != 0;
}

// Integers smaller than BIGINT fit the signed kind whatever their sign, as in the text protocol.
static inline lun_status as_integer(int64_t value, lun_value *cell) {
  cell->kind = LUN_VALUE_INTEGER;
  cell->integer = value;
  return LUN_OK;
}

static inline lun_status decode_int(const uint8_t *at, const lun_column *column, lun_value *cell) {
  uint32_t bits = lun_load_u32(at);
  return as_integer(is_unsigned(column) ? (int64_t)bits : (int64_t)(int32_t)bits, cell);
}

static inline lun_status
decode_bigint(const uint8_t *at, const lun_column *column, lun_value *cell) {
  cell->kind = is_unsigned(column) ? LUN_VALUE_UNSIGNED : LUN_VALUE_INTEGER;
  cell->natural = lun_load_u64(at);
  return LUN_OK;
}

static inline lun_status as_real(double value, lun_value *cell) {
  cell->kind = LUN_VALUE_REAL;
  cell->real = value;
  return isfinite(value) ? LUN_OK : LUN_ERR_PROTOCOL;
}

static inline lun_status decode_float(const uint8_t *at, lun_value *cell) {
  uint32_t bits = lun_load_u32(at);
  float value;
  memcpy(&value, &bits, sizeof value);
  return as_real((double)value, cell);
}

static inline lun_status decode_double(const uint8_t *at, lun_value *cell) {
  uint64_t bits = lun_load_u64(at);
  double value;
  memcpy(&value, &bits, sizeof value);
  return as_real(value, cell);
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
static void read_clock(lun_view bytes, lun_moment *moment) {
  if (bytes.size >= CLOCK) {
    moment->hour = bytes.data[0];
    moment->minute = bytes.data[1];
    moment->second = bytes.data[2];
  }
  if (bytes.size >= CLOCK + sizeof(uint32_t)) {
    moment->microsecond = lun_load_u32(bytes.data + CLOCK);
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
  bool is_date = column->class == LUN_COLUMN_DATE;
  if (bytes.size >= DAY) {
    moment.year = lun_load_u16(bytes.data);
    moment.month = bytes.data[2];
    moment.day = bytes.data[3];
    read_clock((lun_view){bytes.data + DAY, bytes.size - DAY}, &moment);
  }
  moment.digits = is_date ? 0 : fraction_digits(column, moment.microsecond);
  cell->kind = is_date ? LUN_VALUE_DATE : LUN_VALUE_DATETIME;
  cell->moment = moment;
  bool is_valid = moment.year <= MOST_YEAR && moment.month <= MOST_MONTH && moment.day <= MOST_DAY
                  && is_clock(&moment) && (!is_date || is_midnight(&moment));
  return is_valid ? LUN_OK : LUN_ERR_PROTOCOL;
}

static lun_status decode_time(lun_view bytes, const lun_column *column, lun_value *cell) {
  lun_moment moment = {0};
  uint8_t sign = 0;
  uint32_t days = 0;
  if (bytes.size >= DAYS) {
    sign = bytes.data[0];
    days = lun_load_u32(bytes.data + 1);
    read_clock((lun_view){bytes.data + DAYS, bytes.size - DAYS}, &moment);
  }
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

// Numbers have as many bytes as their type says (lun_mysql_binary_cell).
static lun_status decode_cell(lun_view bytes, const lun_column *column, lun_value *cell) {
  const uint8_t *at = bytes.data;
  switch (column->type) {
  case LUN_MYSQL_TYPE_TINY: return as_integer(is_unsigned(column) ? *at : (int8_t)*at, cell);
  case LUN_MYSQL_TYPE_SHORT:
    return as_integer(is_unsigned(column) ? lun_load_u16(at) : (int16_t)lun_load_u16(at), cell);
  case LUN_MYSQL_TYPE_LONG:
  case LUN_MYSQL_TYPE_INT24: return decode_int(at, column, cell);
  case LUN_MYSQL_TYPE_LONGLONG: return decode_bigint(at, column, cell);
  case LUN_MYSQL_TYPE_YEAR: return as_integer(lun_load_u16(at), cell);
  case LUN_MYSQL_TYPE_FLOAT: return decode_float(at, cell);
  case LUN_MYSQL_TYPE_DOUBLE: return decode_double(at, cell);
  case LUN_MYSQL_TYPE_DATE:
  case LUN_MYSQL_TYPE_NEWDATE:
  case LUN_MYSQL_TYPE_DATETIME:
  case LUN_MYSQL_TYPE_TIMESTAMP: return decode_date(bytes, column, cell);
  case LUN_MYSQL_TYPE_TIME: return decode_time(bytes, column, cell);
  default: return decode_bytes(bytes, column, cell);
  }
}

LUN_NEVER_INLINE static lun_status
decode_next(lun_reader *reader, const lun_column *column, lun_value *cell) {
  lun_view bytes = lun_mysql_binary_cell(reader, column->type);
  return reader->status == LUN_OK ? decode_cell(bytes, column, cell) : reader->status;
}

// Takes the next cell out of `*rest` without a call, as most can be. False where decode_next() has
// to look: nothing is taken then.
LUN_ALWAYS_INLINE static inline bool
decode_quick(lun_view *rest, const lun_column *column, lun_value *cell) {
  const uint8_t *at = rest->data;
  size_t size = 0;
  switch ((int)column->type) {
  case LUN_MYSQL_TYPE_LONG:
    size = sizeof(uint32_t);
    if (rest->size < size || decode_int(at, column, cell) != LUN_OK) {
      return false;
    }
    break;
  case LUN_MYSQL_TYPE_LONGLONG:
    size = sizeof(uint64_t);
    if (rest->size < size || decode_bigint(at, column, cell) != LUN_OK) {
      return false;
    }
    break;
  case LUN_MYSQL_TYPE_DOUBLE:
    size = sizeof(double);
    if (rest->size < size || decode_double(at, cell) != LUN_OK) {
      return false;
    }
    break;
  case LUN_MYSQL_TYPE_VAR_STRING:
  case LUN_MYSQL_TYPE_STRING:
  case LUN_MYSQL_TYPE_BLOB:
  case LUN_MYSQL_TYPE_NEWDECIMAL:
    if (rest->size == 0 || *at >= LUN_MYSQL_HEADER_NULL || *at >= rest->size) {
      return false;
    }
    size = 1 + (size_t)*at;
    decode_bytes((lun_view){at + 1, *at}, column, cell);
    break;
  default: return false;
  }
  *rest = (lun_view){at + size, rest->size - size};
  return true;
}

LUN_ALWAYS_INLINE static inline lun_status
decode_cells(const lun_metadata *metadata, lun_view row, lun_value *cells) {
  lun_reader reader = lun_reader_over(row);
  lun_view bitmap = lun_mysql_binary_bitmap(&reader, metadata->count);
  if (reader.status != LUN_OK) {
    return reader.status;
  }
  bool is_sparse = lun_mysql_binary_has_bits(bitmap);
  lun_view rest = reader.rest;
  const lun_column *column = metadata->columns;
  for (uint32_t i = 0; i < metadata->count; i++, column++, cells++) {
    if (is_sparse && lun_mysql_binary_is_null(bitmap, i)) {
      cells->kind = LUN_VALUE_NULL;
      continue;
    }
    if (!decode_quick(&rest, column, cells)) {
      reader.rest = rest;
      lun_status status = decode_next(&reader, column, cells);
      if (status != LUN_OK) {
        return status;
      }
      rest = reader.rest;
    }
  }
  return rest.size == 0 ? LUN_OK : LUN_ERR_TRAILING;
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

const lun_decoder LUN_MYSQL_BINARY_DECODER = {
    .row = decode_row,
    .rows = decode_rows,
    .cell = decode_one,
};
