#include "uv/stream.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void lun_stream_init(lun_stream *stream, lun_loop *loop) {
  *stream = (lun_stream){.loop = loop, .socket = -1, .is_busy = true};
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  lun_stream *stream = poll->data;
  // A poll error shows itself, with its reason, in the receive that follows.
  bool is_readable = status < 0 || (events & UV_READABLE) != 0;
  if (status < 0) {
    stream->events = 0; // libuv stopped watching
  }
  if (events & UV_WRITABLE) {
    stream->is_blocked = false;
  }
  stream->on_ready(stream->context, is_readable);
}

lun_status lun_stream_open(
    lun_stream *stream, int socket, lun_stream_handler on_ready, void *context, lun_error *error) {
  stream->socket = socket;
  stream->on_ready = on_ready;
  stream->context = context;
  uv_poll_t *poll = malloc(sizeof *poll);
  int code = poll ? uv_poll_init(&stream->loop->uv, poll, socket) : UV_ENOMEM;
  if (code != 0) {
    free(poll);
    close(socket);
    stream->socket = -1;
    return lun_error_set(error, LUN_ERR_IO, "cannot watch the socket: %s", uv_strerror(code));
  }
  poll->data = stream;
  stream->poll = poll;
  lun_stream_set_busy(stream, stream->is_busy);
  return LUN_OK;
}

static void on_closed(uv_handle_t *handle) {
  free(handle);
}

void lun_stream_close(lun_stream *stream) {
  if (stream->socket < 0) {
    return;
  }
  uv_close((uv_handle_t *)stream->poll, on_closed);
  close(stream->socket);
  stream->poll = NULL;
  stream->socket = -1;
  stream->events = 0;
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
  if (stream->socket < 0 || events == stream->events) {
    return;
  }
  stream->events = events;
  if (events) {
    uv_poll_start(stream->poll, events, on_poll);
  } else {
    uv_poll_stop(stream->poll);
  }
}

void lun_stream_set_busy(lun_stream *stream, bool is_busy) {
  stream->is_busy = is_busy;
  if (!stream->poll) {
    return;
  }
  if (is_busy) {
    uv_ref((uv_handle_t *)stream->poll);
  } else {
    uv_unref((uv_handle_t *)stream->poll);
  }
}

lun_status lun_stream_send(
    lun_stream *stream, const lun_view *parts, size_t part_count, size_t *count, lun_error *error) {
  enum { MOST_PARTS = 16 };
  struct iovec vectors[MOST_PARTS];
  size_t used = part_count < MOST_PARTS ? part_count : MOST_PARTS;
  for (size_t i = 0; i < used; i++) {
    vectors[i] = (struct iovec){(void *)parts[i].data, parts[i].size};
  }
  struct msghdr message = {.msg_iov = vectors, .msg_iovlen = used};
  ssize_t sent;
  do {
    sent = used == 1 ? send(stream->socket, parts[0].data, parts[0].size, MSG_NOSIGNAL)
                     : sendmsg(stream->socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  *count = sent > 0 ? (size_t)sent : 0;
  if (sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK) {
    return LUN_OK;
  }
  return lun_error_set(
      error, LUN_ERR_IO, "lost the connection while sending: %s", uv_strerror(-errno));
}

lun_received lun_stream_receive(
    lun_stream *stream, uint8_t *buffer, size_t size, lun_view *received, lun_error *error) {
  ssize_t count;
  *received = (lun_view){0};
  do {
    count = recv(stream->socket, buffer, size, 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    *received = (lun_view){buffer, (size_t)count};
    return LUN_RECEIVED_BYTES;
  }
  if (count == 0) {
    return LUN_RECEIVED_END;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return LUN_RECEIVED_NOTHING;
  }
  lun_error_set(error, LUN_ERR_IO, "lost the connection: %s", uv_strerror(-errno));
  return LUN_RECEIVED_FAILURE;
}
