/// Character sets and collations: what one byte of the handshake can say, and where escaping is
/// safe.
#pragma once

#include "base/view.h"

/// Returns the collation id to announce in the handshake for `charset` and `wanted` (empty: the
/// server's own when `server_default` belongs to the charset, else the charset's default), 0 when
/// only SET NAMES can say it.
uint8_t lun_mysql_handshake_collation(lun_view charset, lun_view wanted, uint8_t server_default);

/// Whether collation `id` belongs to `charset`, as far as is known here.
bool lun_mysql_collation_is_of(uint8_t id, lun_view charset);

/// Whether a quote or backslash byte in a string of `charset` is always that character, so that
/// escaping byte by byte is safe. Not so in big5, cp932, gbk, sjis, gb18030, and not for names that
/// are not known here.
bool lun_mysql_charset_is_escapable(lun_view charset);
