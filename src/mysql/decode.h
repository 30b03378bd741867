/// Rows to values.
#pragma once

#include "driver/result.h"

/// Parses the column definitions of `raw`, each a length-encoded string (lun_metadata_parse).
lun_status lun_mysql_parse_columns(lun_view raw, lun_column *columns, uint32_t count);

/// The same with extended metadata (MariaDB). No bytes pass both, so one cache serves both.
lun_status lun_mysql_parse_extended_columns(lun_view raw, lun_column *columns, uint32_t count);

/// Decodes rows of the text protocol. Numbers that the server spelt in a way no server does end as
/// LUN_ERR_PROTOCOL, never as a wrong value.
extern const lun_decoder LUN_MYSQL_TEXT_DECODER;

/// Decodes rows of the binary protocol that lun_mysql_binary_row_check has passed. Cells are what
/// the text protocol gives, but for FLOAT: the value itself, where text has six digits of it; and
/// for dates and times, which come as moments. Values that no server has, such as month 13 or NaN,
/// end as LUN_ERR_PROTOCOL.
extern const lun_decoder LUN_MYSQL_BINARY_DECODER;
