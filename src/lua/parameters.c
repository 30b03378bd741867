#include "lua/parameters.h"

#include "lua/values.h"

enum { DEEPEST_LIST = 8 };

typedef struct placing {
  lua_State *L;
  lun_session *session;
  int args;
  size_t count; // of a list; 0 for a map
  bool is_list;
  bool is_pack;
  size_t used;
  lun_lua_values *values; // NULL: values become literals
} placing;

static lun_status
append_value(placing *place, int index, int depth, lun_buffer *out, lun_error *error);

static lun_status refuse(lun_error *error, const char *what) {
  return lun_error_set(error, LUN_ERR_ARGUMENT, "%s cannot be a parameter", what);
}

static lun_status
append_scalar(placing *place, const lun_value *value, lun_buffer *out, lun_error *error) {
  if (place->values) {
    if (out) {
      lun_buffer_u8(out, '?');
    }
    return lun_lua_values_add(place->L, place->values, value, error);
  }
  return place->session->driver->literal(place->session, value, out, error);
}

static lun_status append_cdata(placing *place, int index, lun_buffer *out, lun_error *error) {
  lua_State *L = place->L;
  lua_rawgeti(L, LUA_REGISTRYINDEX, lun_lua_shared_get(L)->classify);
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
  const char *type = lua_tostring(L, -1);
  lun_value value = {.kind = LUN_VALUE_NULL};
  if (type && strcmp(type, "int64") == 0) {
    value.kind = LUN_VALUE_INTEGER;
    memcpy(&value.integer, lua_topointer(L, index), sizeof value.integer);
  } else if (type && strcmp(type, "uint64") == 0) {
    value.kind = LUN_VALUE_UNSIGNED;
    memcpy(&value.natural, lua_topointer(L, index), sizeof value.natural);
  }
  bool is_known = type != NULL;
  lua_pop(L, 1);
  return is_known ? append_scalar(place, &value, out, error)
                  : refuse(error, "a cdata that is no int64_t, uint64_t or NULL");
}

// The length of a list with a nil inside may be anything before one; a key behind it tells. Returns
// the position of the first nil, or 0.
static size_t find_hole(lua_State *L, int list, size_t count) {
  bool has_hole = false;
  lua_pushnil(L);
  while (lua_next(L, list) != 0) {
    lua_pop(L, 1);
    has_hole =
        has_hole || (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) > (lua_Number)count);
  }
  for (size_t i = 1; has_hole; i++) {
    lua_rawgeti(L, list, (int)i);
    bool is_hole = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (is_hole) {
      return i;
    }
  }
  return 0;
}

static lun_status refuse_nil(lun_error *error) {
  return refuse(error, "nil inside a list (use lunasa.null, or lunasa.pack(...) for the list)");
}

// NOLINTBEGIN(misc-no-recursion): lists nest, DEEPEST_LIST levels at most
static lun_status
append_list(placing *place, int index, int depth, lun_buffer *out, lun_error *error) {
  lua_State *L = place->L;
  size_t count = lua_objlen(L, index);
  if (!out) {
    return refuse(error, "a list");
  }
  if (depth >= DEEPEST_LIST) {
    return refuse(error, "a list nested so deeply");
  }
  if (find_hole(L, index, count) != 0) {
    return refuse_nil(error);
  }
  if (count == 0) {
    lua_pushnil(L);
    bool is_empty = lua_next(L, index) == 0;
    lua_settop(L, is_empty ? lua_gettop(L) : lua_gettop(L) - 2);
    return is_empty ? lun_error_set(
               error, LUN_ERR_ARGUMENT, "an empty list cannot be a parameter: IN () is not SQL")
                    : refuse(error, "a table with string keys");
  }
  lun_buffer_u8(out, '(');
  for (size_t i = 1; i <= count; i++) {
    if (i > 1) {
      lun_buffer_append(out, ", ", 2);
    }
    lua_rawgeti(L, index, (int)i);
    lun_status status = append_value(place, lua_gettop(L), depth + 1, out, error);
    lua_pop(L, 1);
    if (status != LUN_OK) {
      return status;
    }
  }
  lun_buffer_u8(out, ')');
  return LUN_OK;
}

// A value object tells its kind in its metatable, and its text by tostring. [-0, +0]
static lun_status
append_object(placing *place, int index, const char *kind, lun_buffer *out, lun_error *error) {
  lua_State *L = place->L;
  if (!luaL_callmeta(L, index, "__tostring")) {
    return refuse(error, "a value object without __tostring");
  }
  if (!lua_isstring(L, -1)) {
    lua_pop(L, 1);
    return refuse(error, "a value object whose __tostring gives no string");
  }
  lun_value value = {.kind = strcmp(kind, "binary") == 0 ? LUN_VALUE_BINARY : LUN_VALUE_TEXT};
  value.bytes.data = (const uint8_t *)lua_tolstring(L, -1, &value.bytes.size);
  if (place->values) {
    lun_lua_values_keep(L, place->values, lua_gettop(L));
  }
  lun_status status = append_scalar(place, &value, out, error);
  lua_pop(L, 1);
  return status;
}

