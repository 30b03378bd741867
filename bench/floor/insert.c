// Inserts: one statement for each row, and MariaDB's bulk packets.
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char TEXT_FORMAT[] = "row-%ld-xxxxxxxxxxxxxxxxxxxx";

enum { TEXT_SIZE = 64 };

void insert_one(void) {
  long n = scaled(5000);
  MYSQL *mysql = open_connection(OVER_TCP);
  mysql_autocommit(mysql, 0);
  clock_start();
  for (long i = 1; i <= n; i++) {
    char text[TEXT_SIZE], escaped[2 * TEXT_SIZE + 1], sql[SQL_SIZE];
    int size = snprintf(text, sizeof text, TEXT_FORMAT, i);
    mysql_real_escape_string(mysql, escaped, text, (unsigned long)size);
    size = snprintf(sql,
                    sizeof sql,
                    "INSERT INTO ins (a,b,s) VALUES (%ld,%.17g,'%s')",
                    i * 7919,
                    (double)i + 0.25,
                    escaped);
    run(mysql, sql, (size_t)size);
  }
  mysql_commit(mysql);
  clock_stop();
  answer(n, 0, NULL);
  mysql_close(mysql);
}

void insert_many(void) {
  unsigned n = (unsigned)scaled(100000);
  int64_t *a = malloc(n * sizeof *a);
  double *b = malloc(n * sizeof *b);
  char **s = malloc(n * sizeof *s);
  unsigned long *sizes = malloc(n * sizeof *sizes);
  for (unsigned i = 0; i < n; i++) {
    a[i] = (i + 1) * (int64_t)7919;
    b[i] = (i + 1) + 0.25;
    s[i] = malloc(TEXT_SIZE);
    sizes[i] = (unsigned long)snprintf(s[i], TEXT_SIZE, TEXT_FORMAT, i + 1L);
  }
  MYSQL_BIND columns[] = {
      {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = a},
      {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = b},
      {.buffer_type = MYSQL_TYPE_STRING, .buffer = s, .length = sizes},
  };
  MYSQL *mysql = open_connection(OVER_TCP);
  mysql_autocommit(mysql, 0);
  clock_start();
  MYSQL_STMT *statement = prepared(mysql, "INSERT INTO ins (a,b,s) VALUES (?,?,?)");
  mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &n);
  if (mysql_stmt_bind_param(statement, columns) || mysql_stmt_execute(statement)) {
    fail_statement(statement, "execute");
  }
  if (mysql_commit(mysql)) {
    fail(mysql, "commit");
  }
  clock_stop();
  answer(n, 0, "COM_STMT_BULK_EXECUTE");
  mysql_stmt_close(statement);
  mysql_close(mysql);
}
