/// A connected socket and the readiness of it: libuv says when, we send and receive ourselves.
#pragma once

#include "base/error.h"
#include "uv/loop.h"

/// Called when the socket is readable, or writable after it was blocked.
typedef void (*lun_stream_handler)(void *context, bool is_readable);

/// A receive may wait so many milliseconds when it is all that is waited for: see
/// lun_loop_wait_alone(). Signals end it, and a timer that is due earlier prevents it. Without a
/// limit the kernel has no timer to start and stop for each wait: that is for one stream and no
/// timer at all.
enum { LUN_LONGEST_BLOCK_MS = 10 };

typedef struct lun_stream {
  lun_loop *loop;
  uv_poll_t *poll;  // its own memory: libuv lets go of a handle later than we do; made when needed
  int socket;       // -1 when closed
  int events;       // to be watched
  int told;         // of them, what libuv was told to watch
  int failure;      // why libuv cannot watch, one of its codes; else 0
  lun_list stale;   // in loop->stale
  lun_list awaited; // in loop->awaited
  bool is_blocked;  // the socket did not take all that was to be sent
  bool is_paused;   // nothing is to be received for now
  bool is_busy;
  bool is_held;       // its handle keeps libuv's loop alive
  bool may_wait;      // false where the system refuses to limit the waits of the socket
  bool is_unlimited;  // the socket has no limit of its waits
  uint8_t long_waits; // that could have had none, one after the other, as far as they count
  bool is_ending;     // what is sent from now on is the last, and it is closed at once
  lun_stream_handler on_ready;
  void *context;
} lun_stream;

typedef enum lun_received {
  LUN_RECEIVED_BYTES,
  LUN_RECEIVED_NOTHING, // not now
  LUN_RECEIVED_END,     // the peer closed
  LUN_RECEIVED_FAILURE,
} lun_received;

/// Makes a closed stream.
void lun_stream_init(lun_stream *stream, lun_loop *loop);

/// Takes `socket`.
void lun_stream_open(lun_stream *stream, int socket, lun_stream_handler on_ready, void *context);

/// Closes the socket at once; nothing happens when it is closed.
void lun_stream_close(lun_stream *stream);

/// The addresses of both ends of a TCP connection.
typedef struct lun_stream_ends {
  char host[64]; // of the peer, numeric
  int port;
  int local_port;
} lun_stream_ends;

/// Tells where the stream is connected to. Returns false for a closed one and for a unix socket.
bool lun_stream_ends_of(const lun_stream *stream, lun_stream_ends *ends);

/// Watches for what is wanted, readable unless paused, writable while blocked, from the next step
/// of the loop.
void lun_stream_watch(lun_stream *stream);

/// A busy stream keeps the loop alive.
void lun_stream_set_busy(lun_stream *stream, bool is_busy);

/// Tells libuv what streams are watched for, and which of them keep the loop alive. Returns false
/// when it cannot watch one, whose handler knows by then.
bool lun_stream_tell_libuv(lun_loop *loop);

/// Sends what the socket takes of `parts`; `*count` is 0 when it takes nothing now.
lun_status lun_stream_send(
    lun_stream *stream, const lun_view *parts, size_t part_count, size_t *count, lun_error *error);

/// Whether the socket takes something now.
bool lun_stream_is_writable(const lun_stream *stream);

/// Limits the waits of a socket, 0 for no limit; may be called in signal handlers. Returns false
/// when the system refuses to.
bool lun_stream_limit_waits(int socket, int milliseconds);

/// Receives up to `size` bytes into `buffer`; `*received` is empty unless bytes came.
lun_received lun_stream_receive(
    lun_stream *stream, uint8_t *buffer, size_t size, lun_view *received, lun_error *error);
