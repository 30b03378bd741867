/// What one statement answered: columns and packed rows, or the counts of an OK.
#pragma once

#include "base/error.h"
#include "driver/column.h"
#include "driver/rows.h"

struct lun_driver;

typedef struct lun_result {
  const struct lun_driver *driver; // decodes the rows
  lun_metadata *metadata;          // NULL when the statement has no rows; one reference
  lun_rows rows;
  uint64_t affected_rows;
  uint64_t insert_id;
  uint16_t status_flags;
  uint16_t warning_count;
  lun_view info;           // the server's words, such as "Rows matched: 1"; owned
  struct lun_result *next; // the statement's next result; owned
  lun_error *error;        // set instead of all else when the next statement failed; owned
} lun_result;

/// Returns an empty result owned by the caller, NULL when out of memory.
lun_result *lun_result_new(const struct lun_driver *driver);

/// Frees `result` and those that follow it. lun_result_free(NULL) does nothing.
void lun_result_free(lun_result *result);
