// src/mysql/packet: bytes to tables and back.
#include "base/number.h"
#include "mysql/decode.h"
#include "mysql/field_type.h"
#include "mysql/packet.h"
#include "spec_module.h"

#include <stdlib.h>

static const char *const CLASSES[] = {
    [LUN_COLUMN_NULL] = "null",
    [LUN_COLUMN_INTEGER] = "integer",
    [LUN_COLUMN_UNSIGNED] = "unsigned",
    [LUN_COLUMN_REAL] = "real",
    [LUN_COLUMN_DECIMAL] = "decimal",
    [LUN_COLUMN_TEXT] = "text",
    [LUN_COLUMN_BINARY] = "binary",
    [LUN_COLUMN_BIT] = "bit",
    [LUN_COLUMN_DATE] = "date",
    [LUN_COLUMN_TIME] = "time",
    [LUN_COLUMN_DATETIME] = "datetime",
    [LUN_COLUMN_JSON] = "json",
};

static int greeting(lua_State *L) {
  lun_mysql_greeting packet;
  lun_status status = lun_mysql_greeting_decode(lun_spec_view(L, 1), &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_view(L, "server_version", packet.server_version);
  lun_spec_set_number(L, "connection_id", packet.connection_id);
  lun_spec_set_number(L, "capabilities", packet.capabilities);
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
  uint32_t capabilities = (uint32_t)luaL_checknumber(L, 2);
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

static int column(lua_State *L) {
  lun_reader reader = lun_reader_over(lun_spec_view(L, 1));
  lun_column packet;
  lun_mysql_column_decode(&reader, &packet);
  lun_status status = lun_reader_finish(&reader);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_view(L, "schema", packet.schema);
  lun_spec_set_view(L, "table", packet.table);
  lun_spec_set_view(L, "original_table", packet.original_table);
  lun_spec_set_view(L, "name", packet.name);
  lun_spec_set_view(L, "original_name", packet.original_name);
  lun_spec_set_number(L, "charset", packet.charset);
  lun_spec_set_number(L, "length", packet.length);
  lun_spec_set_number(L, "type", packet.type);
  lun_spec_set_number(L, "flags", packet.flags);
  lun_spec_set_number(L, "decimals", packet.decimals);
  return 1;
}

// text_row(bytes, count): the cells, false for NULL.
static int text_row(lua_State *L) {
  lun_view row = lun_spec_view(L, 1);
  uint32_t count = (uint32_t)luaL_checknumber(L, 2);
  lun_status status = lun_mysql_text_row_check(row, count);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lun_reader reader = lun_reader_over(row);
  lua_newtable(L);
  for (uint32_t i = 0; i < count; i++) {
    bool is_null;
    lun_view cell = lun_mysql_text_cell(&reader, &is_null);
    if (is_null) {
      lua_pushboolean(L, false);
    } else {
      lun_spec_push_view(L, cell);
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

// class(type, flags, charset)
static int class_name(lua_State *L) {
  lua_pushstring(L,
                 CLASSES[lun_mysql_column_class((uint8_t)luaL_checknumber(L, 1),
                                                (uint16_t)luaL_checknumber(L, 2),
                                                (uint16_t)luaL_checknumber(L, 3))]);
  return 1;
}

// Pushes the kind of `value` and the value; integers as text, since they may be beyond 2^53.
static int push_value(lua_State *L, const lun_value *value) {
  static const char *const KINDS[] = {
      [LUN_VALUE_NULL] = "null",
      [LUN_VALUE_INTEGER] = "integer",
      [LUN_VALUE_UNSIGNED] = "unsigned",
      [LUN_VALUE_REAL] = "real",
      [LUN_VALUE_TEXT] = "text",
      [LUN_VALUE_BINARY] = "binary",
      [LUN_VALUE_LITERAL] = "literal",
  };
  char digits[LUN_NUMBER_SIZE];
  lua_pushstring(L, KINDS[value->kind]);
  switch (value->kind) {
  case LUN_VALUE_NULL: return 1;
  case LUN_VALUE_INTEGER:
    lua_pushlstring(L, digits, lun_format_int64(value->integer, digits));
    break;
  case LUN_VALUE_UNSIGNED:
    lua_pushlstring(L, digits, lun_format_uint64(value->natural, digits));
    break;
  case LUN_VALUE_REAL: lua_pushnumber(L, value->real); break;
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_LITERAL: lun_spec_push_view(L, value->bytes); break;
  }
  return 2;
}

// decode(definitions, row, column): kind and value of one cell, column counted from 1; decoded both
// alone and with its row. `definitions` is a table of Protocol::ColumnDefinition41.
static int decode(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lun_view row = lun_spec_view(L, 2);
  uint32_t wanted = (uint32_t)luaL_checknumber(L, 3) - 1;
  uint32_t count = (uint32_t)lua_objlen(L, 1);
  luaL_argcheck(L, wanted < count, 3, "no such column");
  lun_buffer raw = {0};
  for (uint32_t i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, (int)i);
    lun_buffer_lenenc_view(&raw, lun_spec_view(L, -1));
    lua_pop(L, 1);
  }
  lun_metadata_cache *cache = lun_metadata_cache_new();
  lun_metadata *metadata = NULL;
  lun_value *cells = calloc(count, sizeof *cells);
  lun_value cell = {0};
  lun_status status = lun_metadata_cache_get(
      cache, lun_buffer_bytes(&raw), count, lun_mysql_parse_columns, &metadata);
  if (status == LUN_OK) {
    status = LUN_MYSQL_TEXT_DECODER.row(metadata, row, cells);
  }
  if (status == LUN_OK) {
    status = LUN_MYSQL_TEXT_DECODER.cell(metadata, row, wanted, &cell);
  }
  int results = status == LUN_OK ? push_value(L, &cell) : lun_spec_fail(L, status);
  if (status == LUN_OK && cell.kind != cells[wanted].kind) {
    results = luaL_error(L, "a cell differs from the same one in its row");
  }
  free(cells);
  lun_metadata_release(metadata);
  lun_metadata_cache_free(cache);
  lun_buffer_deinit(&raw);
  return results;
}

const luaL_Reg LUN_SPEC_PACKETS[] = {
    {"greeting", greeting},
    {"ssl_request", ssl_request},
    {"handshake_response", handshake_response},
    {"auth_switch", auth_switch},
    {"ok", ok},
    {"err", err},
    {"eof", eof},
    {"session_state", session_state},
    {"column", column},
    {"text_row", text_row},
    {"class", class_name},
    {"decode", decode},
    {NULL, NULL},
};
