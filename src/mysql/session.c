#include "mysql/session.h"

#include "mysql/proof.h"

#include <openssl/crypto.h>

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

typedef lun_status (*packet_handler)(lun_mysql_session *session, lun_view packet);

// Which handler reads the next packet.
static const packet_handler ON_PACKET[] = {
    [LUN_MYSQL_GREETING] = lun_mysql_on_greeting,
    [LUN_MYSQL_AUTH] = lun_mysql_on_auth,
    [LUN_MYSQL_READY] = lun_mysql_on_ready,
    [LUN_MYSQL_RESPONSE] = lun_mysql_on_response,
    [LUN_MYSQL_PARAMETERS] = lun_mysql_on_parameter,
    [LUN_MYSQL_COLUMNS] = lun_mysql_on_column,
    [LUN_MYSQL_DATA] = lun_mysql_on_data,
    [LUN_MYSQL_ROWS] = lun_mysql_on_row,
    [LUN_MYSQL_CURSOR] = lun_mysql_on_ready,
};

#define TO(phase) (1u << (phase))

// Which phases may follow; all may be followed by CLOSED.
static const unsigned MAY_FOLLOW[] = {
    [LUN_MYSQL_GREETING] = TO(LUN_MYSQL_TLS) | TO(LUN_MYSQL_AUTH),
    [LUN_MYSQL_TLS] = TO(LUN_MYSQL_AUTH),
    [LUN_MYSQL_AUTH] = TO(LUN_MYSQL_READY),
    [LUN_MYSQL_READY] = TO(LUN_MYSQL_RESPONSE) | TO(LUN_MYSQL_AUTH),
    [LUN_MYSQL_RESPONSE] = TO(LUN_MYSQL_RESPONSE) | TO(LUN_MYSQL_PARAMETERS) | TO(LUN_MYSQL_COLUMNS)
                           | TO(LUN_MYSQL_ROWS) | TO(LUN_MYSQL_DATA) | TO(LUN_MYSQL_READY),
    [LUN_MYSQL_PARAMETERS] = TO(LUN_MYSQL_COLUMNS) | TO(LUN_MYSQL_RESPONSE) | TO(LUN_MYSQL_READY),
    [LUN_MYSQL_DATA] = TO(LUN_MYSQL_RESPONSE) | TO(LUN_MYSQL_READY),
    [LUN_MYSQL_COLUMNS] = TO(LUN_MYSQL_ROWS) | TO(LUN_MYSQL_RESPONSE) | TO(LUN_MYSQL_READY),
    [LUN_MYSQL_ROWS] = TO(LUN_MYSQL_CURSOR) | TO(LUN_MYSQL_RESPONSE) | TO(LUN_MYSQL_READY),
    [LUN_MYSQL_CURSOR] = TO(LUN_MYSQL_ROWS) | TO(LUN_MYSQL_RESPONSE),
    [LUN_MYSQL_CLOSED] = 0,
};

void lun_mysql_session_enter(lun_mysql_session *session, lun_mysql_phase phase) {
  assert(phase == LUN_MYSQL_CLOSED || (MAY_FOLLOW[session->phase] & TO(phase)) != 0);
  session->phase = phase;
  session->base.is_asking = phase == LUN_MYSQL_DATA;
}

static lun_error *error_copy(const lun_error *error) {
  lun_error *copy = malloc(sizeof *copy);
  if (copy) {
    *copy = *error;
  }
  return copy;
}

lun_status lun_mysql_session_reserve_events(lun_mysql_session *session, uint32_t more) {
  lun_event *events =
      lun_ring_reserve(&session->event_ring,
                       session->events,
                       sizeof session->events[0],
                       more + session->pending_ring.count + (session->change_token != 0) + 1);
  if (!events) {
    return LUN_ERR_NOMEM;
  }
  session->events = events;
  return LUN_OK;
}

static void push_event(lun_mysql_session *session, const lun_event *event) {
  assert(session->event_ring.count < session->event_ring.capacity);
  session->events[lun_ring_index(&session->event_ring, session->event_ring.count++)] = *event;
}

