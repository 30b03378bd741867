#include "base/digits.h"
#include "base/inlining.h"
#include "base/number_quick.h"
#include "base/powers_of_five.h"
#include "base/rounding.h"

#include <float.h>

enum {
  MANTISSA_BITS = 52, // as stored
  INFINITE_EXPONENT = 0x7ff,
  SAFE_DIGITS = 19, // so many always fit into 64 bits
};

static const uint64_t INFINITE_BITS = (uint64_t)INFINITE_EXPONENT << MANTISSA_BITS;
static const uint64_t EXACT_INTEGERS = UINT64_C(1) << (MANTISSA_BITS + 1);
static const int64_t EXPONENT_LIMIT = INT64_C(1000000000000); // beyond any text that has a value
static const int64_t NO_EXPONENT = INT64_MIN;

typedef struct product {
  uint64_t high;
  uint64_t low;
} product;

const double LUN_POWERS_OF_TEN[LUN_EXACT_POWERS + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

const uint32_t LUN_SHORT_POWERS_OF_TEN[8] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
};

// The next 8 bytes of `text`, with NUL bytes for those after its end.
static inline uint64_t load_next(lun_view text, const uint8_t *at) {
  const uint8_t *end = text.data + text.size;
  size_t rest = (size_t)(end - at);
  if (rest >= 8) {
    return lun_load64(at);
  }
  if (rest == 0) {
    return 0;
  }
  return text.size >= 8 ? lun_load64(end - 8) >> (8 * (8 - rest)) : lun_load_short(at, rest);
}

// Appends the digits at `at` to `*digits` and returns where they end.
LUN_ALWAYS_INLINE static inline const uint8_t *
scan_digits(lun_view text, const uint8_t *at, uint64_t *digits) {
  uint64_t word = load_next(text, at);
  uint64_t others = lun_other_than_digits(word);
  while (others == 0) {
    *digits = *digits * 100000000 + lun_eight_digits(word);
    at += 8;
    word = load_next(text, at);
    others = lun_other_than_digits(word);
  }
  size_t count = (size_t)__builtin_ctzll(others) / 8;
  if (count > 0) {
    word = lun_align_digits(word, count);
    *digits = *digits * LUN_SHORT_POWERS_OF_TEN[count] + lun_eight_digits(word);
  }
  return at + count;
}

// Returns the number from `at` to `end`, NO_EXPONENT when it is none.
LUN_NEVER_INLINE static int64_t scan_exponent(const uint8_t *at, const uint8_t *end) {
  bool is_negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) {
    at++;
  }
  if (at == end) {
    return NO_EXPONENT;
  }
  int64_t value = 0;
  for (; at < end; at++) {
    if (*at < '0' || *at > '9') {
      return NO_EXPONENT;
    }
    if (value < EXPONENT_LIMIT) {
      value = value * 10 + (*at - '0');
    }
  }
  return is_negative ? -value : value;
}

static inline product multiply(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 uint128;
  uint128 result = (uint128)a * b;
  return (product){(uint64_t)(result >> 64), (uint64_t)result};
#else
  uint64_t a_low = a & UINT32_MAX;
  uint64_t b_low = b & UINT32_MAX;
  uint64_t first = (a >> 32) * b_low + (a_low * b_low >> 32);
  uint64_t second = a_low * (b >> 32) + (first & UINT32_MAX);
  return (product){(a >> 32) * (b >> 32) + (first >> 32) + (second >> 32), a * b};
#endif
}

// The bits of a double below the smallest normal one, from a mantissa with one bit too many that
// would need the stored exponent `exponent`, zero or less.
static uint64_t round_subnormal(uint64_t mantissa, int64_t exponent) {
  if (exponent < -62) {
    return 0;
  }
  mantissa >>= 1 - exponent;
  // Rounding up may carry into the exponent, and that is the smallest normal double. There is no
  // tie: a power of ten so small times 64 bits never lies in the middle.
  return (mantissa + 1) >> 1;
}

