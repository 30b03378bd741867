// What a host that does its I/O in Lua asks of a session.
#include "lua/session.h"

enum { OUTPUT_PARTS = 16, OUTPUT_BYTES = 256 * 1024 };

// session:want(): what the host does next: "nothing", "read", "pause", "write", "tls", "work" or
// "closed".
static int session_want(lua_State *L) {
  static const char *const wants[] = {
      [LUN_WANT_NOTHING] = "nothing",
      [LUN_WANT_READ] = "read",
      [LUN_WANT_PAUSE] = "pause",
      [LUN_WANT_WRITE] = "write",
      [LUN_WANT_TLS] = "tls",
      [LUN_WANT_WORK] = "work",
      [LUN_WANT_CLOSED] = "closed",
  };
  lua_pushstring(L, wants[lun_session_want(lun_lua_session_check(L, 1)->session)]);
  return 1;
}

// session:feed(bytes)
static int session_feed(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_view received;
  received.data = (const uint8_t *)luaL_checklstring(L, 2, &received.size);
  lun_session_feed(holder->session, received);
  lun_lua_session_collect(holder);
  return 0;
}

// session:output(): what to send next, as one string, taken: the host must send all of it.
static int session_output(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_view parts[OUTPUT_PARTS];
  size_t count = lun_session_output(holder->session, parts, OUTPUT_PARTS);
  // Copied before Lua is asked for anything: it could run a finalizer that ends the session.
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  for (size_t i = 0; i < count && text->size < OUTPUT_BYTES; i++) {
    size_t room = OUTPUT_BYTES - text->size;
    lun_buffer_append(text, parts[i].data, parts[i].size < room ? parts[i].size : room);
  }
  lun_session_sent(holder->session, text->size);
  lua_pushlstring(L, (const char *)text->data, text->size);
  lun_lua_text_end(holder->shared, text);
  lun_lua_session_collect(holder);
  return 1;
}

static const char *text_field(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  lua_pop(L, 1); // the table at 2 keeps it alive
  return text;
}

static bool flag_field(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  bool is_set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_set;
}

// session:encrypted(encryption): the table that client:encryption() of lunasa.tls makes, or just
// whether the certificate was verified.
static int session_encrypted(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_encryption encryption = {0};
  if (lua_istable(L, 2)) {
    size_t size = 0;
    encryption.is_verified = flag_field(L, "is_verified");
    encryption.is_resumed = flag_field(L, "is_resumed");
    encryption.doubt = text_field(L, "doubt");
    encryption.needs_proof = encryption.doubt != NULL;
    encryption.version = text_field(L, "version");
    encryption.cipher = text_field(L, "cipher");
    lua_getfield(L, 2, "fingerprint");
    const char *fingerprint = lua_tolstring(L, -1, &size);
    if (fingerprint && size == sizeof encryption.fingerprint) {
      memcpy(encryption.fingerprint, fingerprint, size);
    }
  } else {
    encryption.is_verified = lua_toboolean(L, 2);
  }
  lun_session_encrypted(holder->session, &encryption);
  lun_lua_session_collect(holder);
  return 0;
}

// session:hangup(code, message): the stream ended; without arguments in an orderly way.
static int session_hangup(lua_State *L) {
  static const char *const codes[] = {"IO", "TIMEOUT", "CANCELLED", "TLS", NULL};
  static const lun_status statuses[] = {
      LUN_ERR_IO, LUN_ERR_TIMEOUT, LUN_ERR_CANCELLED, LUN_ERR_TLS};
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lun_error error;
  bool is_orderly = lua_isnoneornil(L, 2);
  if (!is_orderly) {
    lun_error_set(
        &error, statuses[luaL_checkoption(L, 2, NULL, codes)], "%s", luaL_checkstring(L, 3));
  }
  lun_session_hangup(holder->session, is_orderly ? NULL : &error);
  lun_lua_session_collect(holder);
  return 0;
}

void lun_lua_session_add_io(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"want", session_want},
      {"feed", session_feed},
      {"output", session_output},
      {"encrypted", session_encrypted},
      {"hangup", session_hangup},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
