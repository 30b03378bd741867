/// Checks base/number.h against the C library: `number_test [values per class]`.
///
/// Every text is parsed in a block without a byte to spare, so that a sanitizer sees a read
/// outside. The quick parsers have what they may read in front of it, which looks like more of it.
#include "base/number_quick.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_SIZE = 1500, MAX_FAILURES = 20 };

static int failures;

static void fail(const char *function, const char *text, size_t size, const char *why) {
  fprintf(stderr, "%s(\"%.*s\"): %s\n", function, (int)size, text, why);
  if (++failures == MAX_FAILURES) {
    exit(EXIT_FAILURE);
  }
}

// splitmix64: the same numbers in every run.
static uint64_t next_random(void) {
  static uint64_t state = 42;
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static int random_below(int limit) {
  return (int)(next_random() % (uint64_t)limit);
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static double random_unit(void) {
  return (double)(next_random() >> 11) / 9007199254740992.0;
}

static double random_finite(void) {
  double value = NAN;
  while (!isfinite(value)) {
    value = double_of(next_random());
  }
  return value;
}

// The slow and obvious parser that the quick ones are compared with.
static bool parse_magnitude(const char *text, size_t size, uint64_t *value) {
  *value = 0;
  for (size_t i = 0; i < size; i++) {
    if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*value, 10, value)
        || __builtin_add_overflow(*value, text[i] - '0', value)) {
      return false;
    }
  }
  return size > 0;
}

static void check_integers(const char *text, size_t size, lun_view view) {
  uint64_t magnitude;
  bool is_negative = size > 0 && *text == '-';
  size_t sign = size > 0 && (*text == '-' || *text == '+');
  bool is_number = parse_magnitude(text + sign, size - sign, &magnitude);

  uint64_t natural = 7;
  bool fits = is_number && (!is_negative || magnitude == 0);
  if (lun_parse_uint64(view, &natural) != fits || natural != (fits ? magnitude : 7)) {
    fail("lun_parse_uint64", text, size, fits ? "refused or wrong" : "should be refused");
  }

  int64_t integer = 7;
  fits = is_number && magnitude <= (uint64_t)INT64_MAX + is_negative;
  uint64_t expected = is_negative ? 0 - magnitude : magnitude;
  if (lun_parse_int64(view, &integer) != fits || (uint64_t)integer != (fits ? expected : 7)) {
    fail("lun_parse_int64", text, size, fits ? "refused or wrong" : "should be refused");
  }
}

// `text` ends in a NUL behind its `size` bytes; there may be others between them.
static void check_double(const char *text, size_t size, lun_view view) {
  char *end = NULL;
  double expected = strtod(text, &end);
  bool fits = size > 0 && strspn(text, "0123456789.eE+-") == size && end == text + size;
  fits = fits && isfinite(expected);

  double real = 7;
  bool is_number = lun_parse_double(view, &real);
  expected = fits ? expected : 7;
  if (is_number != fits) {
    fail("lun_parse_double", text, size, fits ? "refused" : "should be refused");
  } else if (bits_of(real) != bits_of(expected)) {
    char why[80];
    snprintf(why, sizeof why, "%a, strtod says %a", real, expected);
    fail("lun_parse_double", text, size, why);
  }
}

// What a quick parser says must be what the other one says; it need not say anything.
static void check_quick(const char *text, size_t size, lun_view view) {
  int64_t integer = 7;
  int64_t same_integer = 7;
  uint64_t natural = 7;
  uint64_t same_natural = 7;
  double real = 7;
  double same_real = 7;
  if (lun_quick_int64(view, &integer)
      && (!lun_parse_int64(view, &same_integer) || integer != same_integer)) {
    fail("lun_quick_int64", text, size, "differs");
  }
  if (lun_quick_uint64(view, &natural)
      && (!lun_parse_uint64(view, &same_natural) || natural != same_natural)) {
    fail("lun_quick_uint64", text, size, "differs");
  }
  if (lun_quick_double(view, &real)
      && (!lun_parse_double(view, &same_real) || bits_of(real) != bits_of(same_real))) {
    fail("lun_quick_double", text, size, "differs");
  }
}

static void check_quick_behind(const char *text, size_t size, const char *before) {
  uint8_t *bytes = malloc(LUN_QUICK_BEFORE + size);
  if (bytes) {
    memcpy(bytes, before, LUN_QUICK_BEFORE);
    memcpy(bytes + LUN_QUICK_BEFORE, text, size);
    check_quick(text, size, (lun_view){bytes + LUN_QUICK_BEFORE, size});
  }
  free(bytes);
}

