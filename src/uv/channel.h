/// A session on a stream: connects, encrypts, sends and receives what the session wants.
///
/// It never calls Lua; its owner is told that something changed and asks the session for events.
#pragma once

#include "driver/driver.h"
#include "tls/tls.h"
#include "uv/dial.h"
#include "uv/silence.h"
#include "uv/stream.h"
#include "uv/timer.h"

typedef struct lun_channel lun_channel;

/// Called when the session may have events, also when it closed.
typedef void (*lun_channel_handler)(void *context);

typedef struct lun_channel_options {
  lun_address address;
  double connect_timeout; // seconds for name, socket, TLS and login together; 0: none
  double read_timeout;    // seconds that the server may be silent when its words are due; 0: none
  double write_timeout;   // seconds that it may take nothing of what is sent; 0: none
  lun_tls_context *tls_context; // NULL: the session never asks for TLS
  const char *server_name;      // that the certificate must be made out to
} lun_channel_options;

/// Starts connecting; copies the options, borrows `session` until lun_channel_free(). Returns a
/// channel owned by the caller, NULL when out of memory. All other failures close the session.
lun_channel *lun_channel_open(lun_loop *loop,
                              lun_session *session,
                              const lun_channel_options *options,
                              lun_channel_handler on_change,
                              void *context);

/// The login is over: the connect timeout no longer runs.
void lun_channel_logged_in(lun_channel *channel);

/// Sends what the session has queued, in this very tick; what the socket does not take follows.
void lun_channel_flush(lun_channel *channel);

/// What is flushed from now on is the last: lun_channel_close() follows.
void lun_channel_set_ending(lun_channel *channel);

/// A busy channel keeps the loop alive, an idle one does not.
void lun_channel_set_busy(lun_channel *channel, bool is_busy);

/// Tells where the channel is connected to, as lun_stream_ends_of() does.
bool lun_channel_ends(const lun_channel *channel, lun_stream_ends *ends);

/// Returns when bytes went or came last, in seconds as lun_loop_now() counts.
double lun_channel_last_usage(const lun_channel *channel);

/// Closes the stream at once and tells the session `cause` (NULL: an orderly end).
void lun_channel_close(lun_channel *channel, const lun_error *cause);

/// Closes and frees. lun_channel_free(NULL) does nothing.
void lun_channel_free(lun_channel *channel);
