/// Values as SQL text, and text with placeholders as SQL.
///
/// Escaping is right only for the session it was made for: its SQL mode and its character set at
/// that moment. So formatting and sending are one step, and nothing here keeps its output.
#pragma once

#include "driver/driver.h"

/// How strings are to be escaped now.
typedef struct lun_mysql_quoting {
  bool has_backslash_escapes; // SQL mode without NO_BACKSLASH_ESCAPES
  bool is_escapable;          // the character set allows escaping byte by byte
  const char *charset;        // for the error message
} lun_mysql_quoting;

/// Appends `value` as a literal. LUN_ERR_ARGUMENT for NaN and infinities, and for strings in a
/// character set where escaping is not safe.
lun_status lun_mysql_literal(const lun_mysql_quoting *quoting,
                             const lun_value *value,
                             lun_buffer *out,
                             lun_error *error);

/// Appends `sql` with `?` for every literal, for logs: strings, numbers, and whatever stands in
/// double quotes; comments are left out. Any bytes will do; what cannot be told apart is left out.
lun_status lun_mysql_redact(const lun_mysql_quoting *quoting, lun_view sql, lun_buffer *out);

/// Appends `sql` with every placeholder replaced by what `place` appends. Placeholders in strings,
/// quoted identifiers and comments are left alone; under LUN_STYLE_PYFORMAT `%%` is one percent
/// sign everywhere.
lun_status lun_mysql_interpolate(const lun_mysql_quoting *quoting,
                                 lun_view sql,
                                 lun_placeholder_style style,
                                 lun_place place,
                                 void *context,
                                 lun_buffer *out,
                                 lun_error *error);

/// Whether `sql` is an INSERT or REPLACE of one list of values, and nothing else; `*insert` are its
/// parts, inside `sql`. Whether its placeholders are all in the list is not looked at.
bool lun_mysql_split_insert(const lun_mysql_quoting *quoting, lun_view sql, lun_insert *insert);
