#include "mysql/driver.h"

#include "mysql/collation.h"
#include "mysql/decode.h"
#include "mysql/session.h"
#include "mysql/status_flag.h"

#include <openssl/crypto.h>

#include <stdlib.h>

static bool is_plain_name(lun_view name) {
  for (size_t i = 0; i < name.size; i++) {
    uint8_t byte = name.data[i];
    if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
          || (byte >= '0' && byte <= '9') || byte == '_')) {
      return false;
    }
  }
  return true;
}

static lun_status check_options(const lun_options *options, lun_error *error) {
  if (!is_plain_name(options->charset) || !is_plain_name(options->collation)) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "charset and collation are names such as utf8mb4");
  }
  if (lun_mysql_auth_check_names(options->auth_plugin, "auth_plugin", error) != LUN_OK
      || lun_mysql_auth_check_names(options->auth_plugins, "auth_plugins", error) != LUN_OK) {
    return error->status;
  }
  lun_mysql_auth auth = {.plugins = options->auth_plugins};
  if (options->auth_plugin.size > 0 && !lun_mysql_auth_allows(&auth, options->auth_plugin)) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "option auth_plugin is not among those of auth_plugins");
  }
  const lun_view strings[] = {options->user, options->database};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
    if (strings[i].size > 0 && memchr(strings[i].data, 0, strings[i].size)) {
      return lun_error_set(error, LUN_ERR_ARGUMENT, "user and database cannot hold a NUL byte");
    }
  }
  if (options->auth_answer_count > LUN_MAX_AUTH_ANSWERS) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "too many auth_answers");
  }
  if (options->compression_level < 0 || options->compression_level > 22) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "compression_level is 1 to 9, for zstd to 22");
  }
  if (options->init_command_count >= LUN_MAX_INIT_COMMANDS) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "too many init commands");
  }
  return LUN_OK;
}

// Copies `*view` behind what `buffer` holds. The buffer was given room for all beforehand, so its
// memory does not move.
static void adopt(lun_buffer *buffer, lun_view *view) {
  size_t at = buffer->size;
  lun_buffer_view(buffer, *view);
  view->data = buffer->data ? buffer->data + at : NULL;
}

// SET NAMES stands first among the init commands; lun_mysql_logged_in() leaves it out where the
// handshake has settled the character set.
static void add_set_names(lun_mysql_session *session) {
  lun_options *options = &session->options;
  lun_buffer *strings = &session->strings;
  size_t at = strings->size;
  lun_buffer_view(strings, lun_view_of("SET NAMES "));
  lun_buffer_view(strings, options->charset);
  if (options->collation.size > 0) {
    lun_buffer_view(strings, lun_view_of(" COLLATE "));
    lun_buffer_view(strings, options->collation);
  }
  memmove(options->init_commands + 1,
          options->init_commands,
          options->init_command_count * sizeof options->init_commands[0]);
  options->init_commands[0] = (lun_view){strings->data + at, strings->size - at};
  options->init_command_count++;
}

enum { SECRETS = 2 + LUN_MAX_FACTORS - 1 + LUN_MAX_AUTH_ANSWERS };

// What is kept until the login is over, and no longer.
static void list_secrets(lun_options *options, lun_view **secrets) {
  size_t count = 0;
  secrets[count++] = &options->password;
  secrets[count++] = &options->server_public_key;
  for (size_t i = 0; i < LUN_MAX_FACTORS - 1; i++) {
    secrets[count++] = &options->more_passwords[i];
  }
  for (size_t i = 0; i < LUN_MAX_AUTH_ANSWERS; i++) {
    secrets[count++] = &options->auth_answers[i];
  }
}

static lun_status copy_options(lun_mysql_session *session, const lun_options *given) {
  enum { SET_NAMES = 32 };
  lun_options *options = &session->options;
  *options = *given;
  lun_view *strings[] = {
      &options->user,
      &options->database,
      &options->charset,
      &options->collation,
      &options->auth_plugin,
      &options->auth_plugins,
      &options->connect_attributes,
  };
  size_t count = sizeof strings / sizeof strings[0];
  size_t size = SET_NAMES + options->charset.size + options->collation.size;
  for (size_t i = 0; i < count; i++) {
    size += strings[i]->size;
  }
  for (uint32_t i = 0; i < options->init_command_count; i++) {
    size += options->init_commands[i].size;
  }
  lun_buffer_reserve(&session->strings, size);
  lun_view *secrets[SECRETS];
  size_t secret_size = 1;
  list_secrets(options, secrets);
  for (size_t i = 0; i < SECRETS; i++) {
    secret_size += secrets[i]->size;
  }
  lun_buffer_reserve(&session->secrets, secret_size);
  if (session->strings.status != LUN_OK || session->secrets.status != LUN_OK) {
    return LUN_ERR_NOMEM;
  }
  for (size_t i = 0; i < count; i++) {
    adopt(&session->strings, strings[i]);
  }
  for (uint32_t i = 0; i < options->init_command_count; i++) {
    adopt(&session->strings, &options->init_commands[i]);
  }
  add_set_names(session);
  for (size_t i = 0; i < SECRETS; i++) {
    adopt(&session->secrets, secrets[i]);
  }
  return LUN_OK;
}

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
  lun_buffer_deinit(&session->scratch);
  while (session->pending_ring.count > 0) {
    lun_mysql_session_drop_oldest(session);
  }
  lun_mysql_statements_deinit(&session->statements);
  lun_mysql_compression_free(session->compression);
  free(session->pending);
  free(session->events);
  free(session);
}

