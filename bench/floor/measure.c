#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static struct {
  double wall, cpu, user;
  long rss0, rss;
} measured;

static const char *setting(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value && *value ? value : otherwise;
}

bool is_workload(const char *name) {
  return strcmp(setting("WORKLOAD", "point"), name) == 0;
}

static double scale(void) {
  return atof(setting("BENCH_SCALE", "1"));
}

long scaled(long n) {
  long count = (long)((double)n * scale());
  return count > 0 ? count : 1;
}

int *ids_of(long n) {
  int *ids = malloc((size_t)n * sizeof *ids);
  uint64_t x = 42;
  for (long i = 0; i < n; i++) {
    x = x * 16807 % 2147483647;
    ids[i] = (int)(1 + x % 100000);
  }
  return ids;
}

const char *scan_of(const char *sql) {
  static char limited[SQL_SIZE];
  if (scale() >= 1) {
    return sql;
  }
  snprintf(limited, sizeof limited, "%s LIMIT %ld", sql, (long)(1000000 * scale()));
  return limited;
}

static double seconds(struct timeval t) {
  return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// ru_maxrss would be that of whoever started this program: it survives exec.
static long peak_rss(void) {
  char line[256];
  long kilobytes = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status)) {
    sscanf(line, "VmHWM: %ld", &kilobytes);
  }
  fclose(status);
  return kilobytes;
}

void clock_start(void) {
  struct rusage usage;
  measured.rss0 = peak_rss();
  getrusage(RUSAGE_SELF, &usage);
  measured.user = seconds(usage.ru_utime);
  measured.cpu = measured.user + seconds(usage.ru_stime);
  measured.wall = now();
}

void clock_stop(void) {
  struct rusage usage;
  measured.wall = now() - measured.wall;
  getrusage(RUSAGE_SELF, &usage);
  double user = seconds(usage.ru_utime);
  measured.cpu = user + seconds(usage.ru_stime) - measured.cpu;
  measured.user = user - measured.user;
  measured.rss = peak_rss();
}

void answer(long operations, double check, const char *note) {
  printf("{\"peer\": \"floor-c\", \"workload\": \"%s\", \"ops\": %ld, \"wall_s\": %.6f, "
         "\"cpu_s\": %.6f, \"user_s\": %.6f, \"rss_kb\": %ld, \"rss0_kb\": %ld, \"check\": %.0f, "
         "\"version\": \"libmariadb %s\"",
         setting("WORKLOAD", "point"),
         operations,
         measured.wall,
         measured.cpu,
         measured.user,
         measured.rss,
         measured.rss0,
         check,
         mysql_get_client_info());
  if (note) {
    printf(", \"note\": \"%s\"", note);
  }
  puts("}");
}

void skip(const char *why) {
  printf("{\"peer\": \"floor-c\", \"workload\": \"%s\", \"skip\": \"%s\"}\n",
         setting("WORKLOAD", "point"),
         why);
}

void fail(MYSQL *mysql, const char *what) {
  fprintf(stderr, "%s: %s\n", what, mysql_error(mysql));
  exit(1);
}

void fail_statement(MYSQL_STMT *statement, const char *what) {
  fprintf(stderr, "%s: %s\n", what, mysql_stmt_error(statement));
  exit(1);
}

// Connections ------------------------------------------------------------------------------------

MYSQL *begin_connection(void) {
  MYSQL *mysql = mysql_init(NULL);
  mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  return mysql;
}

void finish_connection(MYSQL *mysql, transport over) {
  my_bool yes = 1, no = 0;
  bool is_unix = over == OVER_UNIX;
  if (over == OVER_TLS) {
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &no);
  }
  const char *host = is_unix ? "localhost" : setting("BENCH_HOST", "127.0.0.1");
  const char *socket = is_unix ? setting("BENCH_SOCKET", "/run/mysqld/mysqld.sock") : NULL;
  unsigned port = is_unix ? 0 : (unsigned)atoi(setting("BENCH_PORT", "3306"));
  if (!mysql_real_connect(mysql,
                          host,
                          setting("BENCH_USER", "bench"),
                          setting("BENCH_PASSWORD", "bench"),
                          setting("BENCH_DATABASE", "bench"),
                          port,
                          socket,
                          0)) {
    fail(mysql, "connect");
  }
}

MYSQL *open_connection(transport over) {
  MYSQL *mysql = begin_connection();
  finish_connection(mysql, over);
  return mysql;
}

void run(MYSQL *mysql, const char *sql, size_t size) {
  if (mysql_real_query(mysql, sql, size) != 0) {
    fail(mysql, sql);
  }
}

MYSQL_STMT *prepared(MYSQL *mysql, const char *sql) {
  MYSQL_STMT *statement = mysql_stmt_init(mysql);
  if (mysql_stmt_prepare(statement, sql, strlen(sql)) != 0) {
    fail_statement(statement, sql);
  }
  return statement;
}
