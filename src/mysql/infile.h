/// The file that a LOAD DATA LOCAL INFILE names: a server may ask for this one and no other.
#pragma once

#include "mysql/literal.h"

/// Appends the name to `name` as the server will read it: without quotes and escapes. The first one
/// counts, where the text holds several statements. LUN_ERR_ARGUMENT when there is none outside of
/// strings and comments; LUN_ERR_NOMEM.
lun_status lun_mysql_infile_name(const lun_mysql_quoting *quoting, lun_view sql, lun_buffer *name);
