// What the server told about a session, as Lua values.
#include "lua/session.h"

static void push_view(lua_State *L, lun_view view) {
  lua_pushlstring(L, (const char *)view.data, view.size);
}

// session:session_state(): a new table of `variables`, by name, and what else was told.
static int session_session_state(lua_State *L) {
  static const char *const names[] = {
      [LUN_STATE_GTID] = "gtid",
      [LUN_STATE_TRANSACTION] = "transaction_state",
      [LUN_STATE_TRANSACTION_CHARACTERISTICS] = "transaction_characteristics",
  };
  const lun_session_state *state = &lun_lua_session_check(L, 1)->session->state;
  lua_settop(L, 1);
  lua_createtable(L, 0, 4);
  lua_newtable(L);
  for (size_t i = 0; i < state->count; i++) {
    const lun_state_entry *entry = &state->entries[i];
    if (entry->kind == LUN_STATE_VARIABLE) {
      push_view(L, lun_state_name(entry));
      push_view(L, lun_state_value(entry));
      lua_rawset(L, 3);
    } else {
      push_view(L, lun_state_value(entry));
      lua_setfield(L, 2, names[entry->kind]);
    }
  }
  lua_setfield(L, 2, "variables");
  lua_pushboolean(L, state->is_changed);
  lua_setfield(L, 2, "state_changed");
  return 1;
}

void lun_lua_session_add_state(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"session_state", session_session_state},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
