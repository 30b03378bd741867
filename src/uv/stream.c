#include "uv/stream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

void lun_stream_init(lun_stream *stream, lun_loop *loop) {
  *stream = (lun_stream){.loop = loop, .socket = -1, .is_busy = true};
  lun_list_init(&stream->stale);
  lun_list_init(&stream->awaited);
}

static void mark_stale(lun_stream *stream) {
  lun_list_remove(&stream->stale);
  lun_list_push_back(&stream->loop->stale, &stream->stale);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  lun_stream *stream = poll->data;
  // A poll error shows itself, with its reason, in the receive that follows.
  bool is_readable = status < 0 || (events & UV_READABLE) != 0;
  if (status < 0) {
    stream->told = 0; // libuv stopped watching
    mark_stale(stream);
  }
  if (events & UV_WRITABLE) {
    stream->is_blocked = false;
  }
  stream->on_ready(stream->context, is_readable);
}

// A call says itself when it must not wait, so that one that may can.
static void let_block(int socket) {
  int no = 0;
  ioctl(socket, FIONBIO, &no);
}

bool lun_stream_limit_waits(int socket, int milliseconds) {
  struct timeval longest = {.tv_usec = (suseconds_t)milliseconds * 1000};
  return setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest) == 0;
}

void lun_stream_open(lun_stream *stream, int socket, lun_stream_handler on_ready, void *context) {
  stream->socket = socket;
  stream->on_ready = on_ready;
  stream->context = context;
  stream->is_unlimited = false;
  stream->long_waits = 0;
  stream->may_wait = lun_stream_limit_waits(socket, LUN_LONGEST_BLOCK_MS);
  let_block(socket);
  lun_stream_set_busy(stream, stream->is_busy);
}

static void on_closed(uv_handle_t *handle) {
  lun_loop *loop = (lun_loop *)handle->loop; // its first member
  loop->closing--;
  free(handle);
}

void lun_stream_close(lun_stream *stream) {
  if (stream->socket < 0) {
    return;
  }
  lun_list_remove(&stream->stale);
  lun_list_remove(&stream->awaited);
  if (stream->poll) {
    uv_close((uv_handle_t *)stream->poll, on_closed);
    stream->loop->closing++;
  }
  close(stream->socket);
  stream->poll = NULL;
  stream->is_held = false;
  stream->socket = -1;
  stream->events = 0;
  stream->told = 0;
}

static int port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                              : ((const struct sockaddr_in *)address)->sin_port);
}

bool lun_stream_ends_of(const lun_stream *stream, lun_stream_ends *ends) {
  struct sockaddr_storage peer = {0};
  struct sockaddr_storage local = {0};
  socklen_t peer_size = sizeof peer;
  socklen_t local_size = sizeof local;
  if (stream->socket < 0 || getpeername(stream->socket, (struct sockaddr *)&peer, &peer_size) != 0
      || getsockname(stream->socket, (struct sockaddr *)&local, &local_size) != 0
      || (peer.ss_family != AF_INET && peer.ss_family != AF_INET6)) {
    return false;
  }
  int code = getnameinfo(
      (struct sockaddr *)&peer, peer_size, ends->host, sizeof ends->host, NULL, 0, NI_NUMERICHOST);
  ends->port = port_of(&peer);
  ends->local_port = port_of(&local);
  return code == 0;
}

void lun_stream_watch(lun_stream *stream) {
  int events = (stream->is_paused ? 0 : UV_READABLE) | (stream->is_blocked ? UV_WRITABLE : 0);
  if (stream->socket >= 0 && events != stream->events) {
    stream->events = events;
    mark_stale(stream);
  }
}

void lun_stream_set_busy(lun_stream *stream, bool is_busy) {
  stream->is_busy = is_busy;
  lun_list_remove(&stream->awaited);
  if (stream->socket < 0) {
    return;
  }
  if (!is_busy && stream->is_held) {
    stream->is_held = false;
    uv_unref((uv_handle_t *)stream->poll);
  } else if (is_busy && !stream->is_held) {
    lun_list_push_back(&stream->loop->awaited, &stream->awaited);
  }
}

static int make_poll(lun_stream *stream) {
  uv_poll_t *poll = malloc(sizeof *poll);
  int code = poll ? uv_poll_init(&stream->loop->uv, poll, stream->socket) : UV_ENOMEM;
  if (code != 0) {
    free(poll);
    return code;
  }
  let_block(stream->socket); // which libuv takes back
  poll->data = stream;
  stream->poll = poll;
  stream->is_held = stream->is_busy;
  if (!stream->is_held) {
    uv_unref((uv_handle_t *)poll);
  }
  return 0;
}

// Returns libuv's code.
static int tell(lun_stream *stream) {
  if (stream->events == stream->told) {
    return 0;
  }
  int code = stream->poll ? 0 : make_poll(stream);
  if (code == 0) {
    code = stream->events ? uv_poll_start(stream->poll, stream->events, on_poll)
                          : uv_poll_stop(stream->poll);
  }
  stream->told = code == 0 ? stream->events : 0;
  return code;
}

