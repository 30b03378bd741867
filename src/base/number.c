#include "base/number.h"

#include "base/digits.h"

#include <math.h>
#include <stdio.h>

enum {
  MAX_DIGITS = 20,  // of a uint64_t
  MAX_DECIMALS = 6, // of a double that is written without the help of snprintf()
};

static const char PAIRS[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                            "34353637383940414243444546474849505152535455565758596061626364656667"
                            "6869707172737475767778798081828384858687888990919293949596979899";

static const uint64_t EIGHT_DIGITS = 100000000; // what a word of digits moves the others by

// Reads 9 to 20 digits, the last 8 and the 8 before them as a word each.
static inline bool parse_long(const uint8_t *text, size_t size, uint64_t *value) {
  for (; size > MAX_DIGITS; size--) {
    if (*text++ != '0') {
      return false;
    }
  }
  uint64_t tail = lun_load64(text + size - 8);
  uint64_t others = lun_other_than_digits(tail);
  if (size <= 16) {
    uint64_t head = lun_align_digits(lun_load64(text), size - 8);
    *value = lun_eight_digits(head) * EIGHT_DIGITS + lun_eight_digits(tail);
    return (others | lun_other_than_digits(head)) == 0;
  }
  uint64_t head = lun_align_digits(lun_load64(text), size - 16);
  uint64_t middle = lun_load64(text + size - 16);
  others |= lun_other_than_digits(head) | lun_other_than_digits(middle);
  uint64_t low = lun_eight_digits(middle) * EIGHT_DIGITS + lun_eight_digits(tail);
  uint64_t high;
  bool overflows =
      __builtin_mul_overflow(lun_eight_digits(head), EIGHT_DIGITS * EIGHT_DIGITS, &high);
  overflows |= __builtin_add_overflow(high, low, value);
  return others == 0 && !overflows;
}

static inline bool parse_magnitude(const uint8_t *text, size_t size, uint64_t *value) {
  if (size > 8) {
    return parse_long(text, size, value);
  }
  if (size < 4) {
    uint32_t number = 0;
    uint32_t others = size == 0;
    for (size_t i = 0; i < size; i++) {
      uint32_t digit = (uint32_t)text[i] - '0';
      others |= digit > 9;
      number = number * 10 + digit;
    }
    *value = number;
    return others == 0;
  }
  uint64_t word = lun_align_digits(lun_load_short(text, size), size);
  *value = lun_eight_digits(word);
  return lun_other_than_digits(word) == 0;
}

bool lun_parse_uint64(lun_view text, uint64_t *value) {
  if (text.size == 0) {
    return false;
  }
  uint64_t magnitude;
  size_t sign = (*text.data == '+') | (*text.data == '-');
  if (!parse_magnitude(text.data + sign, text.size - sign, &magnitude)) {
    return false;
  }
  if (magnitude > 0 && *text.data == '-') {
    return false;
  }
  *value = magnitude;
  return true;
}

bool lun_parse_int64(lun_view text, int64_t *value) {
  if (text.size == 0) {
    return false;
  }
  uint64_t magnitude;
  uint64_t negative = *text.data == '-';
  size_t sign = (*text.data == '+') | (size_t)negative;
  if (!parse_magnitude(text.data + sign, text.size - sign, &magnitude)) {
    return false;
  }
  if (magnitude > (uint64_t)INT64_MAX + negative) {
    return false;
  }
  *value = (int64_t)((magnitude ^ (0 - negative)) + negative);
  return true;
}

size_t lun_format_uint64(uint64_t value, char out[LUN_NUMBER_SIZE]) {
  char digits[MAX_DIGITS];
  char *first = digits + sizeof digits;
  while (value >= 100) {
    first -= 2;
    memcpy(first, PAIRS + 2 * (value % 100), 2);
    value /= 100;
  }
  if (value >= 10) {
    first -= 2;
    memcpy(first, PAIRS + 2 * value, 2);
  } else {
    *--first = (char)('0' + value);
  }
  size_t size = (size_t)(digits + sizeof digits - first);
  memcpy(out, first, size);
  return size;
}

size_t lun_format_int64(int64_t value, char out[LUN_NUMBER_SIZE]) {
  if (value >= 0) {
    return lun_format_uint64((uint64_t)value, out);
  }
  char magnitude[LUN_NUMBER_SIZE];
  size_t size = lun_format_uint64(0 - (uint64_t)value, magnitude);
  out[0] = '-';
  memcpy(out + 1, magnitude, size);
  return size + 1;
}

// Writes a value with few decimals, such as a price: when value × 10^n, rounded to an integer,
// gives the value back by one division of exact operands, reading its digits does too. Returns 0
// for others.
static size_t print_short_decimal(double value, char out[LUN_NUMBER_SIZE]) {
  const double limit = 1e15; // more digits are not the only ones that read as `value`
  double magnitude = fabs(value);
  double power = 10;
  for (size_t decimals = 1; decimals <= MAX_DECIMALS && magnitude * power < limit; decimals++) {
    uint64_t scaled = (uint64_t)(magnitude * power + 0.5);
    if ((double)scaled / power == magnitude) {
      size_t size = value < 0;
      out[0] = '-';
      size += lun_format_uint64(scaled / (uint64_t)power, out + size);
      out[size] = '.';
      for (size_t i = decimals; i > 0; i--) {
        out[size + i] = (char)('0' + scaled % 10);
        scaled /= 10;
      }
      return size + 1 + decimals;
    }
    power *= 10;
  }
  return 0;
}

// Prints with snprintf(), then puts a point where the locale put its own, be it several bytes long.
static size_t print_double(double value, int precision, char out[LUN_NUMBER_SIZE]) {
  char printed[LUN_NUMBER_SIZE];
  snprintf(printed, sizeof printed, "%.*g", precision, value);
  size_t size = 0;
  for (const char *c = printed; *c; c++) {
    if ((*c >= '0' && *c <= '9') || *c == 'e' || *c == '-' || *c == '+') {
      out[size++] = *c;
    } else if (size > 0 && out[size - 1] != '.') {
      out[size++] = '.';
    }
  }
  return size;
}

// Writes the fewest of 15 to 17 digits that give `value` back; 17 always do.
static size_t print_long_decimal(double value, char out[LUN_NUMBER_SIZE]) {
  for (int precision = 15; precision < 17; precision++) {
    double back;
    size_t size = print_double(value, precision, out);
    if (lun_parse_double((lun_view){(const uint8_t *)out, size}, &back) && back == value) {
      return size;
    }
  }
  return print_double(value, 17, out);
}

size_t lun_format_double(double value, char out[LUN_NUMBER_SIZE]) {
  const double exact_limit = 9007199254740992; // 2^53
  if (!isfinite(value)) {
    return 0;
  }
  if (value == 0 && signbit(value)) {
    out[0] = '-';
    out[1] = '0';
    return 2;
  }
  if (fabs(value) < exact_limit && (double)(int64_t)value == value) {
    return lun_format_int64((int64_t)value, out);
  }
  size_t size = print_short_decimal(value, out);
  return size > 0 ? size : print_long_decimal(value, out);
}
