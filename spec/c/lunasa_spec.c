// lunasa_spec: the parts of the protocol core as functions of strings, for specs only.
//
// A decoder returns a table, or nil and the name of its status, such as "TRUNCATED".
#include "spec_module.h"

int lun_spec_fail(lua_State *L, lun_status status) {
  lua_pushnil(L);
  lua_pushstring(L, lun_status_name(status));
  return 2;
}

int lun_spec_fail_with(lua_State *L, const lun_error *error) {
  lun_spec_fail(L, error->status);
  lua_pushstring(L, error->message);
  return 3;
}

lun_view lun_spec_view(lua_State *L, int index) {
  lun_view view;
  view.data = (const uint8_t *)luaL_checklstring(L, index, &view.size);
  return view;
}

lun_view lun_spec_view_field(lua_State *L, int index, const char *name) {
  lun_view view = {0};
  lua_getfield(L, index, name);
  if (lua_isstring(L, -1)) {
    view.data = (const uint8_t *)lua_tolstring(L, -1, &view.size);
  }
  lua_pop(L, 1);
  return view;
}

uint32_t lun_spec_u32_field(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  uint32_t value = (uint32_t)lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

void lun_spec_push_view(lua_State *L, lun_view view) {
  lua_pushlstring(L, view.size > 0 ? (const char *)view.data : "", view.size);
}

void lun_spec_set_view(lua_State *L, const char *name, lun_view view) {
  lun_spec_push_view(L, view);
  lua_setfield(L, -2, name);
}

void lun_spec_set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

int lun_spec_push_buffer(lua_State *L, lun_buffer *buffer) {
  lun_spec_push_view(L, lun_buffer_bytes(buffer));
  lun_buffer_deinit(buffer);
  return 1;
}

__attribute__((visibility("default"))) int luaopen_lunasa_spec(lua_State *L);

int luaopen_lunasa_spec(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, LUN_SPEC_ADDRESSES, 0);
  luaL_setfuncs(L, LUN_SPEC_BASE, 0);
  luaL_setfuncs(L, LUN_SPEC_MEMORY, 0);
  luaL_setfuncs(L, LUN_SPEC_PACKETS, 0);
  luaL_setfuncs(L, LUN_SPEC_FRAMES, 0);
  luaL_setfuncs(L, LUN_SPEC_COMPRESSION, 0);
  luaL_setfuncs(L, LUN_SPEC_SQL, 0);
  luaL_setfuncs(L, LUN_SPEC_ROWS, 0);
  luaL_setfuncs(L, LUN_SPEC_STATEMENTS, 0);
  luaL_setfuncs(L, LUN_SPEC_COLLECT, 0);
  return 1;
}
