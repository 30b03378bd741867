#include "mysql/login.h"

#include <stdlib.h>

enum { MAX_ATTRIBUTES = 65535 }; // bytes of connection attributes that a server takes

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

lun_status lun_mysql_login_check(const lun_options *options, lun_error *error) {
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
  if (options->connect_attributes.size > MAX_ATTRIBUTES) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the connection attributes are %zu bytes, and servers take %d at most",
                         options->connect_attributes.size,
                         MAX_ATTRIBUTES);
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

// Views into a buffer's memory, which begins with them: a session keeps those it has, not as many
// as there may be.
typedef struct view_list {
  lun_view views[LUN_MAX_INIT_COMMANDS];
  uint32_t count;
} view_list;

// SET NAMES stands first among the init commands; lun_mysql_logged_in() leaves it out where the
// handshake has settled the character set.
static void add_set_names(const lun_options *options, view_list *commands, lun_buffer *strings) {
  size_t at = strings->size;
  lun_buffer_view(strings, lun_view_of("SET NAMES "));
  lun_buffer_view(strings, options->charset);
  if (options->collation.size > 0) {
    lun_buffer_view(strings, lun_view_of(" COLLATE "));
    lun_buffer_view(strings, options->collation);
  }
  commands->views[0] = (lun_view){strings->data + at, strings->size - at};
}

enum {
  MOST_STRINGS = 7 + LUN_MAX_INIT_COMMANDS,
  SECRETS = 3 + LUN_MAX_FACTORS - 1 + LUN_MAX_AUTH_ANSWERS,
};

static size_t list_strings(lun_options *options, view_list *commands, lun_view **strings) {
  size_t count = 0;
  strings[count++] = &options->user;
  strings[count++] = &options->database;
  strings[count++] = &options->charset;
  strings[count++] = &options->collation;
  strings[count++] = &options->auth_plugin;
  strings[count++] = &options->auth_plugins;
  strings[count++] = &options->session_track;
  for (uint32_t i = 1; i < commands->count; i++) {
    strings[count++] = &commands->views[i];
  }
  return count;
}

// What is kept until the login is over, and no longer.
static size_t list_secrets(lun_options *options, view_list *answers, lun_view **secrets) {
  size_t count = 0;
  secrets[count++] = &options->password;
  secrets[count++] = &options->server_public_key;
  secrets[count++] = &options->connect_attributes;
  for (size_t i = 0; i < LUN_MAX_FACTORS - 1; i++) {
    secrets[count++] = &options->more_passwords[i];
  }
  for (uint32_t i = 0; i < answers->count; i++) {
    secrets[count++] = &answers->views[i];
  }
  return count;
}

// Copies all views into `buffer`, behind room for `list`; it has room for `more` bytes then.
static lun_status
adopt_all(lun_buffer *buffer, const view_list *list, lun_view **views, size_t count, size_t more) {
  size_t head = list->count * sizeof list->views[0];
  size_t size = head + more;
  for (size_t i = 0; i < count; i++) {
    size += views[i]->size;
  }
  if (lun_buffer_reserve(buffer, size)) {
    buffer->size = head;
  }
  for (size_t i = 0; buffer->status == LUN_OK && i < count; i++) {
    adopt(buffer, views[i]);
  }
  return buffer->status;
}

// Puts `list` where room was left for it.
static const lun_view *place(const lun_buffer *buffer, const view_list *list) {
  memcpy(buffer->data, list->views, list->count * sizeof list->views[0]);
  return (const lun_view *)(const void *)buffer->data;
}

static view_list list_of(const lun_view *views, uint32_t count, uint32_t at) {
  view_list list = {.count = at + count};
  if (count > 0) {
    memcpy(list.views + at, views, count * sizeof views[0]);
  }
  return list;
}

static void copy_fact(char *fact, size_t room, lun_view value) {
  size_t size = value.size < room ? value.size : 0;
  if (size > 0) {
    memcpy(fact, value.data, size);
  }
  fact[size] = '\0';
}

static void begin(lun_mysql_session *session, lun_mysql_auth *auth) {
  const lun_options *options = &session->options;
  *auth = (lun_mysql_auth){
      .password = options->password,
      .answers = options->auth_answers,
      .answer_count = options->auth_answer_count,
      .plugins = options->auth_plugins,
      .server_public_key = options->server_public_key,
      .asks_server_public_key = options->asks_server_public_key,
      .is_local = options->is_local,
      .is_encrypted = session->base.facts.is_encrypted,
      .is_verified = session->is_line_verified,
  };
  session->auth = auth;
  copy_fact(session->base.facts.charset, LUN_CHARSET_SIZE, options->charset);
}

lun_status lun_mysql_login_take(lun_mysql_session *session, const lun_options *given) {
  enum { SET_NAMES = 32 };
  lun_options options = *given;
  view_list commands = list_of(given->init_commands, given->init_command_count, 1);
  view_list answers = list_of(given->auth_answers, given->auth_answer_count, 0);
  lun_buffer strings = {0};
  lun_buffer secrets = {0};
  lun_view *views[MOST_STRINGS + SECRETS];
  size_t more = SET_NAMES + options.charset.size + options.collation.size;
  size_t count = list_strings(&options, &commands, views);
  lun_status status = adopt_all(&strings, &commands, views, count, more);
  if (status == LUN_OK) {
    count = list_secrets(&options, &answers, views);
    status = adopt_all(&secrets, &answers, views, count, 1);
  }
  lun_mysql_auth *auth = status == LUN_OK ? malloc(sizeof *auth) : NULL;
  if (!auth || !lun_fact_set(&session->base.facts.database, given->database, LUN_FACT_SIZE - 1)) {
    free(auth);
    lun_mysql_buffer_cleanse(&secrets);
    lun_buffer_deinit(&strings);
    return LUN_ERR_NOMEM;
  }
  add_set_names(&options, &commands, &strings);
  options.init_commands = place(&strings, &commands);
  options.init_command_count = commands.count;
  options.auth_answers = place(&secrets, &answers);
  lun_mysql_session_forget_secrets(session);
  lun_buffer_deinit(&session->strings);
  session->options = options;
  session->strings = strings;
  session->secrets = secrets;
  begin(session, auth);
  return LUN_OK;
}
