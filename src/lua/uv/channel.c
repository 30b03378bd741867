#include "lua/uv/channel.h"

#include "lua/error.h"
#include "lua/session.h"
#include "lua/uv/task.h"
#include "uv/addresses.h"
#include "uv/channel.h"

static const char NAME[] = "lunasa.uv.channel";

// What the environment of its userdata keeps alive.
enum { SESSION = 1, TLS_CONTEXT, ON_LOST, LOST };

typedef struct lua_channel {
  lun_lua_kind kind;
  lun_lua_host *host;
  lun_lua_session *holder; // kept alive by the environment
  lun_channel *channel;
  lun_list waits; // tasks, by their `waiting`
  lun_list lost;  // in host->lost
  bool is_lost_told;
} lua_channel;

static lua_channel *check_channel(lua_State *L) {
  lua_channel *self = lun_lua_check_kind(L, 1, NAME);
  if (!self->channel) { // a finalizer that runs after this one's
    luaL_error(L, "the channel is finalized");
  }
  return self;
}

static bool is_done(const lua_channel *self, lun_token token) {
  if (token == 0) {
    return self->holder->is_connected || self->holder->is_closed;
  }
  return lun_lua_session_is_done(self->holder, token);
}

// Wakes the tasks whose answers are complete.
static void on_change(void *context) {
  lua_channel *self = context;
  lun_lua_session_collect(self->holder);
  if (self->holder->is_connected) {
    lun_channel_logged_in(self->channel);
  }
  lun_list *node = self->waits.next;
  while (node != &self->waits) {
    lun_lua_task *task = LUN_LIST_ELEMENT(node, lun_lua_task, waiting);
    node = node->next;
    if (is_done(self, task->token)) {
      lun_list_remove(&task->waiting);
      task->is_answered = true;
      lun_lua_task_wake(task);
    }
  }
  if (lun_list_is_empty(&self->waits)) {
    lun_channel_set_busy(self->channel, false);
  }
  if (self->holder->is_closed && !self->is_lost_told) {
    self->is_lost_told = true;
    lun_list_push_back(&self->host->lost, &self->lost);
  }
}

// Reads the addresses in numbers; the strings live in the table at index 2.
static size_t read_numbers(lua_State *L, const char **numbers) {
  lua_getfield(L, 2, "addresses");
  size_t count = 0;
  while (lua_istable(L, -1) && count < LUN_MOST_ADDRESSES) {
    lua_rawgeti(L, -1, (int)count + 1);
    bool is_last = lua_type(L, -1) != LUA_TSTRING;
    if (!is_last) {
      numbers[count++] = lua_tostring(L, -1);
    }
    lua_pop(L, 1);
    if (is_last) {
      break;
    }
  }
  lua_pop(L, 1);
  return count;
}

// Reads where to connect from the table at index 2; the strings live in it.
static lun_channel_options read_options(lua_State *L, const char **numbers) {
  lun_channel_options options = {0};
  const char **strings[] = {
      &options.address.host,
      &options.address.port,
      &options.address.path,
      &options.address.local,
      &options.server_name,
  };
  static const char *const names[] = {"host", "port", "path", "bind_address", "server_name"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    lua_getfield(L, 2, names[i]);
    *strings[i] = lua_tostring(L, -1); // converts a port number on the stack, not in the table
    if (lua_type(L, -1) != LUA_TNIL) {
      lua_replace(L, (int)(4 + i)); // kept on the stack until the call ends
    } else {
      lua_pop(L, 1);
    }
  }
  options.address.numbers = numbers;
  options.address.number_count = read_numbers(L, numbers);
  lua_getfield(L, 2, "connect_timeout");
  options.connect_timeout = lua_tonumber(L, -1);
  lua_getfield(L, 2, "read_timeout");
  options.read_timeout = lua_tonumber(L, -1);
  lua_getfield(L, 2, "write_timeout");
  options.write_timeout = lua_tonumber(L, -1);
  lua_pop(L, 3);
  return options;
}

