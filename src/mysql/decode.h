/// Rows to values.
#pragma once

#include "base/inlining.h"
#include "base/reader.h"
#include "driver/result.h"

/// Parses the column definitions of `raw`, each a length-encoded string (lun_metadata_parse).
lun_status lun_mysql_parse_columns(lun_view raw, lun_column *columns, uint32_t count);

/// The same with extended metadata (MariaDB). No bytes pass both, so one cache serves both.
lun_status lun_mysql_parse_extended_columns(lun_view raw, lun_column *columns, uint32_t count);

/// Moves `reader` to `mark` when that is on the way to `column`; returns the column it is at.
static inline uint32_t
lun_mysql_begin_at(lun_reader *reader, const lun_mark *mark, uint32_t column) {
  if (!mark || mark->column > column || mark->offset > reader->rest.size) {
    return 0;
  }
  lun_view_drop(&reader->rest, mark->offset);
  return mark->column;
}

/// Notes where behind `column` the reader is in `bytes`, with which it began.
static inline void
lun_mysql_end_at(const lun_reader *reader, lun_view bytes, uint32_t column, lun_mark *mark) {
  if (mark && reader->status == LUN_OK && bytes.size - reader->rest.size <= UINT32_MAX) {
    *mark = (lun_mark){column + 1, (uint32_t)(bytes.size - reader->rest.size)};
  }
}

typedef lun_status
lun_mysql_row_decoder(const lun_metadata *metadata, lun_view row, lun_value *cells);

/// Decodes rows [from, to) by `decode`, which the compiler puts into the loop.
static inline LUN_ALWAYS_INLINE lun_status lun_mysql_decode_rows(lun_mysql_row_decoder *decode,
                                                                 const lun_metadata *metadata,
                                                                 const lun_rows *store,
                                                                 size_t from,
                                                                 size_t to,
                                                                 lun_value *cells) {
  for (size_t i = from; i < to; i++, cells += metadata->count) {
    lun_rows_prefetch(store, i);
    lun_status status = decode(metadata, lun_rows_at(store, i), cells);
    if (status != LUN_OK) {
      return status;
    }
  }
  return LUN_OK;
}

/// Decodes rows of the text protocol. Numbers that the server spelt in a way no server does end as
/// LUN_ERR_PROTOCOL, never as a wrong value.
extern const lun_decoder LUN_MYSQL_TEXT_DECODER;

/// Decodes rows of the binary protocol that lun_mysql_binary_row_check has passed. Cells are what
/// the text protocol gives, but for FLOAT: the value itself, where text has six digits of it; and
/// for dates and times, which come as moments. Values that no server has, such as month 13 or NaN,
/// end as LUN_ERR_PROTOCOL.
extern const lun_decoder LUN_MYSQL_BINARY_DECODER;
