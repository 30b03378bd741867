// src/mysql/packet: bytes to tables and back.
#include "mysql/packet.h"
#include "spec_module.h"

static int greeting(lua_State *L) {
  lun_mysql_greeting packet;
  lun_status status = lun_mysql_greeting_decode(lun_spec_view(L, 1), &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_view(L, "server_version", packet.server_version);
  lun_spec_set_number(L, "connection_id", packet.connection_id);
  lun_spec_set_number(L, "capabilities", (double)packet.capabilities);
  lun_spec_set_number(L, "charset", packet.charset);
  lun_spec_set_number(L, "status_flags", packet.status_flags);
  lun_spec_set_view(L, "scramble", (lun_view){packet.scramble, sizeof packet.scramble});
  lun_spec_set_view(L, "auth_plugin", packet.auth_plugin);
  return 1;
}

// ssl_request(capabilities, max_packet, charset)
static int ssl_request(lua_State *L) {
  lun_buffer out = {0};
  lun_mysql_ssl_request_encode((uint32_t)luaL_checknumber(L, 1),
                               (uint32_t)luaL_checknumber(L, 2),
                               (uint8_t)luaL_checknumber(L, 3),
                               &out);
  return lun_spec_push_buffer(L, &out);
}

static int handshake_response(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lun_mysql_handshake_response packet = {
      .capabilities = lun_spec_u32_field(L, 1, "capabilities"),
      .max_packet = lun_spec_u32_field(L, 1, "max_packet"),
      .charset = (uint8_t)lun_spec_u32_field(L, 1, "charset"),
      .user = lun_spec_view_field(L, 1, "user"),
      .auth_response = lun_spec_view_field(L, 1, "auth_response"),
      .database = lun_spec_view_field(L, 1, "database"),
      .auth_plugin = lun_spec_view_field(L, 1, "auth_plugin"),
      .connect_attributes = lun_spec_view_field(L, 1, "connect_attributes"),
  };
  lun_buffer out = {0};
  lun_mysql_handshake_response_encode(&packet, &out);
  return lun_spec_push_buffer(L, &out);
}

static int change_user(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lun_mysql_handshake_response packet = {
      .capabilities = lun_spec_u32_field(L, 1, "capabilities"),
      .charset = (uint8_t)lun_spec_u32_field(L, 1, "charset"),
      .user = lun_spec_view_field(L, 1, "user"),
      .auth_response = lun_spec_view_field(L, 1, "auth_response"),
      .database = lun_spec_view_field(L, 1, "database"),
      .auth_plugin = lun_spec_view_field(L, 1, "auth_plugin"),
      .connect_attributes = lun_spec_view_field(L, 1, "connect_attributes"),
  };
  lun_buffer out = {0};
  lun_mysql_change_user_encode(&packet, &out);
  return lun_spec_push_buffer(L, &out);
}

static int auth_switch(lua_State *L) {
  lun_mysql_auth_switch packet;
  lun_status status = lun_mysql_auth_switch_decode(lun_spec_view(L, 1), &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_view(L, "auth_plugin", packet.auth_plugin);
  lun_spec_set_view(L, "data", packet.data);
  return 1;
}

// ok(bytes, capabilities)
static int ok(lua_State *L) {
  lun_mysql_ok packet;
  uint64_t capabilities = (uint64_t)luaL_checknumber(L, 2);
  lun_status status = lun_mysql_ok_decode(lun_spec_view(L, 1), capabilities, &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_number(L, "affected_rows", (double)packet.affected_rows);
  lun_spec_set_number(L, "last_insert_id", (double)packet.last_insert_id);
  lun_spec_set_number(L, "status_flags", packet.status_flags);
  lun_spec_set_number(L, "warnings", packet.warnings);
  lun_spec_set_view(L, "info", packet.info);
  lun_spec_set_view(L, "session_state", packet.session_state);
  return 1;
}

static int err(lua_State *L) {
  lun_mysql_err packet;
  lun_status status = lun_mysql_err_decode(lun_spec_view(L, 1), &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_number(L, "code", packet.code);
  lun_spec_set_view(L, "sqlstate", packet.sqlstate);
  lun_spec_set_view(L, "message", packet.message);
  return 1;
}

static int eof(lua_State *L) {
  lun_mysql_eof packet;
  lun_status status = lun_mysql_eof_decode(lun_spec_view(L, 1), &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_number(L, "warnings", packet.warnings);
  lun_spec_set_number(L, "status_flags", packet.status_flags);
  return 1;
}

// Appends a change to the table on top. [-0, +0]
static void note_change(void *context, const lun_mysql_track *change) {
  lua_State *L = context;
  lua_newtable(L);
  lun_spec_set_number(L, "type", change->type);
  lun_spec_set_view(L, "name", change->name);
  lun_spec_set_view(L, "value", change->value);
  lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
}

static int session_state(lua_State *L) {
  lun_view state = lun_spec_view(L, 1);
  lua_newtable(L);
  lun_status status = lun_mysql_session_state_decode(state, note_change, L);
  return status == LUN_OK ? 1 : lun_spec_fail(L, status);
}

const luaL_Reg LUN_SPEC_PACKETS[] = {
    {"greeting", greeting},
    {"ssl_request", ssl_request},
    {"handshake_response", handshake_response},
    {"change_user", change_user},
    {"auth_switch", auth_switch},
    {"ok", ok},
    {"err", err},
    {"eof", eof},
    {"session_state", session_state},
    {NULL, NULL},
};