static void start(lun_mysql_session *session, lun_metadata_cache *cache) {
  const lun_options *options = &session->options;
  session->base.driver = &LUN_MYSQL;
  session->cache = cache;
  session->is_last_closed = true;
  session->framer.max_packet = options->limits.max_packet;
  session->auth.password = options->password;
  session->auth.answers = options->auth_answers;
  session->auth.answer_count = options->auth_answer_count;
  session->auth.plugins = options->auth_plugins;
  session->auth.server_public_key = options->server_public_key;
  session->auth.asks_server_public_key = options->asks_server_public_key;
  session->auth.is_local = options->is_local;
  lun_facts *facts = &session->base.facts;
  if (options->database.size < sizeof facts->database) {
    memcpy(facts->database, options->database.data, options->database.size);
  }
  if (options->charset.size < sizeof facts->charset) {
    memcpy(facts->charset, options->charset.data, options->charset.size);
  }
}

static lun_session *
session_open(const lun_options *options, lun_metadata_cache *cache, lun_error *error) {
  if (check_options(options, error) != LUN_OK) {
    return NULL;
  }
  lun_mysql_session *session = calloc(1, sizeof *session);
  if (session) {
    lun_mysql_statements_init(&session->statements, options->limits.max_statements);
  }
  if (!session || copy_options(session, options) != LUN_OK
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

static lun_status
command(lun_session *base, const lun_command *wanted, lun_token *token, lun_error *error) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  if (session->phase == LUN_MYSQL_CLOSED && session->base.error.status != LUN_OK) {
    *error = session->base.error;
    return error->status;
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
  if (wanted->kind == LUN_COMMAND_CHANGE_USER) {
    return lun_error_set(error, LUN_ERR_UNSUPPORTED, "the driver has no such command");
  }
  if (wanted->kind == LUN_COMMAND_QUERY || wanted->kind == LUN_COMMAND_EXECUTE) {
    lun_mysql_session_note_statement(session, wanted->text);
  }
  lun_token next = session->last_token + 1;
  lun_status status = lun_mysql_session_queue(session, wanted, next, error);
  bool has_answer = wanted->kind != LUN_COMMAND_QUIT && wanted->kind != LUN_COMMAND_FORGET;
  if (status == LUN_OK && has_answer) {
    session->last_token = next;
  }
  *token = status == LUN_OK && has_answer ? next : 0;
  return status;
}

static lun_mysql_quoting quoting_of(const lun_session *base) {
  const lun_mysql_session *session = (const lun_mysql_session *)base;
  return (lun_mysql_quoting){
      .has_backslash_escapes = (session->status_flags & LUN_MYSQL_STATUS_NO_BACKSLASH_ESCAPES) == 0,
      .is_escapable = lun_mysql_charset_is_escapable(lun_view_of(base->facts.charset)),
      .charset = base->facts.charset,
  };
}

static lun_status interpolate(lun_session *base,
                              lun_view sql,
                              lun_placeholder_style style,
                              lun_place place,
                              void *context,
                              lun_buffer *out,
                              lun_error *error) {
  lun_mysql_quoting quoting = quoting_of(base);
  return lun_mysql_interpolate(&quoting, sql, style, place, context, out, error);
}

static lun_status
literal(lun_session *base, const lun_value *value, lun_buffer *out, lun_error *error) {
  lun_mysql_quoting quoting = quoting_of(base);
  return lun_mysql_literal(&quoting, value, out, error);
}

const lun_driver LUN_MYSQL = {
    .abi = LUN_DRIVER_ABI,
    .name = "mysql",
    .open = session_open,
    .free = session_free,
    .want = lun_mysql_session_want,
    .feed = lun_mysql_session_feed,
    .output = lun_mysql_session_output,
    .sent = lun_mysql_session_sent,
    .encrypted = lun_mysql_session_encrypted,
    .hangup = lun_mysql_session_hangup,
    .command = command,
    .next = lun_mysql_session_next,
    .resume = lun_mysql_session_resume,
    .discard = lun_mysql_session_discard,
    .interpolate = interpolate,
    .literal = literal,
};
