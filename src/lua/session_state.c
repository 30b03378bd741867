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

// session:in_transaction(), as of the last answer.
static int session_in_transaction(lua_State *L) {
  lua_pushboolean(L, lun_lua_session_check(L, 1)->session->facts.in_transaction);
  return 1;
}

// Pushes what MySQL calls the algorithm, nil for none. [-0, +1]
static void push_compression(lua_State *L, lun_compression compression) {
  switch (compression) {
  case LUN_COMPRESSION_NONE: lua_pushnil(L); break;
  case LUN_COMPRESSION_ZLIB: lua_pushliteral(L, "zlib"); break;
  case LUN_COMPRESSION_ZSTD: lua_pushliteral(L, "zstd"); break;
  }
}

// session:facts(): a new table.
static int session_facts(lua_State *L) {
  const lun_facts *facts = &lun_lua_session_check(L, 1)->session->facts;
  lua_createtable(L, 0, 10);
  lua_pushnumber(L, (lua_Number)facts->connection_id);
  lua_setfield(L, -2, "connection_id");
  lua_pushstring(L, facts->server_version);
  lua_setfield(L, -2, "server_version");
  lua_pushstring(L, facts->database);
  lua_setfield(L, -2, "database");
  lua_pushstring(L, facts->charset);
  lua_setfield(L, -2, "charset");
  lua_pushstring(L, facts->auth_plugin);
  lua_setfield(L, -2, "auth_plugin");
  push_compression(L, facts->compression);
  lua_setfield(L, -2, "compression");
  lua_pushboolean(L, facts->is_mariadb);
  lua_setfield(L, -2, "is_mariadb");
  lua_pushboolean(L, facts->is_encrypted);
  lua_setfield(L, -2, "is_encrypted");
  lua_pushboolean(L, facts->is_verified);
  lua_setfield(L, -2, "is_verified");
  lua_pushboolean(L, facts->is_tls_resumed);
  lua_setfield(L, -2, "is_tls_resumed");
  lua_pushstring(L, facts->tls_version);
  lua_setfield(L, -2, "tls_version");
  lua_pushstring(L, facts->tls_cipher);
  lua_setfield(L, -2, "tls_cipher");
  lua_pushboolean(L, facts->is_autocommit);
  lua_setfield(L, -2, "is_autocommit");
  lua_pushboolean(L, facts->in_transaction);
  lua_setfield(L, -2, "in_transaction");
  return 1;
}

void lun_lua_session_add_state(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"session_state", session_session_state},
      {"in_transaction", session_in_transaction},
      {"facts", session_facts},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
