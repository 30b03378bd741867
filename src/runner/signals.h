/// SIGINT and SIGTERM: the first asks the program to end, the second ends it.
///
/// SIGPIPE ends the program only when its standard output is what broke, as in `lunasa … | head`;
/// elsewhere the failed write says so.
#pragma once

#include <lua.h>

/// Installs the handlers. From then on the first signal calls, from inside the event loop, the
/// function given to `plan.on_signal` with "INT" or "TERM". One Lua state per process may do this.
void lun_signals_open(lua_State *L);

/// Pushes the C function `on_signal(f)`. [-0, +1]
void lun_signals_push_setter(lua_State *L);

/// Takes back what lun_signals_open did to the event loop; signals then end the process at once.
void lun_signals_close(void);
