#include "lua/error.h"
#include "lua/tls/objects.h"

#include <lauxlib.h>

static const char CONTEXT[] = "lunasa.tls.context";

static lun_tls_context *check_context(lua_State *L) {
  lun_tls_context **self = luaL_checkudata(L, 1, CONTEXT);
  luaL_argcheck(L, *self, 1, "the context was collected");
  return *self;
}

const char *lun_lua_tls_check_text(lua_State *L, int index, const char *what) {
  // A number would be converted on the stack only, and die with it.
  if (lua_type(L, index) != LUA_TSTRING) {
    luaL_error(L, "%s must be a string, not %s", what, luaL_typename(L, index));
  }
  size_t size = 0;
  const char *text = lua_tolstring(L, index, &size);
  if (memchr(text, '\0', size)) {
    luaL_error(L, "%s must not contain a NUL byte", what);
  }
  return text;
}

static lun_tls_verify check_verify(lua_State *L, const char *name) {
  if (strcmp(name, "none") == 0) {
    return LUN_TLS_VERIFY_NONE;
  }
  if (strcmp(name, "ca") == 0) {
    return LUN_TLS_VERIFY_CA;
  }
  if (strcmp(name, "identity") != 0) {
    luaL_error(L, "verify must be \"none\", \"ca\" or \"identity\", not \"%s\"", name);
  }
  return LUN_TLS_VERIFY_IDENTITY;
}

// Fills `options` from the table at 1, which keeps the strings alive.
static void check_options(lua_State *L, lun_tls_options *options) {
  const struct {
    const char *name;
    const char **value;
  } texts[] = {
      {"ca_file", &options->ca_file},
      {"ca_path", &options->ca_path},
      {"ca_pem", &options->ca_pem},
      {"crl_file", &options->crl_file},
      {"crl_path", &options->crl_path},
      {"cert_file", &options->cert_file},
      {"cert_pem", &options->cert_pem},
      {"key_file", &options->key_file},
      {"key_pem", &options->key_pem},
      {"key_password", &options->key_password},
      {"ciphers", &options->ciphers},
      {"ciphersuites", &options->ciphersuites},
      {"min_version", &options->min_version},
      {"max_version", &options->max_version},
      {"fingerprint", &options->fingerprint},
      {"public_key_pin", &options->public_key_pin},
  };
  luaL_checktype(L, 1, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    size_t i = 0;
    while (name && i < sizeof texts / sizeof *texts && strcmp(texts[i].name, name) != 0) {
      i++;
    }
    if (name && i < sizeof texts / sizeof *texts) {
      *texts[i].value = lun_lua_tls_check_text(L, -1, name);
    } else if (name && strcmp(name, "resumes") == 0) {
      options->resumes = lua_toboolean(L, -1);
    } else if (name && strcmp(name, "accepts_proof") == 0) {
      options->accepts_proof = lua_toboolean(L, -1);
    } else if (name && strcmp(name, "verify") == 0) {
      options->verify = check_verify(L, lun_lua_tls_check_text(L, -1, name));
    } else {
      luaL_error(L, "unknown TLS option '%s'", name ? name : luaL_typename(L, -2));
    }
  }
}

int lun_lua_tls_new_context(lua_State *L) {
  lun_tls_options options = {.verify = LUN_TLS_VERIFY_IDENTITY};
  check_options(L, &options);
  lun_tls_context **self = lua_newuserdata(L, sizeof(lun_tls_context *));
  *self = NULL;
  luaL_getmetatable(L, CONTEXT);
  lua_setmetatable(L, -2);
  lun_error error;
  *self = lun_tls_context_new(&options, &error);
  return *self ? 1 : lun_lua_fail(L, &error);
}

static int context_client(lua_State *L) {
  lun_tls_context *context = check_context(L);
  const char *name = lua_isnoneornil(L, 2) ? NULL : lun_lua_tls_check_text(L, 2, "server_name");
  return lun_lua_tls_new_client(L, context, name);
}

static int context_is_stale(lua_State *L) {
  lua_pushboolean(L, lun_tls_context_is_stale(check_context(L)));
  return 1;
}

static int context_gc(lua_State *L) {
  lun_tls_context **self = luaL_checkudata(L, 1, CONTEXT);
  lun_tls_context_free(*self);
  *self = NULL;
  return 0;
}

static int context_tostring(lua_State *L) {
  lua_pushfstring(L, "%s: %p", CONTEXT, lua_topointer(L, 1));
  return 1;
}

static const luaL_Reg METHODS[] = {
    {"client", context_client},
    {"is_stale", context_is_stale},
    {"__gc", context_gc},
    {"__tostring", context_tostring},
    {NULL, NULL},
};

void lun_lua_tls_register_context(lua_State *L) {
  if (luaL_newmetatable(L, CONTEXT)) {
    luaL_setfuncs(L, METHODS, 0);
    lua_pushstring(L, CONTEXT);
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
}
