#include "base/rounding.h"

#include <assert.h>

enum {
  // The middle of two doubles has at most 768 digits, so further ones can only break a tie.
  MAX_DIGITS = 800,
  MAX_LIMBS = 96, // 3072 bits: 10^800 has 2658, 2^54 × 5^1124 has 2664
};

// A natural number; the lowest limb first, no zero limb last.
typedef struct natural {
  uint32_t limbs[MAX_LIMBS];
  size_t count;
} natural;

static void push_limb(natural *number, uint32_t limb) {
  assert(number->count < MAX_LIMBS);
  number->limbs[number->count++] = limb;
}

static void multiply_add(natural *number, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (size_t i = 0; i < number->count; i++) {
    carry += (uint64_t)number->limbs[i] * factor;
    number->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry > 0) {
    push_limb(number, (uint32_t)carry);
  }
}

static void multiply_by_power_of_five(natural *number, int64_t exponent) {
  for (; exponent >= 13; exponent -= 13) {
    multiply_add(number, 1220703125, 0); // 5^13, the largest in a limb
  }
  for (; exponent > 0; exponent--) {
    multiply_add(number, 5, 0);
  }
}

static void shift_left(natural *number, int64_t bits) {
  multiply_add(number, UINT32_C(1) << (bits % 32), 0);
  size_t limbs = (size_t)(bits / 32);
  if (number->count == 0 || limbs == 0) {
    return;
  }
  assert(number->count + limbs <= MAX_LIMBS);
  memmove(number->limbs + limbs, number->limbs, number->count * sizeof *number->limbs);
  memset(number->limbs, 0, limbs * sizeof *number->limbs);
  number->count += limbs;
}

static int compare(const natural *a, const natural *b) {
  if (a->count != b->count) {
    return a->count < b->count ? -1 : 1;
  }
  for (size_t i = a->count; i-- > 0;) {
    if (a->limbs[i] != b->limbs[i]) {
      return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
  }
  return 0;
}

// Reads the first MAX_DIGITS digits that count, moves `*exponent` to the last one read, and returns
// whether one of the others is not zero.
static bool read_digits(lun_view digits, natural *number, int64_t *exponent) {
  size_t significant = 0;
  bool has_more = false;
  for (size_t i = 0; i < digits.size; i++) {
    uint8_t digit = digits.data[i];
    if (digit == '.') {
      continue;
    }
    if (significant == MAX_DIGITS) {
      has_more |= digit != '0';
      *exponent += 1;
    } else if (significant > 0 || digit != '0') {
      multiply_add(number, 10, (uint32_t)digit - '0');
      significant++;
    }
  }
  return has_more;
}

bool lun_rounds_up(lun_view digits, int64_t exponent, uint64_t below) {
  natural decimal = {.count = 0};
  natural middle = {.count = 0};
  bool has_more = read_digits(digits, &decimal, &exponent);

  // `below` is mantissa × 2^power, the middle (2 × mantissa + 1) × 2^(power - 1).
  uint64_t stored_exponent = below >> 52;
  uint64_t mantissa = below & ((UINT64_C(1) << 52) - 1);
  mantissa |= (uint64_t)(stored_exponent > 0) << 52;
  int64_t power = (int64_t)(stored_exponent > 0 ? stored_exponent : 1) - 1075;
  push_limb(&middle, (uint32_t)(2 * mantissa + 1));
  if (mantissa >> 31) {
    push_limb(&middle, (uint32_t)(mantissa >> 31));
  }

  // Both sides are made whole: 10^e is 5^e × 2^e, and a negative power moves to the other side.
  multiply_by_power_of_five(exponent > 0 ? &decimal : &middle, exponent > 0 ? exponent : -exponent);
  int64_t shift = exponent - (power - 1);
  shift_left(shift > 0 ? &decimal : &middle, shift > 0 ? shift : -shift);

  int order = compare(&decimal, &middle);
  if (order == 0) {
    return has_more || (mantissa & 1) != 0;
  }
  return order > 0;
}
