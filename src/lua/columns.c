#include "lua/columns.h"

static const char NAME[] = "lunasa.metadata";

static void set_text(lua_State *L, const char *name, lun_view text) {
  if (text.size > 0) {
    lua_pushlstring(L, (const char *)text.data, text.size);
    lua_setfield(L, -2, name);
  }
}

static void set_number(lua_State *L, const char *name, uint32_t value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

// Pushes a table of what the server says of one column. Texts that are empty are not there, but
// for the name. [-0, +1]
static void push_column(lua_State *L, const lun_column *column) {
  enum { FIELDS = 12 };
  lua_createtable(L, 0, FIELDS);
  lua_pushlstring(L, (const char *)column->name.data, column->name.size);
  lua_setfield(L, -2, "name");
  set_text(L, "org_name", column->original_name);
  set_text(L, "table", column->table);
  set_text(L, "org_table", column->original_table);
  set_text(L, "database", column->schema);
  set_text(L, "type_name", column->type_name);
  set_text(L, "format", column->format);
  set_number(L, "length", column->length);
  set_number(L, "charset", column->charset);
  set_number(L, "flags", column->flags);
  set_number(L, "type_code", column->type);
  set_number(L, "scale", column->decimals);
}

// metadata:columns(): a list of them, made anew.
static int metadata_columns(lua_State *L) {
  const lun_metadata *metadata = *(lun_metadata **)luaL_checkudata(L, 1, NAME);
  lua_createtable(L, metadata ? (int)metadata->count : 0, 0);
  for (uint32_t i = 0; metadata && i < metadata->count; i++) {
    push_column(L, &metadata->columns[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

static int metadata_gc(lua_State *L) {
  lun_metadata **holder = luaL_checkudata(L, 1, NAME);
  lun_metadata_release(*holder);
  *holder = NULL; // a finalizer of the user's may still have it
  return 0;
}

static void push_metatable(lua_State *L) {
  if (!luaL_newmetatable(L, NAME)) {
    return;
  }
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, metadata_columns);
  lua_setfield(L, -2, "columns");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, metadata_gc);
  lua_setfield(L, -2, "__gc");
}

void lun_lua_push_metadata(lua_State *L, lun_metadata *metadata) {
  lun_metadata **holder = lua_newuserdata(L, sizeof(lun_metadata *));
  *holder = NULL;
  push_metatable(L);
  lua_setmetatable(L, -2);
  *holder = lun_metadata_retain(metadata);
}
