// src/mysql: values and placeholders as SQL, and character sets.
#include "base/number.h"
#include "mysql/collation.h"
#include "mysql/literal.h"
#include "spec_module.h"

static lun_mysql_quoting check_quoting(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  lua_getfield(L, index, "no_backslash_escapes");
  lua_getfield(L, index, "charset");
  const char *charset = luaL_optstring(L, -1, "utf8mb4");
  lun_mysql_quoting quoting = {
      .has_backslash_escapes = !lua_toboolean(L, -2),
      .is_escapable = lun_mysql_charset_is_escapable(lun_view_of(charset)),
      .charset = charset,
  };
  lua_pop(L, 2);
  return quoting;
}

lun_value lun_spec_value(lua_State *L, int index) {
  static const char *const KINDS[] = {
      [LUN_VALUE_NULL] = "null",
      [LUN_VALUE_INTEGER] = "integer",
      [LUN_VALUE_UNSIGNED] = "unsigned",
      [LUN_VALUE_REAL] = "real",
      [LUN_VALUE_TEXT] = "text",
      [LUN_VALUE_BINARY] = "binary",
      [LUN_VALUE_DATE] = "date",
      [LUN_VALUE_DATETIME] = "datetime",
      [LUN_VALUE_TIME] = "time",
      [LUN_VALUE_LITERAL] = "literal",
      NULL,
  };
  lun_value value = {.kind = (lun_value_kind)luaL_checkoption(L, index, NULL, KINDS)};
  int at = index + 1;
  bool is_text = lua_type(L, at) == LUA_TSTRING; // a number that Lua cannot hold
  switch (value.kind) {
  case LUN_VALUE_NULL: break;
  case LUN_VALUE_INTEGER:
    if (!is_text || !lun_parse_int64(lun_spec_view(L, at), &value.integer)) {
      value.integer = (int64_t)luaL_checknumber(L, at);
    }
    break;
  case LUN_VALUE_UNSIGNED:
    if (!is_text || !lun_parse_uint64(lun_spec_view(L, at), &value.natural)) {
      value.natural = (uint64_t)luaL_checknumber(L, at);
    }
    break;
  case LUN_VALUE_REAL: value.real = luaL_checknumber(L, at); break;
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: luaL_argerror(L, at, "only cells hold moments"); break;
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_LITERAL: value.bytes = lun_spec_view(L, at); break;
  }
  return value;
}

// literal(kind, value, quoting): SQL text, or nil, code and message.
static int literal(lua_State *L) {
  lun_value value = lun_spec_value(L, 1);
  lun_mysql_quoting quoting = check_quoting(L, 3);
  lun_buffer out = {0};
  lun_error error;
  if (lun_mysql_literal(&quoting, &value, &out, &error) == LUN_OK) {
    return lun_spec_push_buffer(L, &out);
  }
  lun_buffer_deinit(&out);
  return lun_spec_fail_with(L, &error);
}

// Appends <position> or <name>.
static lun_status
place(void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error) {
  lua_State *L = context;
  (void)error;
  lun_buffer_u8(out, '<');
  if (name.size > 0) {
    lun_buffer_view(out, name);
  } else {
    lua_pushinteger(L, (lua_Integer)position);
    lun_buffer_view(out, lun_spec_view(L, -1));
    lua_pop(L, 1);
  }
  lun_buffer_u8(out, '>');
  return LUN_OK;
}

// interpolate(sql, style, quoting): the SQL with <position> or <name> for every placeholder.
static int interpolate(lua_State *L) {
  static const char *const STYLES[] = {
      [LUN_STYLE_QMARK] = "qmark",
      [LUN_STYLE_NAMED] = "named",
      [LUN_STYLE_PYFORMAT] = "pyformat",
      NULL,
  };
  lun_view sql = lun_spec_view(L, 1);
  lun_placeholder_style style = (lun_placeholder_style)luaL_checkoption(L, 2, NULL, STYLES);
  lun_mysql_quoting quoting = check_quoting(L, 3);
  lun_buffer out = {0};
  lun_error error;
  if (lun_mysql_interpolate(&quoting, sql, style, place, L, &out, &error) == LUN_OK) {
    return lun_spec_push_buffer(L, &out);
  }
  lun_buffer_deinit(&out);
  return lun_spec_fail_with(L, &error);
}

// redact(sql, quoting): the SQL with `?` for every literal.
static int redact(lua_State *L) {
  lun_mysql_quoting quoting = check_quoting(L, 2);
  lun_buffer out = {0};
  lun_mysql_redact(&quoting, lun_spec_view(L, 1), &out);
  return lun_spec_push_buffer(L, &out);
}

// split_insert(sql, quoting): head, list and tail; nothing when it is no INSERT of one list.
static int split_insert(lua_State *L) {
  lun_mysql_quoting quoting = check_quoting(L, 2);
  lun_insert insert;
  if (!lun_mysql_split_insert(&quoting, lun_spec_view(L, 1), &insert)) {
    return 0;
  }
  lua_pushlstring(L, (const char *)insert.head.data, insert.head.size);
  lua_pushlstring(L, (const char *)insert.list.data, insert.list.size);
  lua_pushlstring(L, (const char *)insert.tail.data, insert.tail.size);
  return 3;
}

// collation(charset, collation, server_default): the id for the handshake.
static int collation(lua_State *L) {
  lua_pushinteger(L,
                  lun_mysql_handshake_collation(
                      lun_spec_view(L, 1), lun_spec_view(L, 2), (uint8_t)luaL_checkinteger(L, 3)));
  return 1;
}

static int is_escapable(lua_State *L) {
  lua_pushboolean(L, lun_mysql_charset_is_escapable(lun_spec_view(L, 1)));
  return 1;
}

const luaL_Reg LUN_SPEC_SQL[] = {
    {"literal", literal},
    {"interpolate", interpolate},
    {"split_insert", split_insert},
    {"collation", collation},
    {"is_escapable", is_escapable},
    {"redact", redact},
    {NULL, NULL},
};
