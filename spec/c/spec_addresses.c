// src/uv/addresses.c: the order in which addresses are tried.
#include "spec_module.h"
#include "uv/addresses.h"

// Returns what a resolver would have found: the caller frees each by itself.
static struct addrinfo *found_at(lua_State *L, int index) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
  struct addrinfo *found = NULL;
  lua_rawgeti(L, 1, index);
  if (getaddrinfo(luaL_checkstring(L, -1), "3306", &hints, &found) != 0) {
    luaL_error(L, "not an address: %s", lua_tostring(L, -1));
  }
  lua_pop(L, 1);
  return found;
}

// interleave({addresses}): the same in the order in which they are tried.
static int interleave(lua_State *L) {
  enum { MOST = 100, TEXT = 100 };
  struct addrinfo *found[MOST] = {NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_objlen(L, 1);
  luaL_argcheck(L, count <= MOST, 1, "too many");
  for (int i = 0; i < count; i++) {
    found[i] = found_at(L, i + 1);
    if (i > 0) {
      found[i - 1]->ai_next = found[i];
    }
  }
  lun_addresses addresses = {0};
  lun_addresses_interleave(&addresses, found[0]);
  freeaddrinfo(found[0]);
  lua_createtable(L, (int)addresses.count, 0);
  for (size_t i = 0; i < addresses.count; i++) {
    char text[TEXT];
    lun_socket_address_print(&addresses.list[i], text, sizeof text);
    lua_pushstring(L, text);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

const luaL_Reg LUN_SPEC_ADDRESSES[] = {
    {"interleave", interleave},
    {NULL, NULL},
};