// uv.open(session, {host=, port=, path=, addresses=, connect_timeout=, server_name=}, tls_context):
// starts connecting; channel:await(0) waits for the login, and the session's state says how it
// went. With `addresses`, a list of them in numbers, `host` is not resolved.
static int channel_open(lua_State *L) {
  enum { STRINGS = 5 };
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3 + STRINGS);
  const char *numbers[LUN_MOST_ADDRESSES];
  lun_channel_options options = read_options(L, numbers);
  if (!lua_isnil(L, 3)) {
    options.tls_context = *(lun_tls_context **)luaL_checkudata(L, 3, "lunasa.tls.context");
  }
  luaL_argcheck(L,
                options.address.path || (options.address.host && options.address.port),
                2,
                "host and port, or path");
  lua_channel *self = lua_newuserdata(L, sizeof *self);
  *self = (lua_channel){.kind = NAME, .host = lun_lua_host_of(L), .holder = holder};
  lun_list_init(&self->waits);
  lun_list_init(&self->lost);
  luaL_getmetatable(L, NAME);
  lua_setmetatable(L, -2);
  lua_createtable(L, LOST, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, SESSION);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, TLS_CONTEXT);
  lua_setfenv(L, -2);
  lun_lua_host_remember(L, self->host, self, lua_gettop(L));
  self->channel = lun_channel_open(self->host->loop, holder->session, &options, on_change, self);
  if (!self->channel) {
    return luaL_error(L, "out of memory");
  }
  lun_lua_session_collect(holder);
  return 1;
}

static void flush(lua_channel *self) {
  lun_channel_flush(self->channel);
  lun_lua_session_collect(self->holder);
  if (self->holder->is_closed) {
    on_change(self);
  }
}

// While nobody else has anything to do, the answer is waited for here: the task is not suspended.
// Handles are closed outside of tasks only: libuv calls whoever else it has news for, even Lua.
static bool wait_alone(lua_channel *self, lun_token token) {
  lun_loop *loop = self->host->loop;
  bool has_come = true;
  lun_lua_task_forget(self->host->current); // from a wait that something else ended
  while (has_come && loop->closing == 0 && !lun_lua_host_has_news(self->host)) {
    lun_channel_set_busy(self->channel, true);
    has_come = lun_loop_wait_alone(loop);
    if (is_done(self, token)) {
      return true;
    }
  }
  return false;
}

// channel:await(token): sends what is queued and parks the task until the token is answered (0:
// until the login is over). Returns at once when it is. Returns true when it knows the answer to be
// there; the task may have been woken for another reason.
static int channel_await(lua_State *L) {
  lua_channel *self = check_channel(L);
  lun_token token = (lun_token)luaL_checknumber(L, 2);
  flush(self);
  if (is_done(self, token)) {
    lua_pushboolean(L, true);
    return 1;
  }
  lun_lua_task *task = self->host->current;
  if (!task) {
    return luaL_error(L, "not inside a task");
  }
  if (wait_alone(self, token)) {
    lua_pushboolean(L, true);
    return 1;
  }
  task->token = token;
  lun_list_push_back(&self->waits, &task->waiting);
  lun_channel_set_busy(self->channel, true);
  return lun_lua_task_park(L, self->host);
}

// uv.begin(session, sql, args, is_pyformat, is_binary): queues a statement of the running task as
// session:query or session:execute do; nothing when the task cannot wait for it now.
static int channel_begin(lua_State *L) {
  if (!lun_lua_task_is_free(L, lun_lua_host_of(L))) {
    return 0;
  }
  bool is_binary = lua_toboolean(L, 5);
  lua_settop(L, 4);
  return is_binary ? lun_lua_session_execute(L) : lun_lua_session_query(L);
}

// uv.ask(channel, sql, args, is_pyformat, format): queues and sends a statement of the running
// task, when it is as lun_lua_session_ask() wants it and the task can wait for it now; nothing
// when not. What was answered while nobody else had anything to do, as lun_lua_push_plain() says,
// else the token.
static int channel_ask(lua_State *L) {
  lua_channel *self = check_channel(L);
  if (!lun_lua_task_is_free(L, self->host)) {
    return 0;
  }
  bool is_pyformat = lua_toboolean(L, 4);
  unsigned format = (unsigned)lua_tointeger(L, 5);
  lua_settop(L, 3);
  lun_token token = lun_lua_session_ask(L, self->holder, 2, is_pyformat, format);
  if (token == 0) {
    return 0;
  }
  flush(self);
  if (!is_done(self, token)) {
    wait_alone(self, token);
  }
  int told = lun_lua_session_tell(L, self->holder, token, format);
  if (told == 0) {
    lua_pushnumber(L, (lua_Number)token);
  }
  return told ? told : 1;
}

