/// What one statement answered: columns and packed rows, or the counts of an OK.
#pragma once

#include "base/error.h"
#include "driver/column.h"
#include "driver/rows.h"
#include "driver/value.h"

/// Where in a row the cell of a column begins, of somebody who looked at the one before it. All
/// zero where nothing is known.
typedef struct lun_mark {
  uint32_t column;
  uint32_t offset;
} lun_mark;

/// Turns packed rows into values. A driver has one for each form in which its rows come. A row has
/// LUN_ROWS_BEFORE bytes in front of it that may be read, as those in a store have.
typedef struct lun_decoder {
  /// Fills `cells`, one for each column. Views point into `row`.
  lun_status (*row)(const lun_metadata *metadata, lun_view row, lun_value *cells);
  /// Does the same with rows [from, to) of `store`, row after row.
  lun_status (*rows)(const lun_metadata *metadata,
                     const lun_rows *store,
                     size_t from,
                     size_t to,
                     lun_value *cells);
  /// Fills `cell` from column `column`, counted from 0. Begins at `mark`, where that is not behind
  /// it, and leaves there where the next cell begins. NULL will do.
  lun_status (*cell)(
      const lun_metadata *metadata, lun_view row, uint32_t column, lun_mark *mark, lun_value *cell);
} lun_decoder;

typedef struct lun_result {
  const lun_decoder *decoder; // of the rows
  lun_metadata *metadata;     // NULL when the statement has no rows; one reference
  lun_rows rows;
  uint64_t affected_rows;
  uint64_t insert_id;
  uint16_t status_flags;
  uint16_t warning_count;
  lun_view info;           // the server's words, such as "Rows matched: 1"; owned
  bool is_out_parameters;  // the row is what a procedure gave out
  bool is_partial;         // the rows go on in the next one, as LUN_EVENT_RESULT said
  struct lun_result *next; // the statement's next result; owned
  lun_error *error;        // set instead of all else when the next statement failed; owned
} lun_result;

/// Returns an empty result owned by the caller, NULL when out of memory. `decoder` may be NULL for
/// one without rows.
lun_result *lun_result_new(const lun_decoder *decoder);

/// Frees `result` and those that follow it. lun_result_free(NULL) does nothing.
void lun_result_free(lun_result *result);
