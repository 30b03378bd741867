// Sixteen connections with a query in flight on each, by libmariadb's non-blocking calls and poll.
#include "floor.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECTIONS = 16, TASKS = 64 };

typedef struct {
  MYSQL *mysql;
  MYSQL_RES *result;
  char sql[SQL_SIZE];
  bool is_storing; // the query was answered, its rows are being read
  int waits_for;   // MYSQL_WAIT_*, 0 when idle
} client;

static struct {
  int *ids;
  long next, count;
  double sum;
} queue;

// Each of these gives what to wait for, 0 when it is done.

static int send_next(client *self) {
  int failed = 0;
  int size = snprintf(self->sql,
                      sizeof self->sql,
                      "SELECT id,k,c,pad FROM sbtest WHERE id=%d",
                      queue.ids[queue.next++]);
  self->is_storing = false;
  int wait = mysql_real_query_start(&failed, self->mysql, self->sql, (unsigned long)size);
  if (!wait && failed) {
    fail(self->mysql, self->sql);
  }
  return wait;
}

static int store(client *self) {
  self->is_storing = true;
  return mysql_store_result_start(&self->result, self->mysql);
}

static int go_on(client *self, int ready) {
  int failed = 0;
  if (self->is_storing) {
    return mysql_store_result_cont(&self->result, self->mysql, ready);
  }
  int wait = mysql_real_query_cont(&failed, self->mysql, ready);
  if (!wait && failed) {
    fail(self->mysql, self->sql);
  }
  return wait;
}

static void read_result(client *self) {
  if (!self->result) {
    fail(self->mysql, "no result");
  }
  MYSQL_ROW row = mysql_fetch_row(self->result);
  queue.sum += (double)strtol(row[1], NULL, 10);
  mysql_free_result(self->result);
}

// Goes on until this client has to wait, or there is nothing left to ask.
static void advance(client *self, int wait) {
  while (!wait) {
    if (!self->is_storing) {
      wait = store(self);
      continue;
    }
    read_result(self);
    if (queue.next == queue.count) {
      break;
    }
    wait = send_next(self);
  }
  self->waits_for = wait;
}

static void wait_for_all(client *clients) {
  struct pollfd polled[CONNECTIONS];
  for (;;) {
    int waiting = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      int events = clients[i].waits_for;
      waiting += events != 0;
      polled[i].fd = events ? (int)mysql_get_socket(clients[i].mysql) : -1;
      polled[i].events = (short)((events & MYSQL_WAIT_READ ? POLLIN : 0)
                                 | (events & MYSQL_WAIT_WRITE ? POLLOUT : 0));
    }
    if (waiting == 0) {
      return;
    }
    poll(polled, CONNECTIONS, -1);
    for (int i = 0; i < CONNECTIONS; i++) {
      if (polled[i].fd >= 0 && polled[i].revents) {
        int ready = (polled[i].revents & POLLOUT ? MYSQL_WAIT_WRITE : 0)
                    | (polled[i].revents & ~POLLOUT ? MYSQL_WAIT_READ : 0);
        advance(&clients[i], go_on(&clients[i], ready));
      }
    }
  }
}

void concurrent(void) {
  static client clients[CONNECTIONS];
  queue.count = scaled(40000) / TASKS * TASKS;
  queue.ids = ids_of(queue.count);
  for (int i = 0; i < CONNECTIONS; i++) {
    clients[i].mysql = begin_connection();
    mysql_options(clients[i].mysql, MYSQL_OPT_NONBLOCK, 0);
    finish_connection(clients[i].mysql, OVER_TCP);
  }
  clock_start();
  for (int i = 0; i < CONNECTIONS && queue.next < queue.count; i++) {
    advance(&clients[i], send_next(&clients[i]));
  }
  wait_for_all(clients);
  clock_stop();
  answer(queue.count, queue.sum, "non-blocking calls and poll");
  for (int i = 0; i < CONNECTIONS; i++) {
    mysql_close(clients[i].mysql);
  }
}