static void check_text(const char *text, size_t size) {
  check_quick_behind(text, size, "12345678");
  check_quick_behind(text, size, "-1.2.3-.");
  check_quick_behind(text, size, "\0\377\0\377 \t:/");
  uint8_t *bytes = size > 0 ? malloc(size) : NULL;
  if (bytes) {
    memcpy(bytes, text, size);
  }
  lun_view view = {bytes, bytes ? size : 0};
  check_integers(text, view.size, view);
  check_double(view.size > 0 ? text : "", view.size, view);
  free(bytes);
}

static void print_fixed(char *text) {
  snprintf(text, TEXT_SIZE, "%.2f", (random_unit() - 0.5) * 1e6);
}

// What the quick parser of doubles takes, and a little more.
static void print_point_anywhere(char *text) {
  int size = snprintf(text, TEXT_SIZE, "%" PRIu64, next_random() >> random_below(64));
  size = size > 17 ? 17 : size;
  int point = random_below(size + 1);
  memmove(text + point + 1, text + point, (size_t)(size - point));
  text[point] = '.';
  text[size + 1] = '\0';
  if (random_below(3) == 0) {
    memmove(text + 1, text, (size_t)size + 2);
    text[0] = '-';
  }
}

static void print_15_digits(char *text) {
  snprintf(text, TEXT_SIZE, "%.15g", (random_unit() - 0.5) * 1e9);
}

static void print_17_digits(char *text) {
  snprintf(text, TEXT_SIZE, "%.17g", random_unit());
}

static void print_any_bits(char *text) {
  snprintf(text, TEXT_SIZE, "%.17g", random_finite());
}

static void print_exponent(char *text) {
  uint64_t digits = next_random() >> random_below(64);
  snprintf(text, TEXT_SIZE, "%" PRIu64 "e%d", digits, random_below(700) - 360);
}

static void print_many_digits(char *text) {
  snprintf(text, TEXT_SIZE, "%.*g", 18 + random_below(30), random_finite());
}

static void print_subnormal(char *text) {
  snprintf(text, TEXT_SIZE, "%.*g", 1 + random_below(25), double_of(next_random() >> 12));
}

static void print_integer(char *text) {
  snprintf(text, TEXT_SIZE, "%" PRId64, (int64_t)next_random() >> random_below(64));
}

static const char ALPHABET[] = "00112233445566778899.eE+-/:x ";

// Likely and unlikely bytes in any order.
static void print_soup(char *text) {
  int size = random_below(26);
  for (int i = 0; i < size; i++) {
    text[i] = ALPHABET[random_below((int)sizeof ALPHABET - 1)];
  }
  text[size] = '\0';
}

// The middle of two doubles in full: a tie, which a digit more breaks, or one so far behind that
// the parser does not look at its value.
static void print_middle(char *text) {
#if LDBL_MANT_DIG > DBL_MANT_DIG
  double below = fabs(random_finite());
  if (random_below(4) == 0) {
    below = double_of(next_random() >> (12 + random_below(52)));
  }
  long double middle = ((long double)below + nextafter(below, INFINITY)) / 2;
  int size = snprintf(text, TEXT_SIZE, "%.800Le", middle);
  char exponent[16];
  char *tail = strchr(text, 'e');
  if (!tail) { // the largest double has no neighbour
    return;
  }
  snprintf(exponent, sizeof exponent, "%s", tail);
  if (random_below(3) == 0) {
    tail[-1] = '1';
  } else if (random_below(2) == 0) {
    snprintf(tail, (size_t)(TEXT_SIZE - size), "0000000001%s", exponent);
  }
#else
  print_many_digits(text);
#endif
}

static void (*const CLASSES[])(char *text) = {
    print_fixed,
    print_point_anywhere,
    print_15_digits,
    print_17_digits,
    print_any_bits,
    print_exponent,
    print_many_digits,
    print_subnormal,
    print_integer,
    print_soup,
};

static void check_classes(int count) {
  char text[TEXT_SIZE];
  for (size_t i = 0; i < sizeof CLASSES / sizeof *CLASSES; i++) {
    for (int n = 0; n < count; n++) {
      CLASSES[i](text);
      check_text(text, strlen(text));
    }
  }
  for (int n = 0; n < count / 20; n++) {
    print_middle(text);
    check_text(text, strlen(text));
  }
}