// channel:forget(): the running task no longer waits here.
static int channel_forget(lua_State *L) {
  lua_channel *self = check_channel(L);
  if (self->host->current) {
    lun_lua_task_forget(self->host->current);
  }
  return 0;
}

// channel:flush(is_last): sends what the session has queued. What is the last has to be followed by
// channel:close(), which it is sent with.
static int channel_flush(lua_State *L) {
  lua_channel *self = check_channel(L);
  if (lua_toboolean(L, 2)) {
    lun_channel_set_ending(self->channel);
  }
  flush(self);
  return 0;
}

// channel:address(): host and port of the server, and our own port; nothing for a unix socket.
static int channel_address(lua_State *L) {
  lun_stream_ends ends;
  if (!lun_channel_ends(check_channel(L)->channel, &ends)) {
    return 0;
  }
  lua_pushstring(L, ends.host);
  lua_pushinteger(L, ends.port);
  lua_pushinteger(L, ends.local_port);
  return 3;
}

// channel:last_usage(): when bytes went or came last, as uv.now() counts.
static int channel_last_usage(lua_State *L) {
  lua_pushnumber(L, lun_channel_last_usage(check_channel(L)->channel));
  return 1;
}

// channel:waiter(): the object of the task that waits for an answer, the first of them; or nil.
static int channel_waiter(lua_State *L) {
  lua_channel *self = check_channel(L);
  lun_list *node = lun_list_first(&self->waits);
  if (!node) {
    return 0;
  }
  lun_lua_task *task = LUN_LIST_ELEMENT(node, lun_lua_task, waiting);
  lun_lua_host_push_held(L, self->host, task->anchor);
  return 1;
}

// channel:close(code, message): closes at once; who waits gets the error. Without arguments it is
// an orderly end.
static int channel_close(lua_State *L) {
  static const char *const codes[] = {"IO", "TIMEOUT", "CANCELLED", NULL};
  static const lun_status statuses[] = {LUN_ERR_IO, LUN_ERR_TIMEOUT, LUN_ERR_CANCELLED};
  lua_channel *self = check_channel(L);
  lun_error error;
  bool is_orderly = lua_isnoneornil(L, 2);
  if (!is_orderly) {
    lun_error_set(
        &error, statuses[luaL_checkoption(L, 2, NULL, codes)], "%s", luaL_checkstring(L, 3));
  }
  lun_channel_close(self->channel, is_orderly ? NULL : &error);
  self->is_lost_told = true; // the one who closes it knows
  lun_list_remove(&self->lost);
  on_change(self);
  return 0;
}

// channel:on_lost(function, argument): called with it when the channel closes by itself.
static int channel_on_lost(lua_State *L) {
  check_channel(L);
  lua_settop(L, 3);
  lua_getfenv(L, 1);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, ON_LOST);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, LOST);
  return 0;
}

void lun_lua_channel_tell_lost(lua_State *L, lun_lua_host *host) {
  lun_list *node;
  while ((node = lun_list_first(&host->lost))) {
    lua_channel *self = LUN_LIST_ELEMENT(node, lua_channel, lost);
    lun_list_remove(node);
    lun_lua_host_push_remembered(L, host, self);
    if (lua_isuserdata(L, -1)) {
      lua_getfenv(L, -1);
      lua_rawgeti(L, -1, ON_LOST);
      if (lua_isfunction(L, -1)) {
        lua_rawgeti(L, -2, LOST);
        lua_call(L, 1, 0);
      } else {
        lua_pop(L, 1);
      }
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
}

static int channel_gc(lua_State *L) {
  lua_channel *self = luaL_checkudata(L, 1, NAME);
  lun_list *node;
  while ((node = lun_list_first(&self->waits))) {
    lun_list_remove(node);
  }
  lun_list_remove(&self->lost);
  if (self->host->loop) {
    lun_channel_free(self->channel);
  }
  self->channel = NULL;
  return 0;
}

void lun_lua_channel_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"await", channel_await},
      {"forget", channel_forget},
      {"flush", channel_flush},
      {"address", channel_address},
      {"last_usage", channel_last_usage},
      {"waiter", channel_waiter},
      {"close", channel_close},
      {"on_lost", channel_on_lost},
      {NULL, NULL},
  };
  static const luaL_Reg functions[] = {
      {"open", channel_open},
      {"begin", channel_begin},
      {"ask", channel_ask},
      {NULL, NULL},
  };
  lun_lua_host_add(L, functions);
  if (luaL_newmetatable(L, NAME)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, channel_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}
