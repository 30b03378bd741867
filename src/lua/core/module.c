// lunasa.core: sessions, results and pools for every host. It does no I/O and never yields.
#include "lua/core/core.h"
#include "lua/core/pool_direct.h"
#include "lua/export.h"
#include "lua/rows.h"
#include "lua/rows_ahead.h"
#include "lua/session.h"
#include "pool/pool.h"

// Keeps the function at `index` of a table's field for cells of one kind.
static void set_converter(lua_State *L, const char *name, int *reference) {
  lua_getfield(L, 1, name);
  if (lua_isfunction(L, -1)) {
    luaL_unref(L, LUA_REGISTRYINDEX, *reference);
    *reference = luaL_ref(L, LUA_REGISTRYINDEX);
  } else {
    lua_pop(L, 1);
  }
}

// core.set_converters{datetime=, duration=, json=, encode=, plan=}: functions from text to value,
// which formats with these flags call; one from a value and a session to whether it is known, and
// what is sent for it; and one from a session, names and whether TINYINT(1) is a boolean to a list
// with a function or false per column, or nil.
static int set_converters(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lun_lua_shared *shared = lun_lua_shared_get(L);
  set_converter(L, "datetime", &shared->to_datetime);
  set_converter(L, "duration", &shared->to_duration);
  set_converter(L, "json", &shared->to_json);
  set_converter(L, "encode", &shared->encode);
  set_converter(L, "plan", &shared->plan);
  return 0;
}

static void push_format_flags(lua_State *L) {
  static const struct {
    const char *name;
    int flag;
  } flags[] = {
      {"array", LUN_FORMAT_ARRAY},
      {"null_nil", LUN_FORMAT_NIL},
      {"bigint_string", LUN_FORMAT_BIGINT_STRING},
      {"bigint_number", LUN_FORMAT_BIGINT_NUMBER},
      {"bigint_int64", LUN_FORMAT_BIGINT_INT64},
      {"decimal_number", LUN_FORMAT_DECIMAL_NUMBER},
      {"datetime_table", LUN_FORMAT_DATETIME_TABLE},
      {"json_decode", LUN_FORMAT_JSON_DECODE},
      {"bit_number", LUN_FORMAT_BIT_NUMBER},
      {"quiet", LUN_FORMAT_QUIET},
      {"conv", LUN_FORMAT_CONV},
      {"tinyint1", LUN_FORMAT_TINYINT1},
      {"binary", LUN_FORMAT_BINARY},
      {"counts", LUN_FORMAT_COUNTS},
  };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
    lua_pushinteger(L, flags[i].flag);
    lua_setfield(L, -2, flags[i].name);
  }
}

// core.is_yieldable(): whether the caller may suspend. nginx's own `coroutine` cannot tell.
static int is_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

LUN_EXPORT int luaopen_lunasa_core(lua_State *L);

LUN_EXPORT int luaopen_lunasa_core(lua_State *L) {
  lun_lua_rows_register(L);
  lun_lua_session_register(L);
  lua_newtable(L);
  lua_pushcfunction(L, lun_lua_session_new);
  lua_setfield(L, -2, "session");
  lua_pushcfunction(L, lun_lua_session_options);
  lua_setfield(L, -2, "options");
  lun_lua_core_pool(L);
  lua_setfield(L, -2, "pool");
  lun_lua_pool_push_addresses(L);
  lua_setfield(L, -2, "pool_addresses");
  lun_lua_rows_push_ahead(L);
  lua_setfield(L, -2, "rows_ahead");
  lua_pushnumber(L, LUN_POOL_MAX_WAITERS + 1.0); // a waiter modulo this is unique at any time
  lua_setfield(L, -2, "pool_waiter_modulus");
  lua_pushcfunction(L, set_converters);
  lua_setfield(L, -2, "set_converters");
  lua_rawgeti(L, LUA_REGISTRYINDEX, lun_lua_shared_get(L)->make_array);
  lua_setfield(L, -2, "make_array");
  lua_pushcfunction(L, is_yieldable);
  lua_setfield(L, -2, "is_yieldable");
  lun_lua_core_files(L);
  push_format_flags(L);
  lua_setfield(L, -2, "format");
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}