// Returns the bits of the double nearest to `digits` × 10^`exponent`, `digits` being exact. This is
// the algorithm of Eisel and Lemire; that it needs no fall-back is "Fast Number Parsing Without
// Fallback" (Mushtak and Lemire, 2022).
LUN_NEVER_INLINE static uint64_t nearest_bits(uint64_t digits, int64_t exponent) {
  if (digits == 0 || exponent < LUN_SMALLEST_POWER_OF_FIVE) {
    return 0;
  }
  if (exponent > LUN_LARGEST_POWER_OF_FIVE) {
    return INFINITE_BITS;
  }
  int leading = __builtin_clzll(digits);
  digits <<= leading;
  const uint64_t *power = LUN_POWERS_OF_FIVE[exponent - LUN_SMALLEST_POWER_OF_FIVE];
  product value = multiply(digits, power[0]);
  if ((value.high & 0x1ff) == 0x1ff) { // the lower half of the power might carry into the mantissa
    uint64_t correction = multiply(digits, power[1]).high;
    value.low += correction;
    value.high += value.low < correction;
  }

  // Two bits more than are stored: the leading one, and one to round by.
  int upper = (int)(value.high >> 63);
  int shift = upper + 64 - MANTISSA_BITS - 3;
  uint64_t mantissa = value.high >> shift;
  // 217706 / 2^16 is log2(10); the sum is the exponent as it is stored.
  int64_t stored_exponent = ((217706 * exponent) >> 16) + 63 + upper - leading + 1023;
  if (stored_exponent <= 0) {
    return round_subnormal(mantissa, stored_exponent);
  }
  bool is_tie = value.low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1
                && mantissa << shift == value.high;
  mantissa = (mantissa + !is_tie) >> 1;
  // The leading bit is added, not stored, and so is a carry from rounding.
  uint64_t bits = ((uint64_t)(stored_exponent - 1) << MANTISSA_BITS) + mantissa;
  return bits < INFINITE_BITS ? bits : INFINITE_BITS;
}

// For more digits than 64 bits hold: the first 19, and the same plus one, nearly always agree.
LUN_NEVER_INLINE static uint64_t nearest_bits_of_many(lun_view text, int64_t exponent) {
  uint64_t digits = 0;
  size_t significant = 0;
  int64_t dropped = 0;
  for (size_t i = 0; i < text.size; i++) {
    uint8_t digit = text.data[i];
    if (digit == '.') {
      continue;
    }
    if (significant == SAFE_DIGITS) {
      dropped++;
    } else if (significant > 0 || digit != '0') {
      digits = digits * 10 + (uint64_t)digit - '0';
      significant++;
    }
  }
  uint64_t below = nearest_bits(digits, exponent + dropped);
  if (dropped == 0 || below == nearest_bits(digits + 1, exponent + dropped)) {
    return below;
  }
  return below + lun_rounds_up(text, exponent, below);
}

bool lun_parse_double(lun_view text, double *value) {
  if (text.size == 0) {
    return false;
  }
  uint64_t negative = *text.data == '-';
  size_t sign = (*text.data == '+') | (size_t)negative;
  text.data += sign;
  text.size -= sign;

  const uint8_t *end = text.data + text.size;
  uint64_t digits = 0;
  int64_t exponent = 0;
  size_t points = 0;
  const uint8_t *at = scan_digits(text, text.data, &digits);
  if (at < end && *at == '.') {
    const uint8_t *fraction = at + 1;
    at = scan_digits(text, fraction, &digits);
    exponent = fraction - at;
    points = 1;
  }
  text.size = (size_t)(at - text.data);
  if (text.size == points) {
    return false;
  }
  if (at < end) {
    int64_t written = *at == 'e' || *at == 'E' ? scan_exponent(at + 1, end) : NO_EXPONENT;
    if (written == NO_EXPONENT) {
      return false;
    }
    exponent += written;
  }

  bool is_safe = text.size <= SAFE_DIGITS + points;
  uint64_t bits;
  // Clinger's fast path: both operands are exact, so the one operation rounds correctly. Not where
  // registers are wider than a double (x87).
  if (FLT_EVAL_METHOD == 0 && is_safe && digits <= EXACT_INTEGERS && exponent >= -LUN_EXACT_POWERS
      && exponent <= LUN_EXACT_POWERS) {
    double magnitude = exponent < 0 ? (double)digits / LUN_POWERS_OF_TEN[-exponent]
                                    : (double)digits * LUN_POWERS_OF_TEN[exponent];
    memcpy(&bits, &magnitude, sizeof bits);
  } else {
    bits = is_safe ? nearest_bits(digits, exponent) : nearest_bits_of_many(text, exponent);
  }
  if (bits == INFINITE_BITS) {
    return false;
  }
  bits |= negative << 63;
  memcpy(value, &bits, sizeof bits);
  return true;
}
