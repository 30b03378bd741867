/// The pieces of a statement's text in which nothing means anything: strings, quoted identifiers
/// and comments, and where they end.
#pragma once

#include "mysql/literal.h"

/// Returns what is behind the string or quoted identifier at `at`, `end` when it does not end. A
/// doubled quote inside ends one string and begins the next: the same bytes are skipped.
const uint8_t *
lun_mysql_skip_quoted(const lun_mysql_quoting *quoting, const uint8_t *at, const uint8_t *end);

/// Returns what is behind the comment at `at`, or `at` when there is none. A line's end is not part
/// of its comment.
const uint8_t *lun_mysql_skip_comment(const uint8_t *at, const uint8_t *end);
