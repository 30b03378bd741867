// Many rows of four columns: all kept, or one at a time.
#include "floor.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  int id;
  int64_t a;
  double b;
  const char *s; // into the result
  unsigned long s_size;
} narrow_row;

static const char NARROW[] = "SELECT id,a,b,s FROM big";

static void read_narrow(narrow_row *row, MYSQL_ROW cells, const unsigned long *sizes) {
  row->id = (int)strtol(cells[0], NULL, 10);
  row->a = strtoll(cells[1], NULL, 10);
  row->b = strtod(cells[2], NULL);
  row->s = cells[3];
  row->s_size = sizes[3];
}

void scan(void) {
  MYSQL *mysql = open_connection(is_workload("tls_scan") ? OVER_TLS : OVER_TCP);
  const char *sql = scan_of(NARROW);
  clock_start();
  run(mysql, sql, strlen(sql));
  MYSQL_RES *result = mysql_store_result(mysql);
  if (!result) {
    fail(mysql, "no result");
  }
  size_t n = mysql_num_rows(result);
  narrow_row *rows = malloc(n * sizeof *rows);
  for (size_t i = 0; i < n; i++) {
    MYSQL_ROW cells = mysql_fetch_row(result);
    read_narrow(&rows[i], cells, mysql_fetch_lengths(result));
  }
  clock_stop();
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += rows[i].id;
  }
  const char *dict_note = is_workload("scan_dict") ? "as scan_narrow: C has no dicts" : NULL;
  answer((long)n, sum, is_workload("tls_scan") ? mysql_get_ssl_cipher(mysql) : dict_note);
  free(rows);
  mysql_free_result(result);
  mysql_close(mysql);
}

void stream(void) {
  MYSQL *mysql = open_connection(OVER_TCP);
  const char *sql = scan_of(NARROW);
  long n = 0;
  double sum = 0;
  clock_start();
  run(mysql, sql, strlen(sql));
  MYSQL_RES *result = mysql_use_result(mysql);
  if (!result) {
    fail(mysql, "no result");
  }
  for (MYSQL_ROW cells; (cells = mysql_fetch_row(result)) != NULL; n++) {
    narrow_row row;
    read_narrow(&row, cells, mysql_fetch_lengths(result));
    sum += row.id;
  }
  clock_stop();
  answer(n, sum, NULL);
  mysql_free_result(result);
  mysql_close(mysql);
}

void scan_ps(void) {
  enum { TEXT_SIZE = 81 };
  narrow_row row;
  char text[TEXT_SIZE];
  MYSQL_BIND columns[] = {
      {.buffer_type = MYSQL_TYPE_LONG, .buffer = &row.id},
      {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &row.a},
      {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &row.b},
      {.buffer_type = MYSQL_TYPE_STRING,
       .buffer = text,
       .buffer_length = sizeof text,
       .length = &row.s_size},
  };
  MYSQL *mysql = open_connection(OVER_TCP);
  clock_start();
  MYSQL_STMT *statement = prepared(mysql, scan_of(NARROW));
  if (mysql_stmt_execute(statement) || mysql_stmt_bind_result(statement, columns)
      || mysql_stmt_store_result(statement)) {
    fail_statement(statement, "execute");
  }
  size_t capacity = mysql_stmt_num_rows(statement), n = 0;
  narrow_row *rows = malloc(capacity * sizeof *rows);
  char *texts = malloc(capacity * 20), *end = texts; // VARCHAR(20), and all of it is ASCII
  for (; n < capacity && mysql_stmt_fetch(statement) == 0; n++) {
    rows[n] = row;
    rows[n].s = memcpy(end, text, row.s_size);
    end += row.s_size;
  }
  clock_stop();
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += rows[i].id;
  }
  answer((long)n, sum, NULL);
  free(rows);
  free(texts);
  mysql_stmt_close(statement);
  mysql_close(mysql);
}
