// What no driver can do without: the bytes of `point` and `concurrent` over the same sockets.
// Nothing is parsed, and nothing is kept.
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { CONNECTIONS = 16, TASKS = 64, HEADER = 4, ROOM = 64 * 1024, EOF_PACKET = 9 };

static struct {
  int *ids;
  long next, count;
  double bytes;
} work;

static uint8_t received[ROOM];

static void fail_here(const char *what) {
  perror(what);
  exit(1);
}

// The login is libmariadb's.
static int open_socket(MYSQL **mysql) {
  *mysql = open_connection(OVER_TCP);
  int socket = (int)mysql_get_socket(*mysql);
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK);
  return socket;
}

static void send_next(int socket) {
  char bytes[SQL_SIZE];
  static const char COM_QUERY = 3;
  char *sql = bytes + HEADER + 1;
  int id = work.ids[work.next++];
  int size =
      snprintf(sql, SQL_SIZE - HEADER - 1, "SELECT id,k,c,pad FROM sbtest WHERE id=%d", id) + 1;
  memcpy(bytes, (char[]){(char)size, 0, 0, 0, COM_QUERY}, HEADER + 1);
  if (send(socket, bytes, (size_t)(HEADER + size), MSG_NOSIGNAL) != HEADER + size) {
    fail_here("send");
  }
}

// Is that the end of the answer? The last packet of rows is an EOF of five bytes.
static bool is_end(size_t size) {
  const uint8_t *packet = received + size - EOF_PACKET;
  return size >= EOF_PACKET && packet[0] == 5 && packet[1] == 0 && packet[2] == 0
         && packet[HEADER] == 0xfe;
}

// Receives what there is, or is to come. Returns whether the answer has ended with that.
static bool receive_some(int socket) {
  ssize_t size = recv(socket, received, sizeof received, 0);
  if (size <= 0) {
    fail_here("recv");
  }
  work.bytes += (double)size;
  return is_end((size_t)size);
}

static void begin(long count) {
  work.count = count;
  work.ids = ids_of(count);
}

void point_bare(void) {
  MYSQL *mysql;
  int socket = open_socket(&mysql);
  begin(scaled(20000));
  clock_start();
  while (work.next < work.count) {
    send_next(socket);
    while (!receive_some(socket)) {
    }
  }
  clock_stop();
  answer(work.count, work.bytes, "a socket, no driver");
  mysql_close(mysql);
}

static void serve(int epoll) {
  struct epoll_event ready[CONNECTIONS];
  for (long answered = 0; answered < work.count;) {
    int count = epoll_wait(epoll, ready, CONNECTIONS, -1);
    for (int i = 0; i < count; i++) {
      int socket = ready[i].data.fd;
      if (receive_some(socket)) {
        answered++;
        if (work.next < work.count) {
          send_next(socket);
        }
      }
    }
  }
}

void concurrent_bare(void) {
  static MYSQL *connections[CONNECTIONS];
  int sockets[CONNECTIONS];
  int epoll = epoll_create1(0);
  for (int i = 0; i < CONNECTIONS; i++) {
    sockets[i] = open_socket(&connections[i]);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = sockets[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[i], &event);
  }
  begin(scaled(40000) / TASKS * TASKS);
  clock_start();
  for (int i = 0; i < CONNECTIONS && work.next < work.count; i++) {
    send_next(sockets[i]);
  }
  serve(epoll);
  clock_stop();
  answer(work.count, work.bytes, "sockets and epoll, no driver");
  for (int i = 0; i < CONNECTIONS; i++) {
    mysql_close(connections[i]);
  }
}
