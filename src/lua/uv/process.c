#include "lua/uv/process.h"

#include "lua/error.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char NAME[] = "lunasa.uv.process";

enum { MOST_ARGUMENTS = 64 };

// The handle libuv holds longer than we do.
typedef struct child {
  uv_process_t process;
  bool has_exited;
  int64_t exit_status;
  bool is_closed;    // libuv has let go of the handle
  bool is_ownerless; // the userdata is gone: the last callback frees
} child;

typedef struct lua_process {
  child *child;
  int input; // write end of the child's standard input; its closing is the signal to end
} lua_process;

static lua_process *check_process(lua_State *L) {
  return luaL_checkudata(L, 1, NAME);
}

static void on_closed(uv_handle_t *handle) {
  child *closed = handle->data;
  closed->is_closed = true;
  if (closed->is_ownerless) {
    free(closed);
  }
}

static void on_child_exit(uv_process_t *process, int64_t exit_status, int signal) {
  child *exited = process->data;
  exited->has_exited = true;
  exited->exit_status = signal != 0 ? 128 + signal : exit_status;
  uv_close((uv_handle_t *)process, on_closed);
}

static int start(lun_lua_host *host, child *started, char **arguments, int input) {
  uv_stdio_container_t stdio[] = {
      {.flags = UV_INHERIT_FD, .data.fd = input},
      {.flags = UV_IGNORE},
      {.flags = UV_IGNORE},
  };
  uv_process_options_t options = {
      .file = arguments[0],
      .args = arguments,
      .exit_cb = on_child_exit,
      .stdio = stdio,
      .stdio_count = 3,
      .flags = UV_PROCESS_DETACHED, // a signal of the terminal must not reach it
  };
  started->process.data = started;
  host->loop->is_interruptible = false; // the end of a child is told by a signal of libuv's
  int code = uv_spawn(&host->loop->uv, &started->process, &options);
  uv_unref((uv_handle_t *)&started->process);
  return code;
}

// uv.spawn{program, argument, ...}: a process, or nil and an error. It ends by itself when its
// standard input ends: on process:close(), and whenever this process ends, in whatever way.
static int process_spawn(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_objlen(L, 1);
  luaL_argcheck(L, count >= 1 && count < MOST_ARGUMENTS, 1, "too few or too many arguments");
  luaL_checkstack(L, count + LUA_MINSTACK, "too many arguments");
  char *arguments[MOST_ARGUMENTS] = {NULL};
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    arguments[i] = (char *)luaL_checkstring(L, -1);
  }
  lun_lua_host *host = lun_lua_host_get(L);
  lua_process *self = lua_newuserdata(L, sizeof *self);
  *self = (lua_process){.input = -1};
  luaL_getmetatable(L, NAME);
  lua_setmetatable(L, -2);
  int pipe[2];
  self->child = calloc(1, sizeof *self->child);
  if (!self->child || pipe2(pipe, O_CLOEXEC) != 0) {
    free(self->child);
    self->child = NULL;
    return luaL_error(L, "cannot make a pipe: out of memory or of file descriptors");
  }
  self->input = pipe[1];
  int code = start(host, self->child, arguments, pipe[0]);
  close(pipe[0]);
  if (code != 0) {
    self->child->is_ownerless = true;
    uv_close((uv_handle_t *)&self->child->process, on_closed);
    self->child = NULL;
    lun_error error;
    lun_error_set(&error, LUN_ERR_IO, "cannot start %s: %s", arguments[0], uv_strerror(code));
    return lun_lua_fail(L, &error);
  }
  return 1;
}

// process:status(): nil while it runs, else its exit status.
static int process_status(lua_State *L) {
  lua_process *self = check_process(L);
  if (!self->child || !self->child->has_exited) {
    return 0;
  }
  lua_pushnumber(L, (lua_Number)self->child->exit_status);
  return 1;
}

// process:pid()
static int process_pid(lua_State *L) {
  lua_process *self = check_process(L);
  lua_pushinteger(L, self->child ? self->child->process.pid : 0);
  return 1;
}

// process:close(): tells it to end.
static int process_close(lua_State *L) {
  lua_process *self = check_process(L);
  if (self->input >= 0) {
    close(self->input);
    self->input = -1;
  }
  return 0;
}

static int process_gc(lua_State *L) {
  lua_process *self = check_process(L);
  process_close(L);
  // An exited child is free once libuv has let go of it; a living one is no longer watched.
  child *left = self->child;
  self->child = NULL;
  if (left && left->is_closed) {
    free(left);
  } else if (left) {
    left->is_ownerless = true;
    if (!uv_is_closing((uv_handle_t *)&left->process)) {
      uv_close((uv_handle_t *)&left->process, on_closed);
    }
  }
  return 0;
}

void lun_lua_process_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"status", process_status},
      {"pid", process_pid},
      {"close", process_close},
      {NULL, NULL},
  };
  lua_pushcfunction(L, process_spawn);
  lua_setfield(L, -2, "spawn");
  if (luaL_newmetatable(L, NAME)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, process_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}