bool lun_stream_tell_libuv(lun_loop *loop) {
  bool is_told = true;
  lun_list *node;
  while ((node = lun_list_first(&loop->stale))) {
    lun_stream *stream = LUN_LIST_ELEMENT(node, lun_stream, stale);
    lun_list_remove(node);
    stream->failure = tell(stream);
    if (stream->failure != 0) {
      is_told = false;
      stream->on_ready(stream->context, true); // the receive that follows says so, and it is closed
    }
  }
  while ((node = lun_list_first(&loop->awaited))) {
    lun_list_remove(node);
    lun_stream *stream = LUN_LIST_ELEMENT(node, lun_stream, awaited);
    if (stream->poll) {
      stream->is_held = true;
      uv_ref((uv_handle_t *)stream->poll);
    }
  }
  return is_told;
}

lun_status lun_stream_send(
    lun_stream *stream, const lun_view *parts, size_t part_count, size_t *count, lun_error *error) {
  enum { MOST_PARTS = 16 };
  // The last words go with the end of the stream: the socket holds them back until it is closed.
  int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (stream->is_ending ? MSG_MORE : 0);
  struct iovec vectors[MOST_PARTS];
  size_t used = part_count < MOST_PARTS ? part_count : MOST_PARTS;
  for (size_t i = 0; i < used; i++) {
    vectors[i] = (struct iovec){(void *)parts[i].data, parts[i].size};
  }
  struct msghdr message = {.msg_iov = vectors, .msg_iovlen = used};
  ssize_t sent;
  do {
    sent = used == 1 ? send(stream->socket, parts[0].data, parts[0].size, flags)
                     : sendmsg(stream->socket, &message, flags);
  } while (sent < 0 && errno == EINTR);
  *count = sent > 0 ? (size_t)sent : 0;
  if (sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK) {
    return LUN_OK;
  }
  return lun_error_set(
      error, LUN_ERR_IO, "lost the connection while sending: %s", uv_strerror(-errno));
}

bool lun_stream_is_writable(const lun_stream *stream) {
  struct pollfd state = {.fd = stream->socket, .events = POLLOUT};
  return poll(&state, 1, 0) == 1 && (state.revents & POLLOUT) != 0;
}

static void set_unlimited(lun_stream *stream, bool is_unlimited) {
  int limit = is_unlimited ? 0 : LUN_LONGEST_BLOCK_MS;
  bool is_set = lun_stream_limit_waits(stream->socket, limit);
  stream->is_unlimited = is_unlimited;
  stream->may_wait = is_set || is_unlimited; // as before when the limit could not be taken away
}

// Changing the limit is a system call of its own, so it has to be worth it for some waits to come.
static void choose_limit(lun_stream *stream) {
  enum { SOME = 16 };
  if (!stream->loop->may_block_long) {
    stream->long_waits = 0;
  } else if (stream->long_waits < SOME) {
    stream->long_waits++;
  }
  if (stream->is_unlimited != (stream->long_waits == SOME)) {
    set_unlimited(stream, !stream->is_unlimited);
  }
}

// A signal that comes from here on has the socket wait for a limited time, also when the wait has
// not begun yet, or the kernel begins it again behind the handler.
static ssize_t wait_and_receive(lun_stream *stream, uint8_t *buffer, size_t size) {
  lun_loop *loop = stream->loop;
  choose_limit(stream);
  loop->blocked = stream->socket;
  bool may_wait = stream->may_wait && !loop->is_interrupted;
  ssize_t count = recv(stream->socket, buffer, size, may_wait ? 0 : MSG_DONTWAIT);
  loop->blocked = -1;
  if (loop->is_interrupted) {
    int code = errno;
    set_unlimited(stream, false); // as the handler may have done, or not
    stream->long_waits = 0;
    errno = code;
  }
  return count;
}

lun_received lun_stream_receive(
    lun_stream *stream, uint8_t *buffer, size_t size, lun_view *received, lun_error *error) {
  bool may_block = stream->loop->may_block;
  stream->loop->may_block = false;
  *received = (lun_view){0};
  if (stream->failure != 0) {
    lun_error_set(error, LUN_ERR_IO, "cannot watch the socket: %s", uv_strerror(stream->failure));
    return LUN_RECEIVED_FAILURE;
  }
  ssize_t count;
  do {
    count = may_block ? wait_and_receive(stream, buffer, size)
                      : recv(stream->socket, buffer, size, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR && !may_block);
  bool is_nothing = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  if (is_nothing) {
    return LUN_RECEIVED_NOTHING;
  }
  stream->loop->has_received = true;
  if (count > 0) {
    *received = (lun_view){buffer, (size_t)count};
    return LUN_RECEIVED_BYTES;
  }
  if (count == 0) {
    return LUN_RECEIVED_END;
  }
  lun_error_set(error, LUN_ERR_IO, "lost the connection: %s", uv_strerror(-errno));
  return LUN_RECEIVED_FAILURE;
}
