// What a driver would cost if it were only C: the workloads of ../README.md with libmariadb, which
// blocks, and values turned into C types.
#pragma once

#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SQL_SIZE = 512 };

// Is this the workload that was asked for?
bool is_workload(const char *name);

// `n` operations under BENCH_SCALE, never none.
long scaled(long n);

// The first `n` ids of the sequence that every peer asks for. Never freed.
int *ids_of(long n);

// "SELECT ... LIMIT n" when BENCH_SCALE is below 1, in a static buffer.
const char *scan_of(const char *sql);

// Inside the clock is what lies between these.
void clock_start(void);
void clock_stop(void);

// Prints the line of JSON. `note` may be NULL.
void answer(long operations, double check, const char *note);
void skip(const char *why);

// Ends the process with the error of `mysql`.
_Noreturn void fail(MYSQL *mysql, const char *what);
_Noreturn void fail_statement(MYSQL_STMT *statement, const char *what);

typedef enum { OVER_TCP, OVER_UNIX, OVER_TLS } transport;

// What mysql_real_connect wants, from the environment.
MYSQL *open_connection(transport over);
MYSQL *begin_connection(void); // with the character set, not connected
void finish_connection(MYSQL *mysql, transport over);
void run(MYSQL *mysql, const char *sql, size_t size);
MYSQL_STMT *prepared(MYSQL *mysql, const char *sql);

// The workloads.
void point(void);
void point_ps(void);
void point_narrow(void);
void point_bare(void);
void scan(void);
void scan_ps(void);
void scan_wide(void);
void stream(void);
void insert_one(void);
void insert_many(void);
void concurrent(void);
void concurrent_bare(void);
void connect_and_close(void);
void blob(void);
