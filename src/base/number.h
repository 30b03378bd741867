/// Numbers as text: reading the server's, writing our own. Independent of the locale.
///
/// A text is one number and nothing else: an optional sign, digits, and for a double a decimal
/// point and an exponent. Leading zeros (ZEROFILL) are fine. Anything else, such as a space, "nan",
/// an empty text, or a value outside the type, makes a parser return false and leave `*value`
/// alone.
#pragma once

#include "base/view.h"

enum { LUN_NUMBER_SIZE = 32 }; // room for any number written here

bool lun_parse_int64(lun_view text, int64_t *value);
bool lun_parse_uint64(lun_view text, uint64_t *value);

/// Reads the double nearest to `text`, ties to even: bit for bit what strtod() gives in the C
/// locale. A value too small for a double is zero, one too large is refused.
bool lun_parse_double(lun_view text, double *value);

/// The writers return the size of the text; no NUL follows it.
size_t lun_format_int64(int64_t value, char out[LUN_NUMBER_SIZE]);
size_t lun_format_uint64(uint64_t value, char out[LUN_NUMBER_SIZE]);

/// Writes `value` so that reading it gives it back: as an integer where it is one below 2^53, else
/// with the fewest of 15 to 17 digits. Returns 0 for infinity and NaN, which SQL cannot write.
size_t lun_format_double(double value, char out[LUN_NUMBER_SIZE]);