lun_status lun_mysql_session_tell(lun_mysql_session *session, const lun_event *event) {
  if (lun_mysql_session_reserve_events(session, 1) == LUN_OK) {
    push_event(session, event);
    return LUN_OK;
  }
  lun_result_free(event->result);
  free(event->error);
  return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
}

bool lun_mysql_session_next(lun_session *base, lun_event *event) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  if (session->event_ring.count == 0 && session->compression) {
    lun_mysql_session_feed_kept(session);
  }
  if (session->event_ring.count == 0) {
    return false;
  }
  *event = session->events[lun_ring_index(&session->event_ring, 0)];
  lun_ring_drop(&session->event_ring);
  return true;
}

static void push_failure(lun_mysql_session *session, lun_token token, const lun_error *error) {
  push_event(session,
             &(lun_event){
                 .kind = LUN_EVENT_ERROR,
                 .token = token,
                 .is_last = true,
                 .error = error ? error_copy(error) : NULL,
             });
}

// Every command in flight learns of the end, then the host does.
static void close_session(lun_mysql_session *session, const lun_error *error) {
  lun_mysql_session_enter(session, LUN_MYSQL_CLOSED);
  lun_result_free(session->result);
  session->result = NULL;
  lun_mysql_session_forget_secrets(session);
  if (!session->is_logged_in) {
    lun_mysql_buffer_cleanse(&session->outbox.bytes); // it may hold a password
  }
  lun_outbox_deinit(&session->outbox);
  lun_buffer_deinit(&session->column_bytes);
  lun_buffer_deinit(&session->scratch);
  if (session->change_token != 0) {
    push_failure(session, session->change_token, error);
  }
  free(session->refusal);
  session->refusal = NULL;
  while (session->pending_ring.count > 0) {
    lun_token token = lun_mysql_session_oldest(session)->token;
    lun_mysql_session_drop_oldest(session);
    if (token != 0) {
      push_failure(session, token, error);
    }
  }
  push_event(session,
             &(lun_event){.kind = LUN_EVENT_CLOSED, .error = error ? error_copy(error) : NULL});
}

lun_status lun_mysql_session_fail_with(lun_mysql_session *session, const lun_error *error) {
  lun_status status = error->status;
  if (session->phase != LUN_MYSQL_CLOSED) {
    lun_error copy = *error; // which may be a command's, and go with it
    session->base.status = status;
    session->base.error = error_copy(&copy);
    close_session(session, &copy);
  }
  return status;
}

lun_status lun_mysql_session_why(const lun_mysql_session *session, lun_error *error) {
  if (!session->base.error) {
    return lun_error_set(error, session->base.status, "out of memory");
  }
  *error = *session->base.error;
  return error->status;
}

lun_status
lun_mysql_session_fail(lun_mysql_session *session, lun_status status, const char *format, ...) {
  lun_error error;
  va_list arguments;
  va_start(arguments, format);
  lun_error_set_list(&error, status, format, arguments);
  va_end(arguments);
  return lun_mysql_session_fail_with(session, &error);
}

lun_status
lun_mysql_session_exhausted(lun_mysql_session *session, const char *what, lun_error *error) {
  lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for %s", what);
  return lun_mysql_session_why(session, error);
}

lun_status
lun_mysql_session_malformed(lun_mysql_session *session, lun_status status, const char *name) {
  return lun_mysql_session_fail(session,
                                LUN_ERR_PROTOCOL,
                                "malformed packet from the server (%s): %s",
                                name,
                                lun_status_phrase(status));
}

// MariaDB (11.8.6 does) stumbles over what OpenSSL left behind where parsec refused a password over
// TLS, when the account has another plugin. Its own client sees no more of that than we do: the end
// of the stream or, where the server had not read all, a reset.
static bool is_stumble(const lun_mysql_session *session, const lun_error *cause) {
  const lun_mysql_auth *auth = session->auth;
  return auth && auth->is_encrypted && auth->is_behind_parsec
         && (!cause || cause->status == LUN_ERR_IO);
}

static void fail_with_stumble(lun_mysql_session *session, const lun_error *cause) {
  lun_mysql_session_fail(session,
                         LUN_ERR_IO,
                         "%s: MariaDB does so over TLS when parsec refuses the password of an "
                         "account that has another plugin behind it; if the password is that "
                         "plugin's, name it first in the account",
                         cause ? cause->message : "the server closed the connection");
}

