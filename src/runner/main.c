// The `lunasa` executable: a Lua state with everything in it, handed to lunasa.runner.
#include "base/block.h"
#include "base/heap.h"
#include "lua/uv/host.h"
#include "runner/embedded.h"
#include "runner/iteration.h"
#include "runner/options.h"
#include "runner/rows_reader.h"
#include "runner/signals.h"
#include "runner/string_table.h"

#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <lualib.h>
#include <openssl/crypto.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct runner {
  lun_runner_options options;
  int argc;
  char **argv;
  int status;
} runner;

static void *allocate(void *context, void *block, size_t old_size, size_t size) {
  (void)context;
  (void)old_size;
  if (size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, size);
}

// Whether somebody watches malloc, and wants to see what C does to Lua's memory.
static bool is_watched(void) {
#ifdef LUNASA_SANITIZED
  return true;
#else
  const char *preload = getenv("LD_PRELOAD");
  // Of valgrind's tools, those that watch memory load a library of their own beside its core.
  const char *core = preload ? strstr(preload, "vgpreload_") : NULL;
  return core && strstr(core + 1, "vgpreload_");
#endif
}

static lua_State *new_state(lun_heap **heap) {
  enum { KEPT = 64 * 1024 * 1024 }; // three values of 16 MB: as a packet, as a string, as garbage
  lun_blocks_keep(is_watched() ? 0 : KEPT);
  *heap = is_watched() ? NULL : lun_heap_new();
  return *heap ? lua_newstate(lun_heap_allocate, *heap) : lua_newstate(allocate, NULL);
}

// pause(seconds): does nothing for so long; for when the event loop can no longer be used.
static int pause_for(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  struct timespec time = {.tv_sec = (time_t)seconds};
  time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
  nanosleep(&time, NULL);
  return 0;
}

// is_terminal(): whether somebody types what we would read.
static int is_terminal(lua_State *L) {
  lua_pushboolean(L, isatty(STDIN_FILENO));
  return 1;
}

// close_signals()
static int close_signals(lua_State *L) {
  (void)L;
  lun_signals_close();
  return 0;
}

static void set_string(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

static void set_function(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

static void push_steps(lua_State *L, const lun_runner_options *options) {
  lua_createtable(L, (int)options->step_count, 0);
  for (size_t i = 0; i < options->step_count; i++) {
    lua_createtable(L, 0, 2);
    set_string(L, "text", options->steps[i].text);
    set_flag(L, "is_module", options->steps[i].is_module);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_versions(lua_State *L) {
  lua_createtable(L, 0, 3);
  set_string(L, "luajit", LUAJIT_VERSION);
  set_string(L, "libuv", uv_version_string());
  set_string(L, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
}

static void push_executable(lua_State *L) {
  char path[PATH_MAX];
  ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  lua_pushlstring(L, path, size > 0 ? (size_t)size : 0);
}

// What lunasa.runner is told; its class lunasa.runner.Plan names the fields.
static void push_plan(lua_State *L, const runner *self) {
  const lun_runner_options *options = &self->options;
  lua_newtable(L);
  push_executable(L);
  lua_setfield(L, -2, "executable");
  push_steps(L, options);
  lua_setfield(L, -2, "steps");
  push_versions(L);
  lua_setfield(L, -2, "versions");
  set_string(L, "url", options->url);
  set_string(L, "unknown", options->unknown);
  set_string(L, "lacking", options->lacking);
  set_string(L, "script", options->script < self->argc ? self->argv[options->script] : NULL);
  set_flag(L, "wants_server", options->wants_server);
  set_flag(L, "wants_version", options->wants_version);
  set_flag(L, "wants_help", options->wants_help);
  set_flag(L, "ignores_environment", options->ignores_environment);
  set_function(L, "pause", pause_for);
  set_function(L, "is_terminal", is_terminal);
  set_function(L, "close_signals", close_signals);
  lun_signals_push_setter(L);
  lua_setfield(L, -2, "on_signal");
}

// arg[0] is the script, its arguments follow, what stood before it has negative indexes. Without a
// script everything counts from the executable.
static void set_arguments(lua_State *L, const runner *self) {
  int script = self->options.script < self->argc ? self->options.script : 0;
  lua_createtable(L, self->argc - script, script + 1);
  for (int i = 0; i < self->argc; i++) {
    lua_pushstring(L, self->argv[i]);
    lua_rawseti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}

static void open_libraries(lua_State *L, const runner *self) {
  if (self->options.ignores_environment) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
#ifdef LUNASA_STRING_TABLE
  lun_lua_use_warmer(lun_string_table_warm);
#endif
#ifdef LUNASA_ROWS_READER
  lun_lua_use_rows_reader(lun_rows_reader_read);
#endif
  lun_iteration_replace(L);
  lun_embedded_register(L);
}

// Runs protected: what it raises is a mistake of ours, not of the script.
static int run(lua_State *L) {
  runner *self = lua_touserdata(L, 1);
  // Nothing of this becomes garbage, or runs often enough to be compiled.
  lua_gc(L, LUA_GCSTOP, 0);
  luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
  open_libraries(L, self);
  set_arguments(L, self);
  lun_signals_open(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lunasa.runner");
  lua_call(L, 1, 1);
  push_plan(L, self);
  luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_ON);
  lua_gc(L, LUA_GCRESTART, 0);
  lua_call(L, 1, 1);
  self->status = (int)lua_tointeger(L, -1);
  return 0;
}

int main(int argc, char **argv) {
  runner self = {.argc = argc, .argv = argv, .status = EXIT_FAILURE};
  lun_heap *heap;
  lua_State *state = new_state(&heap);
  if (!state || !lun_runner_options_read(&self.options, argc, argv)) {
    fputs("lunasa: out of memory\n", stderr);
    return EXIT_FAILURE;
  }
  if (lua_cpcall(state, run, &self) != 0) {
    fprintf(stderr, "lunasa: %s\n", lua_tostring(state, -1));
  }
  lun_signals_close();
  lua_close(state);
  lun_heap_free(heap);
  lun_runner_options_deinit(&self.options);
  if (fflush(stdout) != 0 && self.status == EXIT_SUCCESS) {
    perror("lunasa: standard output");
    self.status = EXIT_FAILURE;
  }
  return self.status;
}
