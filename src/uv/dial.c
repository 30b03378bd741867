#include "uv/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// One attempt to reach one address; lives until libuv lets its handle go.
typedef struct attempt {
  uv_poll_t poll;
  struct lun_dial *dial; // NULL once over
  int socket;
} attempt;

struct lun_dial {
  lun_loop *loop;
  lun_dial_handler handler;
  void *context;
  lun_dial **owner; // the caller's pointer, cleared when this ends
  uv_getaddrinfo_t request;
  bool is_resolving;
  bool is_cancelled;
  struct addrinfo *addresses;
  struct addrinfo *next;
  attempt *attempt;
  lun_error error;
  char where[300]; // for messages
};

static void free_dial(lun_dial *dial) {
  if (dial->addresses) {
    freeaddrinfo(dial->addresses);
  }
  free(dial);
}

static void finish(lun_dial *dial, int socket) {
  lun_dial_handler handler = dial->handler;
  void *context = dial->context;
  lun_error error = dial->error;
  *dial->owner = NULL;
  free_dial(dial);
  handler(context, socket, socket < 0 ? &error : NULL);
}

static void fail_attempt(lun_dial *dial, int code) {
  lun_error_set(
      &dial->error, LUN_ERR_IO, "cannot connect to %s: %s", dial->where, uv_strerror(-code));
}

static void on_attempt_closed(uv_handle_t *handle) {
  free(handle->data);
}

// Ends the attempt; returns its socket, which the caller owns now.
static int end_attempt(lun_dial *dial) {
  attempt *ended = dial->attempt;
  int socket = ended->socket;
  dial->attempt = NULL;
  ended->dial = NULL;
  uv_close((uv_handle_t *)&ended->poll, on_attempt_closed);
  return socket;
}

static void try_next(lun_dial *dial);

static void on_writable(uv_poll_t *poll, int status, int events) {
  (void)events;
  attempt *ready = poll->data;
  lun_dial *dial = ready->dial;
  int code = 0;
  socklen_t size = sizeof code;
  // libuv reports every socket error as EBADF; the socket knows which one it was.
  if (getsockopt(ready->socket, SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
    code = errno;
  } else if (code == 0 && status < 0) {
    code = -status;
  }
  int socket = end_attempt(dial);
  if (code == 0) {
    finish(dial, socket);
    return;
  }
  close(socket);
  fail_attempt(dial, code);
  try_next(dial);
}

static bool wait_writable(lun_dial *dial, int socket) {
  attempt *started = calloc(1, sizeof *started);
  if (!started) {
    fail_attempt(dial, ENOMEM);
    return false;
  }
  int code = uv_poll_init(&dial->loop->uv, &started->poll, socket);
  if (code != 0) {
    free(started);
    fail_attempt(dial, -code);
    return false;
  }
  started->poll.data = started;
  started->dial = dial;
  started->socket = socket;
  dial->attempt = started;
  uv_poll_start(&started->poll, UV_WRITABLE, on_writable);
  return true;
}

static int open_socket(int family) {
  int opened = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened >= 0 && family != AF_UNIX) {
    int yes = 1;
    // A command is one write: waiting for more to send would only add a delay.
    setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(opened, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  }
  return opened;
}

// Connects to one address. Returns the socket when that is done at once, else -1: then an attempt
// waits, or dial->error says why there is none.
static int try_address(lun_dial *dial, int family, const struct sockaddr *address, socklen_t size) {
  int opened = open_socket(family);
  if (opened < 0) {
    fail_attempt(dial, errno);
    return -1;
  }
  if (connect(opened, address, size) == 0) {
    return opened;
  }
  int code = errno;
  if (code == EINPROGRESS && wait_writable(dial, opened)) {
    return -1;
  }
  if (code != EINPROGRESS) {
    fail_attempt(dial, code);
  }
  close(opened);
  return -1;
}

static void try_next(lun_dial *dial) {
  while (dial->next) {
    struct addrinfo *address = dial->next;
    dial->next = address->ai_next;
    int socket = try_address(dial, address->ai_family, address->ai_addr, address->ai_addrlen);
    if (socket >= 0) {
      finish(dial, socket);
      return;
    }
    if (dial->attempt) {
      return;
    }
  }
  finish(dial, -1);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses) {
  lun_dial *dial = request->data;
  dial->is_resolving = false;
  dial->addresses = addresses;
  if (dial->is_cancelled) {
    free_dial(dial);
    return;
  }
  if (status != 0) {
    lun_error_set(&dial->error,
                  LUN_ERR_IO,
                  "cannot resolve the name in %s: %s",
                  dial->where,
                  uv_strerror(status));
    finish(dial, -1);
    return;
  }
  dial->next = addresses;
  try_next(dial);
}

static lun_status dial_unix(lun_dial *dial, const char *path, lun_error *error) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the unix socket's path is longer than %zu bytes: %s",
                         sizeof address.sun_path - 1,
                         path);
  }
  memcpy(address.sun_path, path, strlen(path) + 1);
  int socket = try_address(dial, AF_UNIX, (const struct sockaddr *)&address, sizeof address);
  if (socket >= 0 || !dial->attempt) {
    finish(dial, socket);
  }
  return LUN_OK;
}

// An address in numbers needs no thread to resolve it.
static lun_status dial_tcp(lun_dial *dial, const lun_address *to, lun_error *error) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  if (getaddrinfo(to->host, to->port, &hints, &dial->addresses) == 0) {
    dial->next = dial->addresses;
    try_next(dial);
    return LUN_OK;
  }
  dial->addresses = NULL;
  hints.ai_flags = AI_ADDRCONFIG;
  dial->request.data = dial;
  int code =
      uv_getaddrinfo(&dial->loop->uv, &dial->request, on_resolved, to->host, to->port, &hints);
  if (code != 0) {
    return lun_error_set(
        error, LUN_ERR_IO, "cannot resolve the name in %s: %s", dial->where, uv_strerror(code));
  }
  dial->is_resolving = true;
  return LUN_OK;
}

lun_status lun_dial_start(lun_loop *loop,
                          const lun_address *address,
                          lun_dial_handler handler,
                          void *context,
                          lun_dial **owner,
                          lun_error *error) {
  lun_dial *dial = calloc(1, sizeof *dial);
  if (!dial) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  dial->loop = loop;
  dial->handler = handler;
  dial->context = context;
  dial->owner = owner;
  *owner = dial;
  if (address->path) {
    snprintf(dial->where, sizeof dial->where, "unix socket %s", address->path);
  } else {
    const char *brackets = strchr(address->host, ':') ? "[]" : "";
    snprintf(dial->where,
             sizeof dial->where,
             "%.1s%s%s:%s",
             brackets,
             address->host,
             brackets[0] != '\0' ? "]" : "",
             address->port);
  }
  lun_status status =
      address->path ? dial_unix(dial, address->path, error) : dial_tcp(dial, address, error);
  if (status != LUN_OK) {
    *owner = NULL;
    free_dial(dial);
  }
  return status;
}

void lun_dial_cancel(lun_dial *dial) {
  if (!dial) {
    return;
  }
  *dial->owner = NULL;
  if (dial->attempt) {
    close(end_attempt(dial));
  }
  if (dial->is_resolving) {
    // The thread may be inside the resolver: it cannot be stopped, only ignored.
    dial->is_cancelled = true;
    uv_cancel((uv_req_t *)&dial->request);
    return;
  }
  free_dial(dial);
}