// One space after each.
static const char TEXTS[] =
    "0 -0 +0 - + . -. 00042 -00042 1e20 1E20 1e+20 .5 5. -.5e1 0.1 1.5e-7 e5 .e5 1e 1e+ "
    "1e- --1 1..2 1.2.3 nan inf -inf 0x10 1,5 9223372036854775807 9223372036854775808 "
    "-9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 "
    "18446744073709551625 99999999999999999999 000000000000000000018446744073709551615 "
    "100000000000000000000 1.7976931348623157e308 1.7976931348623158e308 "
    "1.7976931348623159e308 1e309 2.2250738585072014e-308 2.2250738585072011e-308 "
    "4.9406564584124654e-324 2e-324 2.4703282292062327e-324 2.4703282292062328e-324 "
    "24703282292062327208e-343 1e-400 0e999999999999999999 0.0e-99999999999999999999 "
    "1e-99999999999999999999 1e99999999999999999999 9007199254740993 9007199254740995 "
    "9007199254740993e0 45035996273704985e-1 9007199254740993.00000000000000000000001 "
    "0.00000000000000000000000000000000000000012 "
    "000000000000000000000000000000000000012.5 8.10109172351e-10 1e22 1e23 "
    "3.14159265358979323846264338327950288419716939937510 6929495644600919.5 "
    "1.00000000000000011102230246251565404236316680908203124 "
    "1.00000000000000011102230246251565404236316680908203125 "
    "1.00000000000000011102230246251565404236316680908203126 ";

static void check_known_texts(void) {
  check_text("", 0);
  for (const char *text = TEXTS; *text;) {
    char copy[TEXT_SIZE] = {0};
    size_t size = strcspn(text, " ");
    memcpy(copy, text, size);
    check_text(copy, size);
    text += size + 1;
  }
}

// Every byte at every place of texts of every length.
static void check_every_byte(void) {
  for (size_t size = 1; size <= 26; size++) {
    for (size_t at = 0; at < size; at++) {
      for (int byte = 0; byte < 256; byte++) {
        char text[32] = {0};
        memset(text, '1', size);
        text[at] = (char)byte;
        check_text(text, size);
      }
    }
  }
}

static void check_written_double(double value) {
  char out[LUN_NUMBER_SIZE];
  double back = 0;
  size_t size = lun_format_double(value, out);
  if (!lun_parse_double((lun_view){(const uint8_t *)out, size}, &back)
      || bits_of(back) != bits_of(value)) {
    fail("lun_format_double", out, size, "does not read back");
  }
}

static void check_written(const char *function, size_t size, const char *out, const char *text) {
  if (size != strlen(text) || memcmp(out, text, size) != 0) {
    fail(function, out, size, text);
  }
}

static const int64_t INTEGERS[] = {0, 1, -1, 9, 10, -10, 42, INT64_MAX, INT64_MIN};

static void check_writers(int count) {
  char out[LUN_NUMBER_SIZE];
  char text[LUN_NUMBER_SIZE];
  for (int n = 0; n < count; n++) {
    size_t known = sizeof INTEGERS / sizeof *INTEGERS;
    int64_t value = (size_t)n < known ? INTEGERS[n] : (int64_t)next_random() >> random_below(64);
    snprintf(text, sizeof text, "%" PRId64, value);
    check_written("lun_format_int64", lun_format_int64(value, out), out, text);
    snprintf(text, sizeof text, "%" PRIu64, (uint64_t)value);
    check_written("lun_format_uint64", lun_format_uint64((uint64_t)value, out), out, text);
    check_written_double(random_finite());
    check_written_double((random_unit() - 0.5) * 1e6);
    check_written_double((double)((int64_t)next_random() >> random_below(64)) / 1e4);
  }
}

static const struct {
  double value;
  const char *text;
} CASES[] = {
    {0.0, "0"},
    {-0.0, "-0"},
    {3.0, "3"},
    {-1e15, "-1000000000000000"},
    {9007199254740991.0, "9007199254740991"},
    {9007199254740992.0, "9007199254740992"},
    {9007199254740994.0, "9007199254740994"},
    {0.05, "0.05"},
    {-12.340001, "-12.340001"},
    {1e-6, "0.000001"},
    {1e-7, "1e-07"},
    {99999999999999.9, "99999999999999.9"},
    {1e16, "1e+16"},
    {0.1, "0.1"},
    {-0.5, "-0.5"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1e300, "1e+300"},
    {1.0 / 3.0, "0.3333333333333333"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {INFINITY, ""},
    {NAN, ""},
};

static void check_known_doubles(void) {
  char out[LUN_NUMBER_SIZE];
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    size_t size = lun_format_double(CASES[i].value, out);
    check_written("lun_format_double", size, out, CASES[i].text);
  }
}

static const char *const LOCALES[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "fa_IR.UTF-8"};

// Scripts may call os.setlocale(): a decimal comma, or the two bytes of U+066B, must not get
// through.
static void check_locales(void) {
  for (size_t i = 0; i < sizeof LOCALES / sizeof *LOCALES; i++) {
    if (setlocale(LC_NUMERIC, LOCALES[i])) {
      printf("number_test: also under %s\n", LOCALES[i]);
      check_known_doubles();
    }
  }
  setlocale(LC_NUMERIC, "C");
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000000;
  check_known_texts();
  check_every_byte();
  check_known_doubles();
  check_locales();
  check_writers(count);
  check_classes(count);
  if (failures == 0) {
    printf("number_test: ok, %d values per class\n", count);
  }
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
