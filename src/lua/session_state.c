// What the server told about a session, as Lua values.
#include "lua/format.h"
#include "lua/session.h"

#include <stdlib.h>

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
  size_t at = 0;
  lun_state_entry entry;
  while (lun_session_state_next(state, &at, &entry)) {
    if (entry.kind == LUN_STATE_VARIABLE) {
      push_view(L, entry.name);
      push_view(L, entry.value);
      lua_rawset(L, 3);
    } else {
      push_view(L, entry.value);
      lua_setfield(L, 2, names[entry.kind]);
    }
  }
  lua_setfield(L, 2, "variables");
  lua_pushboolean(L, state->is_changed);
  lua_setfield(L, 2, "state_changed");
  return 1;
}

// session:in_transaction(), as of the last answer; and whether anything may have changed in it.
static int session_in_transaction(lua_State *L) {
  const lun_facts *facts = &lun_lua_session_check(L, 1)->session->facts;
  lua_pushboolean(L, facts->in_transaction);
  lua_pushboolean(L, facts->has_changes);
  return 2;
}

// session:is_autocommit(), as of the last answer; and whether that is certain.
static int session_is_autocommit(lua_State *L) {
  const lun_facts *facts = &lun_lua_session_check(L, 1)->session->facts;
  lua_pushboolean(L, facts->is_autocommit);
  lua_pushboolean(L, facts->is_status_current);
  return 2;
}

// session:server_status(): the flags of the last answer.
static int session_server_status(lua_State *L) {
  lua_pushinteger(L, lun_lua_session_check(L, 1)->session->facts.server_status);
  return 1;
}

// session:database(): the default database, as far as the server tells; "" for none.
static int session_database(lua_State *L) {
  lua_pushstring(L, lun_fact_text(lun_lua_session_check(L, 1)->session->facts.database));
  return 1;
}

// session:charset(): that of the statements; "" or no name at all where it is not known.
static int session_charset(lua_State *L) {
  lua_pushstring(L, lun_lua_session_check(L, 1)->session->facts.charset);
  return 1;
}

// session:last_outcome(): affected rows, or rows, of the last statement whose answer was taken; -1
// for a stream of rows. Insert id, number of warnings, the server's words, and the token.
// Statements of quiet formats do not count.
static int session_last_outcome(lua_State *L) {
  const lun_lua_session *holder = lun_lua_session_check(L, 1);
  const lun_lua_outcome *last = &holder->last;
  if (last->is_unknown) {
    lua_pushinteger(L, -1);
  } else {
    lun_lua_push_uint64(L, holder->shared, last->affected_rows, 0);
  }
  lun_lua_push_uint64(L, holder->shared, last->insert_id, 0);
  lua_pushinteger(L, last->warning_count);
  lua_pushlstring(L, last->info, last->info_size);
  lua_pushnumber(L, (lua_Number)last->token);
  return 5;
}

// Few statements have any. Without memory for them, this one has none either.
static void keep_info(lun_lua_outcome *last, lun_view info) {
  enum { INFO_SIZE = 128 };
  last->info_size = 0;
  if (info.size > 0 && (last->info || (last->info = malloc(INFO_SIZE)))) {
    last->info_size = info.size < INFO_SIZE ? info.size : INFO_SIZE;
    memcpy(last->info, info.data, last->info_size);
  }
}

void lun_lua_session_note_outcome(lun_lua_session *holder,
                                  const lun_result *result,
                                  lun_token token,
                                  bool is_streamed,
                                  unsigned format) {
  lun_lua_outcome *last = &holder->last;
  if ((format & LUN_FORMAT_QUIET) || (last->token == token && !is_streamed)) {
    return;
  }
  last->token = token;
  bool has_rows = result->metadata != NULL;
  last->affected_rows = has_rows ? result->rows.count : result->affected_rows;
  last->insert_id = result->insert_id;
  last->warning_count = result->warning_count;
  last->is_unknown = has_rows && is_streamed;
  keep_info(last, result->info);
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
  lua_pushnumber(L, (lua_Number)facts->capabilities);
  lua_setfield(L, -2, "capabilities");
  lua_pushstring(L, lun_fact_text(facts->server_version));
  lua_setfield(L, -2, "server_version");
  lua_pushstring(L, lun_fact_text(facts->database));
  lua_setfield(L, -2, "database");
  lua_pushstring(L, facts->charset);
  lua_setfield(L, -2, "charset");
  lua_pushstring(L, lun_fact_text(facts->auth_plugin));
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
  lua_pushstring(L, lun_fact_text(facts->tls_version));
  lua_setfield(L, -2, "tls_version");
  lua_pushstring(L, lun_fact_text(facts->tls_cipher));
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
      {"is_autocommit", session_is_autocommit},
      {"server_status", session_server_status},
      {"database", session_database},
      {"charset", session_charset},
      {"last_outcome", session_last_outcome},
      {"facts", session_facts},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
