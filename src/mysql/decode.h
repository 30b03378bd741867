/// Rows to values: what the driver's decode functions do (driver/driver.h).
#pragma once

#include "driver/column.h"
#include "driver/value.h"

/// Parses the column definitions of `raw`, each a length-encoded string (lun_metadata_parse).
lun_status lun_mysql_parse_columns(lun_view raw, lun_column *columns, uint32_t count);

/// Fills `cells` from a text row: one per column. Views point into `row`. Numbers that the server
/// spelt in a way no server does end as LUN_ERR_PROTOCOL, never as a wrong value.
lun_status lun_mysql_decode_text(const lun_metadata *metadata, lun_view row, lun_value *cells);

/// Fills `cell` from column `column` of a text row, counted from 0.
lun_status lun_mysql_decode_text_cell(const lun_metadata *metadata,
                                      lun_view row,
                                      uint32_t column,
                                      lun_value *cell);
