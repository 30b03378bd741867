// src/mysql/packet: what prepared statements send and receive.
#include "mysql/packet.h"
#include "spec_module.h"

#include <stdlib.h>

// prepare_ok(bytes, capabilities)
static int prepare_ok(lua_State *L) {
  lun_mysql_prepare_ok packet;
  uint64_t capabilities = (uint64_t)luaL_checknumber(L, 2);
  lun_status status = lun_mysql_prepare_ok_decode(lun_spec_view(L, 1), capabilities, &packet);
  if (status != LUN_OK) {
    return lun_spec_fail(L, status);
  }
  lua_newtable(L);
  lun_spec_set_number(L, "statement_id", packet.statement_id);
  lun_spec_set_number(L, "column_count", packet.column_count);
  lun_spec_set_number(L, "parameter_count", packet.parameter_count);
  lun_spec_set_number(L, "warnings", packet.warnings);
  lua_pushboolean(L, packet.has_metadata);
  lua_setfield(L, -2, "has_metadata");
  return 1;
}

// The value that { kind, value } at the top says. [-0, +0]
static lun_value read_value(lua_State *L) {
  int pair = lua_gettop(L);
  lua_rawgeti(L, pair, 1);
  lua_rawgeti(L, pair, 2);
  lun_value value = lun_spec_value(L, pair + 1);
  lua_settop(L, pair);
  return value;
}

// The values of the list `name` in the table at 1, kept by a userdata on top. [-0, +1]
static const lun_value *read_values(lua_State *L, const char *name, size_t *count) {
  lua_getfield(L, 1, name);
  int list = lua_gettop(L);
  *count = lua_istable(L, list) ? lua_objlen(L, list) : 0;
  lun_value *values = lua_newuserdata(L, (*count + 1) * sizeof *values);
  for (size_t i = 0; i < *count; i++) {
    lua_rawgeti(L, list, (int)i + 1);
    values[i] = read_value(L);
    lua_pop(L, 1);
  }
  lua_remove(L, list);
  return values;
}

// As read_values: each is { kind, value, name }.
static const lun_attribute *read_attributes(lua_State *L, size_t *count) {
  const lun_value *values = read_values(L, "attributes", count);
  lun_attribute *attributes = lua_newuserdata(L, (*count + 1) * sizeof *attributes);
  lua_getfield(L, 1, "attributes");
  for (size_t i = 0; i < *count; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    lua_rawgeti(L, -1, 3);
    attributes[i] = (lun_attribute){.name = lun_spec_view(L, -1), .value = values[i]};
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  return attributes;
}

// execute({ id, flags, capabilities, values, attributes, long }): `long` is a list of booleans.
static int execute(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lun_mysql_execute packet = {
      .statement_id = lun_spec_u32_field(L, 1, "id"),
      .flags = (uint8_t)lun_spec_u32_field(L, 1, "flags"),
      .capabilities = lun_spec_u32_field(L, 1, "capabilities"),
  };
  packet.values = read_values(L, "values", &packet.value_count);
  packet.attributes = read_attributes(L, &packet.attribute_count);
  lua_getfield(L, 1, "long");
  if (lua_istable(L, -1)) {
    bool *is_long = lua_newuserdata(L, packet.value_count + 1);
    for (size_t i = 0; i < packet.value_count; i++) {
      lua_rawgeti(L, -2, (int)i + 1);
      is_long[i] = lua_toboolean(L, -1);
      lua_pop(L, 1);
    }
    packet.is_long = is_long;
  }
  lun_buffer out = {0};
  lun_mysql_execute_encode(&packet, &out);
  return lun_spec_push_buffer(L, &out);
}

// bulk_execute({ id, width, values }): row after row of `width` values.
static int bulk_execute(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t count;
  uint32_t width = lun_spec_u32_field(L, 1, "width");
  const lun_value *values = read_values(L, "values", &count);
  lun_buffer out = {0};
  lun_status status = lun_mysql_bulk_execute_encode(
      lun_spec_u32_field(L, 1, "id"), values, width, count / width, &out);
  if (status == LUN_OK) {
    return lun_spec_push_buffer(L, &out);
  }
  size_t left = out.size;
  lun_buffer_deinit(&out);
  return left == 0 ? lun_spec_fail(L, status) : luaL_error(L, "a refused packet left bytes");
}

// query_attributes({ attributes })
static int query_attributes(lua_State *L) {
  size_t count;
  luaL_checktype(L, 1, LUA_TTABLE);
  const lun_attribute *attributes = read_attributes(L, &count);
  lun_buffer out = {0};
  lun_mysql_query_attributes_encode(attributes, count, &out);
  return lun_spec_push_buffer(L, &out);
}

const luaL_Reg LUN_SPEC_STATEMENTS[] = {
    {"prepare_ok", prepare_ok},
    {"execute", execute},
    {"bulk_execute", bulk_execute},
    {"query_attributes", query_attributes},
    {NULL, NULL},
};
