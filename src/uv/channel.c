#include "uv/channel_parts.h"

#include <stdlib.h>

static void hang_up(lun_channel *channel, const lun_error *cause) {
  lun_session_hangup(channel->session, cause);
}

// Gives everything back but the memory of the channel itself.
static void tear_down(lun_channel *channel) {
  lun_timer_stop(channel->stream.loop, &channel->deadline);
  lun_timer_stop(channel->stream.loop, &channel->silence.timer);
  lun_dial_cancel(channel->dial);
  lun_stream_close(&channel->stream);
  lun_tls_free(channel->tls);
  channel->tls = NULL;
}

// The server may have said why before it stopped listening: its words come first.
static void on_send_failed(lun_channel *channel, const lun_error *error);

static void send_output(lun_channel *channel) {
  lun_error error;
  lun_error_clear(&error);
  lun_silence_break(&channel->silence);
  lun_channel_send(channel, &error);
  if (error.status != LUN_OK) {
    on_send_failed(channel, &error);
  }
}

// Whether the rows told so far should be taken before more bytes come.
static bool is_paused(const lun_channel *channel) {
  return lun_session_want(channel->session) == LUN_WANT_PAUSE;
}

// While the server waits for data of ours, or we do not listen, it may be silent.
static lun_expectation expected_of(const lun_channel *channel) {
  if (channel->stream.is_blocked) {
    return LUN_EXPECTS_READING;
  }
  bool is_awaited = lun_session_want(channel->session) == LUN_WANT_READ;
  return is_awaited && !channel->session->is_asking ? LUN_EXPECTS_BYTES : LUN_EXPECTS_NOTHING;
}

static void watch(lun_channel *channel) {
  bool was_paused = channel->stream.is_paused;
  channel->stream.is_paused = is_paused(channel);
  if (was_paused) {
    lun_silence_break(&channel->silence);
  }
  lun_stream_watch(&channel->stream);
  if (channel->has_silence_limits) {
    lun_silence_watch(&channel->silence, channel->stream.loop, expected_of(channel));
  }
}

// Does what the session wants, as far as the stream lets it.
static void serve(lun_channel *channel) {
  for (;;) {
    lun_want want = lun_session_want(channel->session);
    if (want == LUN_WANT_CLOSED) {
      tear_down(channel);
      return;
    }
    if (want == LUN_WANT_TLS && !channel->tls) {
      lun_channel_begin_tls(channel);
      continue;
    }
    if (want == LUN_WANT_TLS) {
      lun_channel_shake_hands(channel);
      if (lun_session_want(channel->session) == LUN_WANT_TLS) {
        break;
      }
      continue;
    }
    if (want != LUN_WANT_WRITE && !lun_channel_has_cipher(channel)) {
      break;
    }
    send_output(channel);
    if (channel->stream.is_blocked) {
      break;
    }
  }
  if (lun_session_want(channel->session) == LUN_WANT_CLOSED) {
    tear_down(channel);
    return;
  }
  watch(channel);
}

// Not before the owner has got the channel: a unix socket connects before open() returns.
static void notify(lun_channel *channel) {
  if (!channel->is_opening) {
    channel->on_change(channel->context);
  }
}

// Decrypts what was received and feeds the session.
static lun_status feed_encrypted(lun_channel *channel, lun_view received, lun_error *error) {
  lun_loop *loop = channel->stream.loop;
  if (!loop->plain && !(loop->plain = malloc(LUN_READ_SIZE))) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  if (lun_tls_feed(channel->tls, received, error) != LUN_OK) {
    return error->status;
  }
  if (!channel->is_encrypted) {
    lun_channel_shake_hands(channel);
  }
  channel->has_cipher_left = channel->is_encrypted;
  while (channel->is_encrypted && !is_paused(channel)
         && lun_session_want(channel->session) != LUN_WANT_CLOSED) {
    size_t count = 0;
    bool is_closed = false;
    size_t size = LUN_READ_SIZE;
    uint8_t *room = lun_session_room(channel->session, &size);
    uint8_t *plain = room ? room : loop->plain;
    lun_status status = lun_tls_read(channel->tls, plain, size, &count, &is_closed, error);
    if (status != LUN_OK) {
      return status;
    }
    if (count > 0) {
      lun_session_feed(channel->session, (lun_view){plain, count});
    } else if (is_closed) {
      hang_up(channel, NULL);
    } else {
      channel->has_cipher_left = false;
      break;
    }
  }
  return LUN_OK;
}

static lun_status feed(lun_channel *channel, lun_view received, lun_error *error) {
  if (channel->tls) {
    return feed_encrypted(channel, received, error);
  }
  lun_session_feed(channel->session, received); // a failure closes the session, which says why
  return LUN_OK;
}

// Decrypts what was received before a pause.
static void go_on(lun_channel *channel) {
  lun_error error = {.status = LUN_OK};
  if (feed_encrypted(channel, (lun_view){0}, &error) != LUN_OK) {
    hang_up(channel, &error);
  }
}

