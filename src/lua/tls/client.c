#include "base/buffer.h"
#include "lua/error.h"
#include "lua/tls/objects.h"

#include <lauxlib.h>

static const char CLIENT[] = "lunasa.tls.client";

enum { READ_SIZE = 16384 }; // one TLS record

typedef struct client {
  lun_tls *tls;
  lun_buffer plain; // what is being read; here, so that a Lua error does not leak it
} client;

static client *check_client(lua_State *L) {
  client *self = luaL_checkudata(L, 1, CLIENT);
  luaL_argcheck(L, self->tls, 1, "the client was collected");
  return self;
}

static lun_view check_bytes(lua_State *L, int index) {
  size_t size = 0;
  const char *text = luaL_checklstring(L, index, &size);
  return (lun_view){(const uint8_t *)text, size};
}

int lun_lua_tls_new_client(lua_State *L, lun_tls_context *context, const char *server_name) {
  client *self = lua_newuserdata(L, sizeof *self);
  *self = (client){0};
  luaL_getmetatable(L, CLIENT);
  lua_setmetatable(L, -2);
  lun_error error;
  self->tls = lun_tls_new(context, server_name, &error);
  return self->tls ? 1 : lun_lua_fail(L, &error);
}

static int client_handshake(lua_State *L) {
  client *self = check_client(L);
  bool done = false;
  lun_error error;
  if (lun_tls_handshake(self->tls, &done, &error) != LUN_OK) {
    return lun_lua_fail(L, &error);
  }
  lua_pushboolean(L, done);
  return 1;
}

static int client_feed(lua_State *L) {
  client *self = check_client(L);
  lun_error error;
  if (lun_tls_feed(self->tls, check_bytes(L, 2), &error) != LUN_OK) {
    return lun_lua_fail(L, &error);
  }
  lua_pushboolean(L, 1);
  return 1;
}

// Decrypts all that can be decrypted into `self->plain`.
static lun_status read_all(client *self, bool *closed, lun_error *error) {
  size_t count = READ_SIZE;
  *closed = false;
  while (count == READ_SIZE && !*closed) {
    uint8_t *end = lun_buffer_reserve(&self->plain, READ_SIZE);
    if (!end) {
      return lun_error_set(error, LUN_ERR_NOMEM, "TLS read failed: out of memory");
    }
    lun_status status = lun_tls_read(self->tls, end, READ_SIZE, &count, closed, error);
    if (status != LUN_OK) {
      // A failure stays: what was read before it is handed out first.
      return self->plain.size > 0 ? LUN_OK : status;
    }
    self->plain.size += count;
  }
  return LUN_OK;
}

static int client_read(lua_State *L) {
  client *self = check_client(L);
  bool closed = false;
  lun_error error;
  lun_buffer_deinit(&self->plain);
  lun_status status = read_all(self, &closed, &error);
  if (status == LUN_OK) {
    lua_pushlstring(L, (const char *)self->plain.data, self->plain.size);
    lua_pushboolean(L, closed);
  }
  lun_buffer_deinit(&self->plain);
  return status == LUN_OK ? 2 : lun_lua_fail(L, &error);
}

static int client_write(lua_State *L) {
  client *self = check_client(L);
  lun_error error;
  if (lun_tls_write(self->tls, check_bytes(L, 2), &error) != LUN_OK) {
    return lun_lua_fail(L, &error);
  }
  lua_pushboolean(L, 1);
  return 1;
}

static int client_output(lua_State *L) {
  client *self = check_client(L);
  lun_view output = lun_tls_output(self->tls);
  lua_pushlstring(L, (const char *)output.data, output.size);
  lun_tls_sent(self->tls, output.size);
  return 1;
}

static int client_close(lua_State *L) {
  lun_tls_close(check_client(L)->tls);
  return 0;
}

static int client_verified(lua_State *L) {
  lua_pushboolean(L, lun_tls_is_verified(check_client(L)->tls));
  return 1;
}

static int client_fingerprint(lua_State *L) {
  uint8_t bytes[LUN_TLS_FINGERPRINT_SIZE];
  if (!lun_tls_fingerprint(check_client(L)->tls, bytes)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushlstring(L, (const char *)bytes, sizeof bytes);
  return 1;
}

static int client_version(lua_State *L) {
  lua_pushstring(L, lun_tls_version(check_client(L)->tls));
  return 1;
}

static int client_cipher(lua_State *L) {
  lua_pushstring(L, lun_tls_cipher(check_client(L)->tls));
  return 1;
}

// client:encryption(): what a session is told, see session:encrypted().
static int client_encryption(lua_State *L) {
  const lun_tls *tls = check_client(L)->tls;
  uint8_t bytes[LUN_TLS_FINGERPRINT_SIZE];
  lua_createtable(L, 0, 6);
  lua_pushboolean(L, lun_tls_is_verified(tls));
  lua_setfield(L, -2, "is_verified");
  lua_pushboolean(L, lun_tls_is_resumed(tls));
  lua_setfield(L, -2, "is_resumed");
  lua_pushstring(L, lun_tls_doubt(tls)); // nil when there is none
  lua_setfield(L, -2, "doubt");
  lua_pushstring(L, lun_tls_version(tls));
  lua_setfield(L, -2, "version");
  lua_pushstring(L, lun_tls_cipher(tls));
  lua_setfield(L, -2, "cipher");
  if (lun_tls_fingerprint(tls, bytes)) {
    lua_pushlstring(L, (const char *)bytes, sizeof bytes);
    lua_setfield(L, -2, "fingerprint");
  }
  return 1;
}

static int client_gc(lua_State *L) {
  client *self = luaL_checkudata(L, 1, CLIENT);
  lun_tls_free(self->tls);
  self->tls = NULL;
  lun_buffer_deinit(&self->plain);
  return 0;
}

static int client_tostring(lua_State *L) {
  const client *self = luaL_checkudata(L, 1, CLIENT);
  const char *version = self->tls ? lun_tls_version(self->tls) : "";
  lua_pushfstring(L, "%s: %p (%s)", CLIENT, self, *version ? version : "no session");
  return 1;
}

static const luaL_Reg METHODS[] = {
    {"handshake", client_handshake},
    {"feed", client_feed},
    {"read", client_read},
    {"write", client_write},
    {"output", client_output},
    {"close", client_close},
    {"verified", client_verified},
    {"fingerprint", client_fingerprint},
    {"version", client_version},
    {"cipher", client_cipher},
    {"encryption", client_encryption},
    {"__gc", client_gc},
    {"__tostring", client_tostring},
    {NULL, NULL},
};

void lun_lua_tls_register_client(lua_State *L) {
  if (luaL_newmetatable(L, CLIENT)) {
    luaL_setfuncs(L, METHODS, 0);
    lua_pushstring(L, CLIENT);
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
}
