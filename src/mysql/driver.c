#include "mysql/driver.h"

#include "mysql/collation.h"
#include "mysql/decode.h"
#include "mysql/login.h"
#include "mysql/session.h"
#include "mysql/status_flag.h"

#include <openssl/crypto.h>

#include <stdlib.h>

static void session_free(lun_session *base) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  lun_event event;
  lun_mysql_session_forget_secrets(session);
  while (lun_mysql_session_next(base, &event)) {
    lun_result_free(event.result);
    free(event.error);
  }
  lun_result_free(session->result);
  lun_mysql_framer_deinit(&session->framer);
  if (!session->is_logged_in) {
    lun_mysql_buffer_cleanse(&session->outbox.bytes); // it may hold a password
  }
  lun_outbox_deinit(&session->outbox);
  lun_buffer_deinit(&session->strings);
  lun_buffer_deinit(&session->column_bytes);
  lun_metadata_release(session->expected);
  lun_buffer_deinit(&session->scratch);
  while (session->pending_ring.count > 0) {
    lun_mysql_session_drop_oldest(session);
  }
  lun_mysql_statements_deinit(&session->statements);
  lun_mysql_compression_free(session->compression);
  lun_buffer_deinit(&session->data_name);
  free(session->refusal);
  free(base->error);
  lun_session_state_clear(&base->state);
  lun_facts_clear(&base->facts);
  free(session->pending);
  free(session->events);
  free(session);
}

static void start(lun_mysql_session *session, lun_metadata_cache *cache) {
  session->base.driver = &LUN_MYSQL;
  session->cache = cache;
  session->is_last_closed = true;
  session->framer.max_packet = session->options.limits.max_packet;
}

static lun_session *
session_open(const lun_options *options, lun_metadata_cache *cache, lun_error *error) {
  if (lun_mysql_login_check(options, error) != LUN_OK) {
    return NULL;
  }
  lun_mysql_session *session = calloc(1, sizeof *session);
  if (session) {
    lun_mysql_statements_init(&session->statements, options->limits.max_statements);
  }
  if (!session || lun_mysql_login_take(session, options) != LUN_OK
      || lun_mysql_session_reserve_events(session, 0) != LUN_OK) {
    lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
    if (session) {
      session_free(&session->base);
    }
    return NULL;
  }
  start(session, cache);
  return &session->base;
}

static uint8_t *room(const lun_session *base, size_t *size) {
  const lun_mysql_session *session = (const lun_mysql_session *)base;
  bool is_plain = !session->compression && session->phase != LUN_MYSQL_CLOSED;
  return is_plain ? lun_mysql_framer_room(&session->framer, size) : NULL;
}

// How statements are read; nothing is said about what may be escaped.
static lun_mysql_quoting reading_of(const lun_session *base) {
  const lun_mysql_session *session = (const lun_mysql_session *)base;
  return (lun_mysql_quoting){
      .has_backslash_escapes = (session->status_flags & LUN_MYSQL_STATUS_NO_BACKSLASH_ESCAPES) == 0,
      .charset = base->facts.charset,
  };
}

static lun_mysql_quoting quoting_of(const lun_session *base) {
  lun_mysql_quoting quoting = reading_of(base);
  quoting.is_escapable = lun_mysql_charset_is_escapable(lun_view_of(base->facts.charset));
  return quoting;
}

static lun_status
command(lun_session *base, const lun_command *wanted, lun_token *token, lun_error *error) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  if (session->phase == LUN_MYSQL_CLOSED && session->base.status != LUN_OK) {
    return lun_mysql_session_why(session, error);
  }
  if (!session->is_logged_in || session->is_quitting || session->phase == LUN_MYSQL_CLOSED) {
    return lun_error_set(error, LUN_ERR_STATE, "the connection is not open");
  }
  if (session->pending_ring.count >= session->options.limits.max_pipeline) {
    return lun_error_set(error,
                         LUN_ERR_LIMIT,
                         "more than %u commands in flight on one connection",
                         session->options.limits.max_pipeline);
  }
  if (session->data_token != 0) {
    return lun_error_set(error, LUN_ERR_STATE, "the connection is sending the data of a statement");
  }
  if (wanted->offers_data) {
    lun_mysql_quoting quoting = quoting_of(base);
    if (lun_mysql_session_offer(session, &quoting, wanted, error) != LUN_OK) {
      return error->status;
    }
  }
  if (wanted->kind == LUN_COMMAND_QUERY || wanted->kind == LUN_COMMAND_EXECUTE) {
    lun_mysql_session_note_statement(session, wanted->text);
  }
  lun_token next = session->last_token + 1;
  lun_status status = wanted->kind == LUN_COMMAND_CHANGE_USER
                          ? lun_mysql_change_user(session, wanted->login, next, error)
                          : lun_mysql_session_queue(session, wanted, next, error);
  bool has_answer = wanted->kind != LUN_COMMAND_QUIT && wanted->kind != LUN_COMMAND_FORGET;
  if (status == LUN_OK && has_answer) {
    session->last_token = next;
    session->data_token = wanted->offers_data ? next : 0;
  }
  *token = status == LUN_OK && has_answer ? next : 0;
  return status;
}

static lun_status interpolate(lun_session *base,
                              lun_view sql,
                              lun_placeholder_style style,
                              lun_place place,
                              void *context,
                              lun_buffer *out,
                              lun_error *error) {
  lun_mysql_quoting quoting = reading_of(base);
  return lun_mysql_interpolate(&quoting, sql, style, place, context, out, error);
}

static lun_status
literal(lun_session *base, const lun_value *value, lun_buffer *out, lun_error *error) {
  lun_mysql_quoting quoting = value->kind == LUN_VALUE_TEXT ? quoting_of(base) : reading_of(base);
  return lun_mysql_literal(&quoting, value, out, error);
}

static lun_status redact(lun_session *base, lun_view sql, lun_buffer *out) {
  lun_mysql_quoting quoting = quoting_of(base);
  return lun_mysql_redact(&quoting, sql, out);
}

static bool split_insert(const lun_session *base, lun_view sql, lun_insert *insert) {
  lun_mysql_quoting quoting = quoting_of(base);
  return lun_mysql_split_insert(&quoting, sql, insert);
}

const lun_driver LUN_MYSQL = {
    .abi = LUN_DRIVER_ABI,
    .name = "mysql",
    .open = session_open,
    .free = session_free,
    .want = lun_mysql_session_want,
    .room = room,
    .feed = lun_mysql_session_feed,
    .output = lun_mysql_session_output,
    .sent = lun_mysql_session_sent,
    .encrypted = lun_mysql_session_encrypted,
    .hangup = lun_mysql_session_hangup,
    .command = command,
    .next = lun_mysql_session_next,
    .is_settled = lun_mysql_session_is_settled,
    .resume = lun_mysql_session_resume,
    .discard = lun_mysql_session_discard,
    .data = lun_mysql_session_data,
    .interpolate = interpolate,
    .literal = literal,
    .redact = redact,
    .split_insert = split_insert,
};