// Asks Lua what to send for a value with a metatable. Returns false when nobody knows; else what
// became of it is in `*status`. The session is at index 1 of the stack. [-0, +0]
static bool append_encoded(
    placing *place, int index, int depth, lun_buffer *out, lun_status *status, lun_error *error) {
  lua_State *L = place->L;
  int encode = lun_lua_shared_get(L)->encode;
  if (encode == LUA_NOREF || !lua_getmetatable(L, index)) {
    return false;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, encode);
  lua_pushvalue(L, index);
  lua_pushvalue(L, 1);
  lua_call(L, 2, 2);
  bool is_known = lua_toboolean(L, -2);
  if (is_known && lua_isnil(L, -1)) {
    *status = refuse(error, "nil from an encoder (use lunasa.null for NULL)");
  } else if (is_known && depth >= DEEPEST_LIST) {
    *status = refuse(error, "a value whose encoder gives another one so often");
  } else if (is_known) {
    *status = append_value(place, lua_gettop(L), depth + 1, out, error);
  }
  lua_pop(L, 3);
  return is_known;
}

static lun_status
append_table(placing *place, int index, int depth, lun_buffer *out, lun_error *error) {
  lua_State *L = place->L;
  lun_status status = LUN_OK;
  if (luaL_getmetafield(L, index, "__lunasa")) {
    const char *kind = lua_tostring(L, -1);
    bool is_pack = kind && strcmp(kind, "pack") == 0;
    if (is_pack) {
      status = refuse(error, "a lunasa.pack inside a list");
    } else if (kind) {
      status = append_object(place, index, kind, out, error);
    }
    lua_pop(L, 1);
    if (kind) {
      return status;
    }
  }
  return append_encoded(place, index, depth, out, &status, error)
             ? status
             : append_list(place, index, depth, out, error);
}

static lun_status
append_userdata(placing *place, int index, int depth, lun_buffer *out, lun_error *error) {
  lun_status status = LUN_OK;
  return append_encoded(place, index, depth, out, &status, error)
             ? status
             : refuse(error, lua_typename(place->L, LUA_TUSERDATA));
}

bool lun_lua_scalar(lua_State *L, int index, lun_value *value, lun_lua_values *values) {
  *value = (lun_value){.kind = LUN_VALUE_NULL};
  switch (lua_type(L, index)) {
  case LUA_TBOOLEAN:
    value->kind = LUN_VALUE_INTEGER;
    value->integer = lua_toboolean(L, index);
    return true;
  case LUA_TNUMBER: *value = lun_lua_number(lua_tonumber(L, index)); return true;
  case LUA_TSTRING:
    value->kind = LUN_VALUE_TEXT;
    value->bytes.data = (const uint8_t *)lua_tolstring(L, index, &value->bytes.size);
    if (values) {
      lun_lua_values_keep(L, values, index);
    }
    return true;
  case LUA_TLIGHTUSERDATA: return !lua_touserdata(L, index);
  default: return false;
  }
}

static lun_status
append_value(placing *place, int index, int depth, lun_buffer *out, lun_error *error) {
  lua_State *L = place->L;
  lun_value value;
  if (lun_lua_scalar(L, index, &value, place->values)) {
    return append_scalar(place, &value, out, error);
  }
  luaL_checkstack(L, LUA_MINSTACK, "a list nested so deeply");
  switch (lua_type(L, index)) {
  case LUA_TNIL:
    if (depth > 0 || (place->is_list && !place->is_pack)) {
      return refuse_nil(error);
    }
    return append_scalar(place, &value, out, error);
  case LUA_TLIGHTUSERDATA: return refuse(error, "a light userdata that is not lunasa.null");
  case LUA_TTABLE: return append_table(place, index, depth, out, error);
  case LUA_TUSERDATA: return append_userdata(place, index, depth, out, error);
  case LUN_LUA_TCDATA: return append_cdata(place, index, out, error);
  default: return refuse(error, lua_typename(L, lua_type(L, index)));
  }
}

// NOLINTEND(misc-no-recursion)

// Puts the position or name in front of what is wrong with a value.
static lun_status explain(lun_error *error, size_t position, lun_view name) {
  lun_error plain = *error;
  if (name.size > 0) {
    return lun_error_set(error,
                         plain.status,
                         "parameter :%.*s: %s",
                         (int)(name.size < 64 ? name.size : 64),
                         (const char *)name.data,
                         plain.message);
  }
  return lun_error_set(error, plain.status, "parameter %zu: %s", position, plain.message);
}

