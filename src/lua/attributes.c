#include "lua/attributes.h"

#include "lua/values.h"

enum { MOST_ATTRIBUTES = 65535 };

static lun_view name_at(lua_State *L, int list, size_t i) {
  lun_view name;
  lua_rawgeti(L, list, (int)(2 * i + 1));
  name.data = (const uint8_t *)luaL_checklstring(L, -1, &name.size);
  lua_pop(L, 1); // the list keeps it
  return name;
}

static lun_status
append(lua_State *L, lun_session *session, int index, lun_lua_values *values, lun_error *error) {
  lun_view name = name_at(L, index, values->count);
  lua_rawgeti(L, index, (int)(2 * values->count + 2));
  lun_status status = lun_lua_values_append(L, session, lua_gettop(L), values, error);
  lua_pop(L, 1);
  if (status == LUN_OK) {
    return LUN_OK;
  }
  lun_error plain = *error;
  return lun_error_set(error,
                       status,
                       "attribute '%.*s': %s",
                       (int)name.size,
                       (const char *)name.data,
                       plain.message);
}

lun_status lun_lua_attributes(
    lua_State *L, lun_session *session, int index, lun_command *command, lun_error *error) {
  if (lua_isnoneornil(L, index)) {
    return LUN_OK;
  }
  luaL_checktype(L, index, LUA_TTABLE);
  size_t count = lua_objlen(L, index) / 2;
  if (count > MOST_ATTRIBUTES) {
    return lun_error_set(error, LUN_ERR_ARGUMENT, "at most %d attributes", MOST_ATTRIBUTES);
  }
  lun_lua_values values;
  lun_lua_values_begin(L, &values);
  while (values.count < count) {
    if (append(L, session, index, &values, error) != LUN_OK) {
      return error->status;
    }
  }
  lun_attribute *attributes = lua_newuserdata(L, count * sizeof *attributes);
  for (size_t i = 0; i < count; i++) {
    attributes[i] = (lun_attribute){.name = name_at(L, index, i), .value = values.items[i]};
  }
  command->attributes = attributes;
  command->attribute_count = count;
  return LUN_OK;
}
