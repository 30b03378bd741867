/// Numbers as servers mostly write them, parsed where they stand: up to 16 digits, and for a double
/// a point among 15 of them. False only says that lun_parse_int64() and the like must look.
///
/// Words are loaded backwards from the end of the text: LUN_QUICK_BEFORE bytes in front of it may
/// be read, whatever they hold.
#pragma once

#include "base/digits.h"
#include "base/number.h"

#include <float.h>

enum {
  LUN_QUICK_BEFORE = 8,
  LUN_QUICK_SIZE = 16,   // of the longest text
  LUN_EXACT_POWERS = 22, // 10^22 is the last one that is a double
};

/// Loads the word that ends at `end` with all but its last `size` bytes, 1 to 8, cleared, and the
/// others as the values of digits.
static inline uint64_t lun_quick_last(const uint8_t *end, size_t size) {
  uint64_t mask = UINT64_MAX << (8 * (8 - size));
  return (lun_load64(end - 8) ^ LUN_EIGHT_ZEROS) & mask;
}

/// Whether a byte of `values` is no digit's value; as lun_other_than_digits().
static inline uint64_t lun_quick_others(uint64_t values) {
  return ((values + 0x7676767676767676) | values) & 0x8080808080808080;
}

static inline bool lun_quick_natural(const uint8_t *end, size_t size, uint64_t *value) {
  if (size - 1 < 8) {
    uint64_t values = lun_quick_last(end, size);
    *value = lun_eight_digits(values);
    return lun_quick_others(values) == 0;
  }
  if (size - 9 >= 8) {
    return false;
  }
  uint64_t tail = lun_quick_last(end, 8);
  uint64_t head = lun_quick_last(end - 8, size - 8);
  *value = lun_eight_digits(head) * UINT64_C(100000000) + lun_eight_digits(tail);
  return (lun_quick_others(head) | lun_quick_others(tail)) == 0;
}

static inline bool lun_quick_uint64(lun_view text, uint64_t *value) {
  return lun_quick_natural(text.data + text.size, text.size, value);
}

static inline bool lun_quick_int64(lun_view text, int64_t *value) {
  if (text.size == 0) {
    return false;
  }
  uint64_t negative = *text.data == '-';
  uint64_t magnitude;
  if (!lun_quick_natural(text.data + text.size, text.size - negative, &magnitude)) {
    return false;
  }
  *value = (int64_t)((magnitude ^ (0 - negative)) + negative);
  return true;
}

/// Takes a point, the lowest byte in `others`, out of `word`; what is below it moves up. Sets how
/// many digits stand above it. False when the byte is none.
static inline bool lun_quick_take_point(uint64_t *word, uint64_t others, unsigned *decimals) {
  unsigned top = (unsigned)__builtin_ctzll(others);
  unsigned shift = top - 7;
  uint64_t digits = *word ^ (uint64_t)('.' ^ '0') << shift;
  uint64_t lower = digits & ((UINT64_C(1) << shift) - 1);
  *word = digits - lower + (lower << 8);
  *decimals = (63 - top) / 8;
  return (digits >> shift & 0xff) == 0;
}

/// Powers of ten that are doubles: the quotient of an integer that is one too is the nearest.
extern const double LUN_POWERS_OF_TEN[LUN_EXACT_POWERS + 1];

static inline bool lun_quick_double(lun_view text, double *value) {
  static const uint64_t exact_integers = UINT64_C(1) << DBL_MANT_DIG;
  if (text.size == 0 || FLT_EVAL_METHOD != 0) {
    return false;
  }
  const uint8_t *end = text.data + text.size;
  uint64_t negative = *text.data == '-';
  size_t size = text.size - negative;
  if (size - 1 >= LUN_QUICK_SIZE) {
    return false;
  }
  bool is_long = size > 8;
  bool is_number = true;
  unsigned decimals = 0;
  uint64_t head = is_long ? lun_quick_last(end - 8, size - 8) : 0;
  uint64_t tail = lun_quick_last(end, is_long ? 8 : size);
  uint64_t others = lun_quick_others(tail);
  bool has_point = others != 0;
  if (has_point) {
    is_number = lun_quick_take_point(&tail, others, &decimals) && size > 1;
    tail |= head >> 56;
    head <<= 8;
    others = lun_quick_others(tail);
  }
  uint64_t digits = lun_eight_digits(tail);
  if (is_long) {
    uint64_t point = lun_quick_others(head);
    if (point != 0) {
      is_number &= !has_point && lun_quick_take_point(&head, point, &decimals);
      decimals += 8;
    }
    others |= lun_quick_others(head);
    digits += lun_eight_digits(head) * UINT64_C(100000000);
  }
  if (!is_number || others != 0 || digits > exact_integers) {
    return false;
  }
  double magnitude = (double)(int64_t)digits / LUN_POWERS_OF_TEN[decimals];
  *value = negative ? -magnitude : magnitude;
  return true;
}