void lun_mysql_session_hangup(lun_session *base, const lun_error *cause) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  if (session->phase == LUN_MYSQL_CLOSED) {
    return;
  }
  if (is_stumble(session, cause)) {
    fail_with_stumble(session, cause);
  } else if (cause) {
    lun_mysql_session_fail_with(session, cause);
  } else if (session->pending_ring.count > 0 || !session->is_logged_in) {
    lun_mysql_session_fail(session, LUN_ERR_IO, "the server closed the connection");
  } else {
    close_session(session, NULL);
  }
}

// Servers say "disconnected for inactivity" (4031) or "packets out of order" (1156) with sequence
// 0, whatever was due, and then hang up.
static lun_status on_unsolicited(lun_mysql_session *session, lun_view packet) {
  lun_mysql_err err;
  lun_error error;
  if (packet.size == 0 || packet.data[0] != LUN_MYSQL_HEADER_ERR
      || lun_mysql_err_decode(packet, &err) != LUN_OK) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "packets out of order: a packet of another sequence came");
  }
  lun_error_set_server(&error, err.code, err.sqlstate, err.message);
  return lun_mysql_session_fail_with(session, &error);
}

// Another protocol's first words, such as those of an SSH server.
static lun_status fail_with_stranger(lun_mysql_session *session) {
  return lun_mysql_session_fail(session,
                                LUN_ERR_PROTOCOL,
                                "what listens there does not speak the MySQL protocol: its first "
                                "bytes are no greeting (is the port right?)");
}

// Reads packets until the bytes run out, or the login that they were part of is over: what follows
// that may be compressed.
lun_status lun_mysql_session_feed_packets(lun_mysql_session *session, lun_view *received) {
  bool is_login = session->phase < LUN_MYSQL_READY;
  while (received->size > 0 && is_login == (session->phase < LUN_MYSQL_READY)) {
    if (session->phase == LUN_MYSQL_CLOSED) {
      return session->base.status;
    }
    if (session->phase == LUN_MYSQL_TLS) {
      // Bytes from before TLS could be anybody's; acting on them later is an injection.
      return lun_mysql_session_fail(
          session, LUN_ERR_PROTOCOL, "the server sent bytes between its greeting and TLS");
    }
    if (session->phase == LUN_MYSQL_ROWS) {
      lun_mysql_session_take_rows(session, received);
    }
    lun_view packet;
    bool is_whole;
    lun_error error;
    if (lun_mysql_framer_next(&session->framer, received, &packet, &is_whole, &error) != LUN_OK) {
      return error.status == LUN_ERR_PROTOCOL && session->phase == LUN_MYSQL_GREETING
                 ? fail_with_stranger(session)
                 : lun_mysql_session_fail_with(session, &error);
    }
    if (!is_whole) {
      break;
    }
    packet_handler on_packet =
        session->framer.is_unsolicited ? on_unsolicited : ON_PACKET[session->phase];
    lun_status status = on_packet(session, packet);
    if (status != LUN_OK) {
      return status;
    }
  }
  return LUN_OK;
}

lun_status lun_mysql_session_feed(lun_session *base, lun_view received) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  lun_status status = LUN_OK;
  while (status == LUN_OK && received.size > 0 && session->phase != LUN_MYSQL_CLOSED) {
    status = session->compression ? lun_mysql_session_feed_compressed(session, &received)
                                  : lun_mysql_session_feed_packets(session, &received);
  }
  if (session->phase == LUN_MYSQL_READY) {
    lun_mysql_framer_rest(&session->framer);
  }
  return status == LUN_OK ? lun_mysql_session_tell_batch(session) : status;
}

bool lun_mysql_session_is_full(const lun_mysql_session *session) {
  if (session->pending_ring.count == 0
      || session->untaken <= session->options.limits.stream_window) {
    return false;
  }
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  return oldest->is_streamed && !oldest->is_discarded;
}

static bool has_output(const lun_mysql_session *session) {
  return !lun_outbox_is_empty(&session->outbox)
         || (session->compression && lun_mysql_compression_output(session->compression).size > 0);
}

