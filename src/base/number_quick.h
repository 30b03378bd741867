/// Numbers as servers mostly write them, parsed where they stand: up to 16 digits, and for a double
/// up to 7 on each side of a point, or 8. False only says that lun_parse_int64() and the like must
/// look.
///
/// Words are loaded backwards from the end of the text: LUN_QUICK_BEFORE bytes in front of it may
/// be read, whatever they hold.
#pragma once

#include "base/digits.h"
#include "base/number.h"

#include <float.h>

enum {
  LUN_QUICK_BEFORE = 8,
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

extern const uint32_t LUN_SHORT_POWERS_OF_TEN[8];

/// Powers of ten that are doubles: the quotient of an integer that is one too is the nearest.
extern const double LUN_POWERS_OF_TEN[LUN_EXACT_POWERS + 1];

/// Reads the digits around a point, which is the lowest byte of `others` in `tail`, the last word
/// of `size` bytes of text: at most seven on each side.
static inline bool
lun_quick_decimal(const uint8_t *end, size_t size, uint64_t tail, uint64_t others, double *value) {
  unsigned top = (unsigned)__builtin_ctzll(others);
  unsigned decimals = (63 - top) / 8;
  size_t whole_size = size - 1 - decimals;
  if ((tail >> (top - 7) & 0xff) != ('.' ^ '0') || whole_size > 7 || size == 1) {
    return false;
  }
  uint64_t fraction = tail & UINT64_MAX << (top - 7) << 8;
  uint64_t mask = UINT64_MAX << 8 << (8 * (7 - whole_size)); // none for none
  uint64_t whole = (lun_load64(end - decimals - 9) ^ LUN_EIGHT_ZEROS) & mask;
  uint64_t digits = (uint64_t)lun_eight_digits(whole) * LUN_SHORT_POWERS_OF_TEN[decimals]
                    + lun_eight_digits(fraction);
  *value = (double)(int64_t)digits / LUN_POWERS_OF_TEN[decimals];
  return (lun_quick_others(whole) | lun_quick_others(fraction)) == 0;
}

static inline bool lun_quick_double(lun_view text, double *value) {
  if (text.size == 0 || FLT_EVAL_METHOD != 0) {
    return false;
  }
  const uint8_t *end = text.data + text.size;
  bool is_negative = *text.data == '-';
  size_t size = text.size - is_negative;
  if (size == 0) {
    return false;
  }
  double magnitude;
  uint64_t tail = lun_quick_last(end, size < 8 ? size : 8);
  uint64_t others = lun_quick_others(tail);
  if (others != 0) {
    if (!lun_quick_decimal(end, size, tail, others, &magnitude)) {
      return false;
    }
  } else if (size <= 8) {
    magnitude = lun_eight_digits(tail);
  } else {
    return false;
  }
  *value = is_negative ? -magnitude : magnitude;
  return true;
}
