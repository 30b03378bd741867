#include "runner/signals.h"

#include "lua/uv/host.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_BY_SIGNAL = 128 }; // plus the signal's number, as shells say it

// A handler can be told nothing, so this is the one thing here that is global.
static struct {
  volatile sig_atomic_t received; // the first signal, 0 before it
  volatile sig_atomic_t is_open;
  uv_async_t wakeup;
  lua_State *state;
  lun_loop *loop;
  pthread_t thread; // of the loop: a wait there ends only when the signal comes there
  int handler;      // registry reference of the Lua function
} signals = {.handler = LUA_NOREF};

static void on_end(int number) {
  if (signals.received != 0 || !signals.is_open) {
    _exit(EXIT_BY_SIGNAL + number);
  }
  if (!pthread_equal(pthread_self(), signals.thread)) {
    pthread_kill(signals.thread, number);
    return;
  }
  signals.received = number;
  uv_async_send(&signals.wakeup);
  lun_loop_interrupt(signals.loop);
}

static void on_broken_pipe(int number) {
  struct pollfd output = {.fd = STDOUT_FILENO};
  if (poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0) {
    _exit(EXIT_BY_SIGNAL + number);
  }
}

static void on_wakeup(uv_async_t *wakeup) {
  (void)wakeup;
  lua_State *state = signals.state;
  if (signals.handler == LUA_NOREF) {
    return;
  }
  lua_rawgeti(state, LUA_REGISTRYINDEX, signals.handler);
  lua_pushstring(state, signals.received == SIGINT ? "INT" : "TERM");
  if (lua_pcall(state, 1, 0, 0) != 0) {
    fprintf(stderr, "lunasa: %s\n", lua_tostring(state, -1));
    lua_pop(state, 1);
  }
}

static void handle(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void lun_signals_open(lua_State *L) {
  lun_loop *loop = lun_lua_host_get(L)->loop;
  signals.state = L;
  signals.loop = loop;
  signals.thread = pthread_self();
  if (uv_async_init(&loop->uv, &signals.wakeup, on_wakeup) != 0) {
    luaL_error(L, "cannot listen to signals: too many open files");
  }
  uv_unref((uv_handle_t *)&signals.wakeup);
  signals.is_open = 1;
  loop->is_interruptible = true;
  handle(SIGINT, on_end);
  handle(SIGTERM, on_end);
  // Handlers, unlike SIG_IGN, do not reach the programs that a script starts.
  handle(SIGPIPE, on_broken_pipe);
}

// on_signal(f): f("INT" or "TERM") is called when the first signal comes.
static int set_handler(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  signals.handler = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

void lun_signals_push_setter(lua_State *L) {
  lua_pushcfunction(L, set_handler);
}

void lun_signals_close(void) {
  if (signals.is_open) {
    signals.is_open = 0;
    signals.loop->is_interruptible = false;
    uv_close((uv_handle_t *)&signals.wakeup, NULL);
  }
}
