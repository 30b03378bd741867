// Rows by primary key, one at a time on one connection.
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  long id, k;
  char c[121], pad[61];
} point_row;

static void copy_text(char *to, size_t room, const char *from, unsigned long size) {
  size_t kept = size < room ? size : room - 1;
  memcpy(to, from, kept);
  to[kept] = '\0';
}

static void read_row(MYSQL *mysql, point_row *row) {
  MYSQL_RES *result = mysql_store_result(mysql);
  if (!result) {
    fail(mysql, "no result");
  }
  MYSQL_ROW cells = mysql_fetch_row(result);
  unsigned long *sizes = mysql_fetch_lengths(result);
  row->id = strtol(cells[0], NULL, 10);
  row->k = strtol(cells[1], NULL, 10);
  copy_text(row->c, sizeof row->c, cells[2], sizes[2]);
  copy_text(row->pad, sizeof row->pad, cells[3], sizes[3]);
  mysql_free_result(result);
}

void point(void) {
  long n = scaled(20000);
  int *ids = ids_of(n);
  MYSQL *mysql = open_connection(OVER_TCP);
  point_row row;
  double sum = 0;
  clock_start();
  for (long i = 0; i < n; i++) {
    char sql[SQL_SIZE];
    int size = snprintf(sql, sizeof sql, "SELECT id,k,c,pad FROM sbtest WHERE id=%d", ids[i]);
    run(mysql, sql, (size_t)size);
    read_row(mysql, &row);
    sum += (double)row.k;
  }
  clock_stop();
  answer(n, sum, NULL);
  mysql_close(mysql);
}

// The same without its strings.
void point_narrow(void) {
  long n = scaled(20000);
  int *ids = ids_of(n);
  MYSQL *mysql = open_connection(OVER_TCP);
  double sum = 0;
  clock_start();
  for (long i = 0; i < n; i++) {
    char sql[SQL_SIZE];
    int size = snprintf(sql, sizeof sql, "SELECT id,k FROM sbtest WHERE id=%d", ids[i]);
    run(mysql, sql, (size_t)size);
    MYSQL_RES *result = mysql_store_result(mysql);
    if (!result) {
      fail(mysql, "no result");
    }
    MYSQL_ROW cells = mysql_fetch_row(result);
    point_row row = {.id = strtol(cells[0], NULL, 10), .k = strtol(cells[1], NULL, 10)};
    mysql_free_result(result);
    sum += (double)row.k;
  }
  clock_stop();
  answer(n, sum, NULL);
  mysql_close(mysql);
}

void point_ps(void) {
  long n = scaled(20000);
  int *ids = ids_of(n), id = 0, row_id = 0, k = 0;
  char c[121], pad[61];
  unsigned long c_size = 0, pad_size = 0;
  MYSQL_BIND parameter = {.buffer_type = MYSQL_TYPE_LONG, .buffer = &id};
  MYSQL_BIND columns[] = {
      {.buffer_type = MYSQL_TYPE_LONG, .buffer = &row_id},
      {.buffer_type = MYSQL_TYPE_LONG, .buffer = &k},
      {.buffer_type = MYSQL_TYPE_STRING, .buffer = c, .buffer_length = sizeof c, .length = &c_size},
      {.buffer_type = MYSQL_TYPE_STRING,
       .buffer = pad,
       .buffer_length = sizeof pad,
       .length = &pad_size},
  };
  MYSQL *mysql = open_connection(OVER_TCP);
  MYSQL_STMT *by_id = prepared(mysql, "SELECT id,k,c,pad FROM sbtest WHERE id=?");
  mysql_stmt_bind_param(by_id, &parameter);
  mysql_stmt_bind_result(by_id, columns);
  double sum = 0;
  clock_start();
  for (long i = 0; i < n; i++) {
    id = ids[i];
    if (mysql_stmt_execute(by_id) || mysql_stmt_store_result(by_id) || mysql_stmt_fetch(by_id)) {
      fail_statement(by_id, "execute");
    }
    sum += k;
    mysql_stmt_free_result(by_id);
  }
  clock_stop();
  answer(n, sum, NULL);
  mysql_stmt_close(by_id);
  mysql_close(mysql);
}

void blob(void) {
  enum { BLOBS = 20 };
  MYSQL *mysql = open_connection(OVER_TCP);
  double bytes = 0;
  clock_start();
  for (int i = 1; i <= BLOBS; i++) {
    char sql[SQL_SIZE];
    int size = snprintf(sql, sizeof sql, "SELECT id,b FROM blobs WHERE id=%d", i);
    run(mysql, sql, (size_t)size);
    MYSQL_RES *result = mysql_store_result(mysql);
    if (!result || !mysql_fetch_row(result)) {
      fail(mysql, "no row");
    }
    bytes += (double)mysql_fetch_lengths(result)[1];
    mysql_free_result(result);
  }
  clock_stop();
  answer(BLOBS, bytes, NULL);
  mysql_close(mysql);
}

void connect_and_close(void) {
  transport over = is_workload("connect_unix") ? OVER_UNIX : OVER_TCP;
  long n = scaled(1000);
  double sum = 0;
  mysql_close(open_connection(over));
  clock_start();
  for (long i = 0; i < n; i++) {
    MYSQL *mysql = open_connection(over);
    run(mysql, "SELECT 1", strlen("SELECT 1"));
    MYSQL_RES *result = mysql_store_result(mysql);
    sum += atof(mysql_fetch_row(result)[0]);
    mysql_free_result(result);
    mysql_close(mysql);
  }
  clock_stop();
  answer(n, sum, NULL);
}