static lun_status place_named(placing *place, lun_view name, lun_buffer *out, lun_error *error) {
  lua_State *L = place->L;
  if (place->is_list && place->count > 0) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "the placeholder wants a name, the parameters are a list");
  }
  lua_pushlstring(L, (const char *)name.data, name.size);
  lua_rawget(L, place->args);
  lun_status status =
      lua_isnil(L, -1) ? lun_error_set(
          error, LUN_ERR_ARGUMENT, "no such parameter is given (use lunasa.null for NULL)")
                       : append_value(place, lua_gettop(L), 0, out, error);
  lua_pop(L, 1);
  return status;
}

static lun_status
place_value(void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error) {
  placing *place = context;
  lua_State *L = place->L;
  place->used = position;
  lun_status status;
  if (name.size > 0) {
    status = place_named(place, name, out, error);
  } else if (position > place->count) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the statement has more placeholders than parameters (%zu given)",
                         place->count);
  } else {
    lua_rawgeti(L, place->args, (int)position);
    status = append_value(place, lua_gettop(L), 0, out, error);
    lua_pop(L, 1);
  }
  return status == LUN_OK || status == LUN_ERR_NOMEM ? status : explain(error, position, name);
}

// A list has numbered parameters or none at all; a map has string keys only.
static void classify_args(placing *place) {
  lua_State *L = place->L;
  place->count = lua_objlen(L, place->args);
  place->is_list = place->count > 0;
  if (luaL_getmetafield(L, place->args, "__lunasa")) {
    place->is_pack = lua_isstring(L, -1) && strcmp(lua_tostring(L, -1), "pack") == 0;
    lua_pop(L, 1);
  }
  if (place->is_pack) {
    lua_getfield(L, place->args, "n");
    place->count = (size_t)lua_tointeger(L, -1);
    place->is_list = true;
    lua_pop(L, 1);
  } else if (!place->is_list) {
    lua_pushnil(L);
    place->is_list = lua_next(L, place->args) == 0;
    lua_pop(L, place->is_list ? 0 : 2);
  }
}

bool lun_lua_is_list(lua_State *L, int args) {
  placing place = {.L = L, .args = args};
  classify_args(&place);
  return place.is_list;
}

static lun_status
place_all(placing *place, lun_view sql, bool is_pyformat, lun_buffer *out, lun_error *error) {
  classify_args(place);
  size_t hole = place->is_pack ? 0 : find_hole(place->L, place->args, place->count);
  if (hole != 0) {
    refuse_nil(error);
    return explain(error, hole, (lun_view){0});
  }
  lun_placeholder_style style = is_pyformat      ? LUN_STYLE_PYFORMAT
                                : place->is_list ? LUN_STYLE_QMARK
                                                 : LUN_STYLE_NAMED;
  lun_session *session = place->session;
  lun_status status =
      session->driver->interpolate(session, sql, style, place_value, place, out, error);
  if (status == LUN_OK && place->is_list && place->used < place->count) {
    bool is_python = place->used == 0 && !is_pyformat && memmem(sql.data, sql.size, "%s", 2);
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the statement has %zu placeholders, and %zu parameters are given%s",
                         place->used,
                         place->count,
                         is_python ? " (%s is one with paramstyle = \"pyformat\")" : "");
  }
  return status;
}

lun_status lun_lua_interpolate(lua_State *L,
                               lun_session *session,
                               lun_view sql,
                               int args,
                               bool is_pyformat,
                               lun_buffer *out,
                               lun_error *error) {
  placing place = {.L = L, .session = session, .args = args};
  return place_all(&place, sql, is_pyformat, out, error);
}

lun_status lun_lua_place(lua_State *L,
                         lun_session *session,
                         lun_view sql,
                         int args,
                         bool is_pyformat,
                         lun_buffer *text,
                         lun_lua_values *values,
                         lun_error *error) {
  placing place = {.L = L, .session = session, .args = args, .values = values};
  return place_all(&place, sql, is_pyformat, text, error);
}

lun_status
lun_lua_literal(lua_State *L, lun_session *session, int index, lun_buffer *out, lun_error *error) {
  placing place = {.L = L, .session = session};
  return append_value(&place, index, 0, out, error);
}

lun_status lun_lua_values_append(
    lua_State *L, lun_session *session, int index, lun_lua_values *values, lun_error *error) {
  placing place = {.L = L, .session = session, .values = values};
  if (lua_istable(L, index)) {
    if (!lua_getmetatable(L, index)) {
      return refuse(error, "a list");
    }
    lua_pop(L, 1);
  }
  return append_value(&place, index, 0, NULL, error);
}