lun_want lun_mysql_session_want(const lun_session *base) {
  const lun_mysql_session *session = (const lun_mysql_session *)base;
  if (session->phase == LUN_MYSQL_CLOSED) {
    return LUN_WANT_CLOSED;
  }
  if (has_output(session)) {
    return LUN_WANT_WRITE;
  }
  if (session->phase == LUN_MYSQL_TLS) {
    return LUN_WANT_TLS;
  }
  if (session->phase == LUN_MYSQL_READY) {
    return LUN_WANT_NOTHING;
  }
  bool is_waiting = session->phase == LUN_MYSQL_CURSOR || lun_mysql_session_is_full(session);
  return is_waiting ? LUN_WANT_PAUSE : LUN_WANT_READ;
}

size_t lun_mysql_session_output(lun_session *base, lun_view *parts, size_t max) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  return session->compression ? lun_mysql_session_compressed_output(session, parts, max)
                              : lun_outbox_parts(&session->outbox, parts, max);
}

void lun_mysql_session_sent(lun_session *base, size_t count) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  lun_outbox *outbox = &session->outbox;
  if (session->compression) {
    lun_mysql_compression_sent(session->compression, count);
    lun_mysql_session_quit_if_done(session);
    return;
  }
  if (!session->is_logged_in && count > 0 && count <= outbox->bytes.size - outbox->sent) {
    OPENSSL_cleanse(outbox->bytes.data + outbox->sent, count); // it may hold a password
  }
  lun_outbox_sent(outbox, count);
  lun_mysql_session_quit_if_done(session);
}

void lun_mysql_session_quit_if_done(lun_mysql_session *session) {
  if (session->is_quitting && session->phase == LUN_MYSQL_READY && !has_output(session)) {
    close_session(session, NULL); // COM_QUIT has no answer
  }
}

lun_status lun_mysql_session_encrypted(lun_session *base, const lun_encryption *encryption) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  lun_facts *facts = &base->facts;
  if (session->phase != LUN_MYSQL_TLS) {
    return LUN_ERR_STATE; // it closed while the host shook hands, or never asked
  }
  session->auth->is_encrypted = true;
  session->auth->is_verified = session->is_line_verified = encryption->is_verified;
  memcpy(session->fingerprint, encryption->fingerprint, sizeof session->fingerprint);
  facts->is_encrypted = true;
  facts->is_verified = encryption->is_verified;
  facts->is_tls_resumed = encryption->is_resumed;
  if (!lun_fact_set(&facts->tls_version, lun_view_of(encryption->version), LUN_FACT_SIZE - 1)
      || !lun_fact_set(&facts->tls_cipher, lun_view_of(encryption->cipher), LUN_FACT_SIZE - 1)) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  if (encryption->needs_proof && !encryption->is_verified
      && lun_mysql_begin_proof(session, encryption->doubt) != LUN_OK) {
    return base->status;
  }
  return lun_mysql_send_handshake_response(session);
}

lun_status lun_mysql_session_reply(lun_mysql_session *session, lun_view payload) {
  lun_mysql_framer *framer = &session->framer;
  // Room at once: growing would leave copies of secrets behind.
  lun_buffer_reserve(&session->outbox.bytes, payload.size + LUN_MYSQL_FRAME_HEADER);
  framer->sequence = lun_mysql_frame_write(&session->outbox, framer->sequence, payload);
  return session->outbox.bytes.status;
}

void lun_mysql_buffer_cleanse(lun_buffer *buffer) {
  if (buffer->data) {
    OPENSSL_cleanse(buffer->data, buffer->capacity);
  }
  lun_buffer_deinit(buffer);
}

void lun_mysql_session_forget_secrets(lun_mysql_session *session) {
  lun_mysql_buffer_cleanse(&session->secrets);
  free(session->doubt);
  session->doubt = NULL;
  session->options.password = (lun_view){0};
  memset(session->options.more_passwords, 0, sizeof session->options.more_passwords);
  session->options.auth_answers = NULL;
  session->options.auth_answer_count = 0;
  session->options.server_public_key = (lun_view){0};
  session->options.connect_attributes = (lun_view){0}; // no secret, but large
  free(session->auth);
  session->auth = NULL;
}
