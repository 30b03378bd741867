// From a table of options to a session.
#include "lua/error.h"
#include "lua/session.h"

// Returns field `name` of the config table at index 2 as a view, empty when it is absent. The
// string stays alive in the table. [-0, +0]
static lun_view string_field(lua_State *L, const char *name) {
  lun_view view = {0};
  lua_getfield(L, 2, name);
  if (lua_type(L, -1) == LUA_TSTRING) {
    view.data = (const uint8_t *)lua_tolstring(L, -1, &view.size);
  }
  lua_pop(L, 1);
  return view;
}

static bool boolean_field(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

static lun_tls_mode tls_field(lua_State *L) {
  lun_view mode = string_field(L, "tls");
  if (mode.size == 0 || lun_view_equal(mode, lun_view_of("disabled"))) {
    return LUN_TLS_DISABLED;
  }
  return lun_view_equal(mode, lun_view_of("preferred")) ? LUN_TLS_PREFERRED : LUN_TLS_REQUIRED;
}

// Reads a list of strings, at most `max`, and returns how many. Leaves the field's table on the
// stack, so that its strings live as long as the call. [-0, +1]
static uint32_t list_field(lua_State *L, const char *name, lun_view *views, size_t max) {
  lua_getfield(L, 2, name);
  size_t count = lua_istable(L, -1) ? lua_objlen(L, -1) : 0;
  for (size_t i = 0; i < count && i < max; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    views[i].data = (const uint8_t *)lua_tolstring(L, -1, &views[i].size);
    lua_pop(L, 1);
  }
  return (uint32_t)(count < max ? count : max);
}

// `compress` is a list of names; what is not one of them counts as none. [-0, +0]
static void read_compression(lua_State *L, lun_options *options) {
  lua_getfield(L, 2, "compress");
  for (int i = 0; lua_istable(L, -1) && i < LUN_COMPRESSIONS; i++) {
    lua_rawgeti(L, -1, i + 1);
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    options->compressions[i] = strcmp(name, "zstd") == 0   ? LUN_COMPRESSION_ZSTD
                               : strcmp(name, "zlib") == 0 ? LUN_COMPRESSION_ZLIB
                                                           : LUN_COMPRESSION_NONE;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  lua_getfield(L, 2, "compression_level");
  options->compression_level = (int)lua_tointeger(L, -1);
  lua_getfield(L, 2, "compress_threshold");
  options->compress_threshold = (uint32_t)lua_tointeger(L, -1);
  lua_pop(L, 2);
}

// `connect_attrs` is a table from name to value. [-0, +0]
static void read_attributes(lua_State *L, lun_buffer *attributes) {
  lua_getfield(L, 2, "connect_attrs");
  if (lua_istable(L, -1)) {
    lua_pushnil(L);
    while (lua_next(L, -2)) {
      if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING) {
        lun_view name;
        lun_view value;
        name.data = (const uint8_t *)lua_tolstring(L, -2, &name.size);
        value.data = (const uint8_t *)lua_tolstring(L, -1, &value.size);
        lun_buffer_lenenc_view(attributes, name);
        lun_buffer_lenenc_view(attributes, value);
      }
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}

// `limits` is a table by the names of the fields; others than these have options of their own.
static void read_limits(lua_State *L, lun_limits *limits) {
  const struct {
    const char *name;
    uint32_t *limit;
  } fields[] = {
      {"max_auth_rounds", &limits->max_auth_rounds},
      {"max_columns", &limits->max_columns},
      {"max_metadata", &limits->max_metadata},
      {"max_pipeline", &limits->max_pipeline},
      {"max_results", &limits->max_results},
      {"max_session_track", &limits->max_session_track},
      {"stream_window", &limits->stream_window},
  };
  lua_getfield(L, 2, "limits");
  for (size_t i = 0; lua_istable(L, -1) && i < sizeof fields / sizeof fields[0]; i++) {
    lua_getfield(L, -1, fields[i].name);
    if (lua_isnumber(L, -1)) {
      *fields[i].limit = (uint32_t)lua_tonumber(L, -1);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_options(lua_State *L, lun_options *options) {
  options->user = string_field(L, "user");
  options->password = string_field(L, "password");
  options->more_passwords[0] = string_field(L, "password2");
  options->more_passwords[1] = string_field(L, "password3");
  options->database = string_field(L, "database");
  options->charset = string_field(L, "charset");
  options->collation = string_field(L, "collation");
  options->auth_plugin = string_field(L, "auth_plugin");
  options->auth_plugins = string_field(L, "auth_plugins");
  options->session_track = string_field(L, "session_track");
  options->server_public_key = string_field(L, "server_public_key");
  options->asks_server_public_key = boolean_field(L, "get_server_public_key");
  options->has_multi_statements = boolean_field(L, "multi_statements");
  options->has_local_files = boolean_field(L, "local_infile");
  options->has_found_rows = boolean_field(L, "found_rows");
  lua_getfield(L, 2, "client_flags");
  options->client_flags = (uint32_t)lua_tonumber(L, -1);
  lua_pop(L, 1);
  options->tls = tls_field(L);
  read_compression(L, options);
  options->limits = LUN_DEFAULT_LIMITS;
  read_limits(L, &options->limits);
  lua_getfield(L, 2, "statement_cache_size");
  if (lua_isnumber(L, -1)) {
    options->limits.max_statements = (uint32_t)lua_tonumber(L, -1);
  }
  lua_pop(L, 1);
  lua_getfield(L, 2, "max_allowed_packet");
  if (lua_isnumber(L, -1)) {
    options->limits.max_packet = (uint64_t)lua_tonumber(L, -1);
  }
  lua_pop(L, 1);
}

static const char OPTIONS[] = "lunasa.session.options";

// What a table of options says, as the driver takes it.
typedef struct read_once {
  lun_lua_kind kind;
  lun_options options;
  lun_buffer attributes; // owned
  lun_view init_commands[LUN_MAX_INIT_COMMANDS];
  lun_view auth_answers[LUN_MAX_AUTH_ANSWERS];
} read_once;

// Reads the table at index 2. Its strings have to live as long as what is read. Raises nothing
// but what a metatable of the table raises. [-0, +2]
static void read_all(lua_State *L, read_once *self) {
  lun_options *options = &self->options;
  read_options(L, options);
  options->init_commands = self->init_commands;
  options->init_command_count =
      list_field(L, "init_commands", self->init_commands, LUN_MAX_INIT_COMMANDS);
  options->auth_answers = self->auth_answers;
  options->auth_answer_count =
      list_field(L, "auth_answers", self->auth_answers, LUN_MAX_AUTH_ANSWERS);
  read_attributes(L, &self->attributes);
  options->connect_attributes = lun_buffer_bytes(&self->attributes);
}

static int options_gc(lua_State *L) {
  read_once *self = luaL_checkudata(L, 1, OPTIONS);
  lun_buffer_deinit(&self->attributes);
  self->options = (lun_options){0};
  return 0;
}

// Appends the values of the table at `from` to the list at `list`. [-0, +0]
static void keep_values(lua_State *L, int list, int from) {
  lua_pushnil(L);
  while (lua_next(L, from)) {
    lua_rawseti(L, list, (int)lua_objlen(L, list) + 1);
  }
}

// Pushes a list of all that the table at `from` has, and its tables have. [-0, +1]
static void push_values(lua_State *L, int from) {
  lua_newtable(L);
  int list = lua_gettop(L);
  keep_values(L, list, from);
  size_t count = lua_objlen(L, list);
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, list, (int)i);
    if (lua_istable(L, -1)) {
      keep_values(L, list, list + 1);
    }
    lua_settop(L, list);
  }
}

int lun_lua_session_options(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  read_once *self = lua_newuserdata(L, sizeof *self);
  *self = (read_once){.kind = OPTIONS};
  if (luaL_newmetatable(L, OPTIONS)) {
    lua_pushcfunction(L, options_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_insert(L, 1);
  push_values(L, 2);
  lua_setfenv(L, 1);
  read_all(L, self);
  lua_settop(L, 1);
  if (self->attributes.status != LUN_OK) {
    return luaL_error(L, "out of memory");
  }
  return 1;
}

// Opens a session, and gives its holder. [-0, +1], or nil and the error
static int
open_session(lua_State *L, const lun_driver *driver, lun_options options, lun_status status) {
  options.is_local = lua_toboolean(L, 3);
  lun_lua_session *holder = lua_newuserdata(L, sizeof *holder);
  *holder = (lun_lua_session){
      .kind = LUN_LUA_SESSION_KIND,
      .shared = lun_lua_shared_get(L),
  };
  luaL_getmetatable(L, LUN_LUA_SESSION_KIND);
  lua_setmetatable(L, -2);
  lun_error error;
  lun_error_set(&error, LUN_ERR_NOMEM, "out of memory");
  holder->session = status == LUN_OK ? driver->open(&options, holder->shared->cache, &error) : NULL;
  return holder->session ? 1 : lun_lua_fail(L, &error);
}

int lun_lua_session_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TLIGHTUSERDATA);
  const lun_driver *driver = lua_touserdata(L, 1);
  luaL_argcheck(L, driver && driver->abi == LUN_DRIVER_ABI, 1, "a driver of another version");
  lua_settop(L, 3);
  if (lua_isuserdata(L, 2)) {
    const read_once *known = lun_lua_check_kind(L, 2, OPTIONS);
    return open_session(L, driver, known->options, LUN_OK);
  }
  luaL_checktype(L, 2, LUA_TTABLE);
  read_once here = {0};
  read_all(L, &here);
  int count = open_session(L, driver, here.options, here.attributes.status);
  lun_buffer_deinit(&here.attributes);
  return count;
}

int lun_lua_session_change_user(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lun_options options = {0};
  lun_view auth_answers[LUN_MAX_AUTH_ANSWERS];
  read_options(L, &options);
  options.auth_answers = auth_answers;
  options.auth_answer_count = list_field(L, "auth_answers", auth_answers, LUN_MAX_AUTH_ANSWERS);
  lun_buffer attributes = {0};
  read_attributes(L, &attributes);
  options.connect_attributes = lun_buffer_bytes(&attributes);
  lun_command command = {.kind = LUN_COMMAND_CHANGE_USER, .login = &options};
  int results = lun_lua_session_submit(L, holder, &command);
  lun_buffer_deinit(&attributes);
  return results;
}
