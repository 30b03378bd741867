#include "uv/race.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double DELAY = 0.25; // seconds: the Connection Attempt Delay that RFC 8305 recommends

struct lun_attempt {
  uv_poll_t poll; // libuv lets go of it later than we do
  lun_race *race;
  size_t index; // of its address
  int socket;
};

static void on_attempt_closed(uv_handle_t *handle) {
  free(handle->data);
}

// Ends the attempt; returns its socket, which the caller owns now.
static int end_attempt(lun_race *race, size_t index) {
  lun_attempt *ended = race->attempts[index];
  int socket = ended->socket;
  race->attempts[index] = NULL;
  race->pending--;
  uv_close((uv_handle_t *)&ended->poll, on_attempt_closed);
  return socket;
}

void lun_race_stop(lun_race *race) {
  if (race->loop) {
    lun_timer_stop(race->loop, &race->delay);
  }
  for (size_t i = 0; race->pending > 0; i++) {
    if (race->attempts[i]) {
      close(end_attempt(race, i));
    }
  }
}

static void finish(lun_race *race, int socket) {
  lun_race_stop(race);
  race->handler(race->context, socket);
}

static void try_next(lun_race *race);

static void on_writable(uv_poll_t *poll, int status, int events) {
  (void)events;
  lun_attempt *ready = poll->data;
  lun_race *race = ready->race;
  size_t index = ready->index;
  int code = 0;
  socklen_t size = sizeof code;
  // libuv reports every socket error as EBADF; the socket knows which one it was.
  if (getsockopt(ready->socket, SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
    code = errno;
  } else if (code == 0 && status < 0) {
    code = -status;
  }
  int socket = end_attempt(race, index);
  if (code == 0) {
    finish(race, socket);
    return;
  }
  close(socket);
  race->codes[index] = code;
  // While a later attempt waits, the delay after that one goes on.
  if (index + 1 == race->next || race->pending == 0) {
    try_next(race);
  }
}

// Returns errno, 0 when the attempt waits.
static int wait_writable(lun_race *race, size_t index, int socket) {
  lun_attempt *started = calloc(1, sizeof *started);
  if (!started) {
    return ENOMEM;
  }
  int code = uv_poll_init(&race->loop->uv, &started->poll, socket);
  if (code != 0) {
    free(started);
    return -code;
  }
  started->poll.data = started;
  started->race = race;
  started->index = index;
  started->socket = socket;
  race->attempts[index] = started;
  race->pending++;
  uv_poll_start(&started->poll, UV_WRITABLE, on_writable);
  return 0;
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

// Has the socket connect from an address of the user's. Its port is chosen when it connects, so
// that one may serve connections to several servers. Returns errno.
static int bind_to(int opened, const lun_socket_address *local) {
#ifdef IP_BIND_ADDRESS_NO_PORT
  int yes = 1;
  setsockopt(opened, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
#endif
  return bind(opened, (const struct sockaddr *)&local->socket, local->size) == 0 ? 0 : errno;
}

// On one machine a connection is there at once, though connect() says that it is in progress.
static bool is_connected(int socket) {
  struct pollfd state = {.fd = socket, .events = POLLOUT};
  return poll(&state, 1, 0) == 1 && state.revents == POLLOUT;
}

// Connects to one address. Returns the socket when that is done at once, else -1: then an attempt
// waits, or race->codes says why there is none.
static int try_address(lun_race *race, size_t index) {
  const lun_socket_address *address = &race->addresses->list[index];
  int opened = open_socket(address->socket.ss_family);
  if (opened < 0) {
    race->codes[index] = errno;
    return -1;
  }
  bool is_bound = race->local && address->socket.ss_family != AF_UNIX;
  race->codes[index] = is_bound ? bind_to(opened, race->local) : 0;
  if (race->codes[index] != 0) {
    close(opened);
    return -1;
  }
  if (connect(opened, (const struct sockaddr *)&address->socket, address->size) == 0) {
    return opened;
  }
  int code = errno;
  if (code == EINPROGRESS || code == EINTR) { // an interrupted connect goes on by itself
    if (is_connected(opened)) {
      return opened;
    }
    code = wait_writable(race, index, opened);
  }
  if (code != 0) {
    race->codes[index] = code;
    close(opened);
  }
  return -1;
}

static void on_delay(lun_timer *timer) {
  try_next(LUN_LIST_ELEMENT(timer, lun_race, delay));
}

// Starts attempts until one waits.
static void try_next(lun_race *race) {
  lun_timer_stop(race->loop, &race->delay);
  while (race->next < race->addresses->count) {
    size_t index = race->next++;
    int socket = try_address(race, index);
    if (socket >= 0) {
      finish(race, socket);
      return;
    }
    bool is_last = race->next == race->addresses->count;
    if (race->attempts[index]
        && (is_last || lun_timer_start(race->loop, &race->delay, DELAY) == LUN_OK)) {
      return;
    }
  }
  if (race->pending == 0) {
    finish(race, -1);
  }
}

void lun_race_start(lun_race *race,
                    lun_loop *loop,
                    const lun_addresses *addresses,
                    const lun_socket_address *local,
                    lun_race_handler handler,
                    void *context) {
  *race = (lun_race){
      .loop = loop,
      .addresses = addresses,
      .local = local,
      .handler = handler,
      .context = context,
      .delay.on_expire = on_delay,
  };
  try_next(race);
}

void lun_race_describe(const lun_race *race, char *text, size_t size) {
  enum { REST = sizeof "; and 16 more" };
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < race->next; i++) {
    char address[INET6_ADDRSTRLEN + 32]; // with the name of an interface
    char part[sizeof address + 128];
    lun_socket_address_print(&race->addresses->list[i], address, sizeof address);
    const char *fate = race->codes[i] != 0 ? uv_strerror(-race->codes[i]) : "no answer";
    int length = snprintf(part, sizeof part, "%s%s: %s", i > 0 ? "; " : "", address, fate);
    if (used + (size_t)length + REST > size) {
      snprintf(text + used, size - used, "%sand %zu more", i > 0 ? "; " : "", race->next - i);
      return;
    }
    memcpy(text + used, part, (size_t)length + 1);
    used += (size_t)length;
  }
}
