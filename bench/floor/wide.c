// Rows of fifty columns with NULLs, all kept as C types; DECIMAL stays text, as everywhere.
#include "floor.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  uint16_t year;
  uint8_t month, day, hour, minute, second;
} moment;

typedef struct {
  bool is_null;
  uint32_t size;
  union {
    int64_t integer;
    double real;
    moment time;
    const char *text; // into the result
  } as;
} cell;

static uint8_t two_digits(const char *text) {
  return (uint8_t)((text[0] - '0') * 10 + (text[1] - '0'));
}

// "2001-02-03 04:05:06"
static moment read_time(const char *text) {
  return (moment){
      .year = (uint16_t)(two_digits(text) * 100 + two_digits(text + 2)),
      .month = two_digits(text + 5),
      .day = two_digits(text + 8),
      .hour = two_digits(text + 11),
      .minute = two_digits(text + 14),
      .second = two_digits(text + 17),
  };
}

static void read_cell(cell *to, enum enum_field_types type, const char *text, unsigned long size) {
  to->is_null = text == NULL;
  to->size = (uint32_t)size;
  if (!text) {
    return;
  }
  switch (type) {
  case MYSQL_TYPE_LONG:
  case MYSQL_TYPE_LONGLONG: to->as.integer = strtoll(text, NULL, 10); break;
  case MYSQL_TYPE_DOUBLE: to->as.real = strtod(text, NULL); break;
  case MYSQL_TYPE_DATETIME: to->as.time = read_time(text); break;
  default: to->as.text = text;
  }
}

void scan_wide(void) {
  MYSQL *mysql = open_connection(OVER_TCP);
  const char *sql = scan_of("SELECT * FROM wide");
  clock_start();
  run(mysql, sql, strlen(sql));
  MYSQL_RES *result = mysql_store_result(mysql);
  if (!result) {
    fail(mysql, "no result");
  }
  size_t n = mysql_num_rows(result), width = mysql_num_fields(result);
  const MYSQL_FIELD *fields = mysql_fetch_fields(result);
  cell *cells = malloc(n * width * sizeof *cells), *next = cells;
  for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL;) {
    const unsigned long *sizes = mysql_fetch_lengths(result);
    for (size_t i = 0; i < width; i++) {
      read_cell(next++, fields[i].type, row[i], sizes[i]);
    }
  }
  clock_stop();
  double nulls = 0;
  for (const cell *at = cells; at < next; at++) {
    nulls += at->is_null;
  }
  answer((long)n, nulls, NULL);
  free(cells);
  mysql_free_result(result);
  mysql_close(mysql);
}