// Receives until the socket is empty, the session closes or pauses, or others should have a turn.
static void receive(lun_channel *channel) {
  enum { TURNS = 16 };
  for (int turn = 0; turn < TURNS && !is_paused(channel); turn++) {
    lun_error error;
    lun_error_clear(&error);
    lun_view received;
    size_t size = LUN_READ_SIZE;
    uint8_t *room = channel->tls ? NULL : lun_session_room(channel->session, &size);
    uint8_t *buffer = room ? room : channel->stream.loop->received;
    lun_received outcome = lun_stream_receive(&channel->stream, buffer, size, &received, &error);
    if (outcome == LUN_RECEIVED_BYTES) {
      lun_silence_break(&channel->silence);
      feed(channel, received, &error);
    }
    if (outcome == LUN_RECEIVED_END) {
      hang_up(channel, NULL);
    } else if (error.status != LUN_OK) {
      hang_up(channel, &error);
    }
    if (lun_session_want(channel->session) == LUN_WANT_CLOSED || received.size < size) {
      return;
    }
  }
}

static void on_send_failed(lun_channel *channel, const lun_error *error) {
  receive(channel);
  hang_up(channel, error);
}

static void on_ready(void *context, bool is_readable) {
  lun_channel *channel = context;
  if (is_readable) {
    receive(channel);
  }
  serve(channel);
  notify(channel);
}

static void on_dialed(void *context, int socket, const lun_error *error) {
  lun_channel *channel = context;
  if (error) {
    hang_up(channel, error);
  } else {
    lun_stream_open(&channel->stream, socket, on_ready, channel);
  }
  serve(channel);
  notify(channel);
}

static void on_deadline(lun_timer *timer) {
  lun_channel *channel = LUN_LIST_ELEMENT(timer, lun_channel, deadline);
  lun_error error;
  char reason[LUN_ERROR_MESSAGE_SIZE / 2];
  lun_dial_describe(channel->dial, reason, sizeof reason);
  lun_error_set(&error,
                LUN_ERR_TIMEOUT,
                "connecting took longer than %g s (%s)",
                channel->connect_timeout,
                reason);
  hang_up(channel, &error);
  tear_down(channel);
  notify(channel);
}

static bool is_silent(lun_channel *channel, lun_error *error) {
  return lun_silence_is_over(&channel->silence, channel->stream.loop, expected_of(channel), error);
}

// While the program computed, nobody looked: what the server did meanwhile comes first.
static void on_silence(lun_timer *timer) {
  lun_channel *channel = LUN_LIST_ELEMENT(timer, lun_channel, silence.timer);
  lun_error error;
  if (!is_silent(channel, &error)) {
    return;
  }
  if (channel->stream.is_blocked && lun_stream_is_writable(&channel->stream)) {
    channel->stream.is_blocked = false;
  } else {
    receive(channel);
    if (is_silent(channel, &error)) {
      hang_up(channel, &error);
    }
  }
  serve(channel);
  notify(channel);
}

static lun_channel *allocate(lun_loop *loop, const lun_channel_options *options) {
  lun_channel *channel = calloc(1, sizeof *channel);
  if (!channel) {
    return NULL;
  }
  if (options->server_name && !(channel->server_name = strdup(options->server_name))) {
    free(channel);
    return NULL;
  }
  lun_stream_init(&channel->stream, loop);
  lun_list_push_back(&loop->channels, &channel->link);
  return channel;
}

lun_channel *lun_channel_open(lun_loop *loop,
                              lun_session *session,
                              const lun_channel_options *options,
                              lun_channel_handler on_change,
                              void *context) {
  lun_channel *channel = allocate(loop, options);
  if (!channel) {
    return NULL;
  }
  channel->session = session;
  channel->on_change = on_change;
  channel->context = context;
  channel->tls_context = options->tls_context;
  channel->connect_timeout = options->connect_timeout;
  channel->deadline.on_expire = on_deadline;
  channel->silence.timer.on_expire = on_silence;
  channel->silence.read_timeout = options->read_timeout;
  channel->silence.write_timeout = options->write_timeout;
  channel->has_silence_limits = options->read_timeout > 0 || options->write_timeout > 0;
  lun_silence_break(&channel->silence);
  channel->is_opening = true;
  if (options->connect_timeout > 0) {
    lun_timer_start(loop, &channel->deadline, options->connect_timeout);
  }
  lun_error error;
  lun_status status =
      lun_dial_start(loop, &options->address, on_dialed, channel, &channel->dial, &error);
  if (status != LUN_OK) {
    hang_up(channel, &error);
    tear_down(channel);
  }
  channel->is_opening = false;
  return channel;
}

void lun_channel_flush(lun_channel *channel) {
  if (channel->dial) {
    return;
  }
  if (channel->has_cipher_left && !is_paused(channel)) {
    go_on(channel);
  }
  bool is_closed = lun_session_want(channel->session) == LUN_WANT_CLOSED;
  if (!channel->stream.is_blocked || is_closed) {
    serve(channel);
  } else {
    watch(channel);
  }
}

void lun_channel_set_ending(lun_channel *channel) {
  channel->stream.is_ending = true;
}

void lun_channel_set_busy(lun_channel *channel, bool is_busy) {
  lun_stream_set_busy(&channel->stream, is_busy);
}

void lun_channel_logged_in(lun_channel *channel) {
  lun_timer_stop(channel->stream.loop, &channel->deadline);
}

bool lun_channel_ends(const lun_channel *channel, lun_stream_ends *ends) {
  return lun_stream_ends_of(&channel->stream, ends);
}

double lun_channel_last_usage(const lun_channel *channel) {
  return channel->silence.last;
}

void lun_channel_close(lun_channel *channel, const lun_error *cause) {
  hang_up(channel, cause);
  tear_down(channel);
}

void lun_channel_free(lun_channel *channel) {
  if (!channel) {
    return;
  }
  tear_down(channel);
  lun_list_remove(&channel->link);
  free(channel->server_name);
  free(channel);
}
