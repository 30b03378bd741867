/// What the executable carries inside: C modules, and Lua modules as bytecode.
#pragma once

#include <lua.h>

#include <stddef.h>

typedef struct lun_embedded_c {
  const char *name; // such as lunasa.driver.mysql
  lua_CFunction open;
} lun_embedded_c;

typedef struct lun_embedded_lua {
  const char *name;
  const char *bytecode;
  size_t size;
} lun_embedded_lua;

/// Both end with an entry without a name. Written by the build, see cmake/runner.cmake.
extern const lun_embedded_c LUN_EMBEDDED_C[];
extern const lun_embedded_lua LUN_EMBEDDED_LUA[];

/// Puts them into package.preload, so that `require` finds them before any file. [-0, +0]
void lun_embedded_register(lua_State *L);
