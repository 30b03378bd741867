/// The columns of a result, and the cache that keeps one copy of equal metadata per host.
#pragma once

#include "base/status.h"
#include "base/view.h"

/// What a column holds, as far as the layers above must know. A driver maps its types to these.
typedef enum lun_column_class {
  LUN_COLUMN_NULL,
  LUN_COLUMN_INTEGER,
  LUN_COLUMN_UNSIGNED,
  LUN_COLUMN_REAL,
  LUN_COLUMN_DECIMAL,
  LUN_COLUMN_TEXT,
  LUN_COLUMN_BINARY,
  LUN_COLUMN_BIT,
  LUN_COLUMN_DATE,
  LUN_COLUMN_TIME,
  LUN_COLUMN_DATETIME,
  LUN_COLUMN_JSON,
} lun_column_class;

typedef struct lun_column {
  lun_view name;           // as the statement calls it
  lun_view original_name;  // as the table calls it, empty for expressions
  lun_view table;          // alias, empty for expressions
  lun_view original_table; // empty for expressions
  lun_view schema;
  lun_view type_name; // where the server knows better than `type`, such as "uuid"; often empty
  lun_view format;    // of what a string holds, such as "json"; often empty
  uint32_t length;    // display width in bytes
  uint16_t charset;
  uint16_t flags; // the driver's own
  uint8_t type;   // the driver's own type number
  uint8_t decimals;
  lun_column_class class;
} lun_column;

/// Columns of one result: immutable, reference-counted, equal ones shared through a cache. Views
/// point into `raw`.
typedef struct lun_metadata {
  uint32_t references;
  uint32_t count;
  uint64_t id; // unique per cache, never 0, never reused
  uint64_t hash;
  lun_view raw; // the driver's own bytes, the key of the cache
  lun_column columns[];
} lun_metadata;

typedef struct lun_metadata_cache lun_metadata_cache;

/// Fills `columns` from `raw`, which nobody has looked at before.
typedef lun_status (*lun_metadata_parse)(lun_view raw, lun_column *columns, uint32_t count);

/// Returns a cache owned by the caller, NULL when out of memory. Entries are compared byte by byte:
/// no two different metadata can be taken for each other.
lun_metadata_cache *lun_metadata_cache_new(void);
void lun_metadata_cache_free(lun_metadata_cache *cache);

/// Sets `*metadata` to that for `raw`, parsing it when it is new. The caller owns one reference. On
/// failure, which is that of `parse` or LUN_ERR_NOMEM, `*metadata` is NULL.
lun_status lun_metadata_cache_get(lun_metadata_cache *cache,
                                  lun_view raw,
                                  uint32_t count,
                                  lun_metadata_parse parse,
                                  lun_metadata **metadata);

/// Adds a reference, and returns `metadata`.
lun_metadata *lun_metadata_retain(lun_metadata *metadata);

void lun_metadata_release(lun_metadata *metadata);
