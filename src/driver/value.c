#include "driver/value.h"

enum { FRACTION_DIGITS = 6, BASE = 10, YEAR_DIGITS = 4 };

static char *put(char *to, unsigned number, unsigned digits) {
  for (unsigned i = digits; i > 0; i--) {
    to[i - 1] = (char)('0' + number % BASE);
    number /= BASE;
  }
  return to + digits;
}

static char *put_date(char *to, const lun_moment *moment) {
  to = put(to, moment->year, YEAR_DIGITS);
  *to++ = '-';
  to = put(to, moment->month, 2);
  *to++ = '-';
  return put(to, moment->day, 2);
}

static char *put_time(char *to, const lun_moment *moment) {
  enum { TWO_DIGITS = 99 };
  if (moment->is_negative) {
    *to++ = '-';
  }
  to = put(to, moment->hour, moment->hour > TWO_DIGITS ? 3 : 2);
  *to++ = ':';
  to = put(to, moment->minute, 2);
  *to++ = ':';
  to = put(to, moment->second, 2);
  if (moment->digits == 0) {
    return to;
  }
  *to++ = '.';
  put(to, moment->microsecond, FRACTION_DIGITS);
  return to + moment->digits; // the servers cut, they do not round
}

size_t lun_moment_format(const lun_value *value, char out[LUN_MOMENT_SIZE]) {
  char *to = out;
  if (value->kind != LUN_VALUE_TIME) {
    to = put_date(to, &value->moment);
  }
  if (value->kind == LUN_VALUE_DATETIME) {
    *to++ = ' ';
  }
  if (value->kind != LUN_VALUE_DATE) {
    to = put_time(to, &value->moment);
  }
  return (size_t)(to - out);
}
