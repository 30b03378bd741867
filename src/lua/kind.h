/// What kind of userdata a value is, told by its first field.
#pragma once

#include <lauxlib.h>
#include <lua.h>

/// The first field of a userdata: the address of its kind's name. A name in another module has
/// another address, so only a match says anything.
typedef const char *lun_lua_kind;

/// Returns the userdata of metatable `kind` at stack index `index`, raising when it is none. Its
/// first field is a lun_lua_kind, which is quicker to look at than the metatable.
static inline void *lun_lua_check_kind(lua_State *L, int index, const char *kind) {
  lun_lua_kind *self = lua_touserdata(L, index);
  if (self && lua_objlen(L, index) >= sizeof *self && *self == kind) { // 0 of a light userdata
    return self;
  }
  return luaL_checkudata(L, index, kind);
}
