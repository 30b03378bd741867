#include "lua/shared.h"

#include "lua/columns.h"
#include "lua/values.h"

#include <stdlib.h>

static const char KEY[] = "lunasa.shared";

// Of the metatable of names, by number: C looks at them for every result.
enum { HAS_DUPLICATES = 1, PUBLIC, IN_NAMES = PUBLIC };

enum { MOST_NAME_SETS = 1024, LARGEST_NAME_SET = 16 * 1024, KEPT_TEXT = 16 * 1024 };

// LuaJIT's C API cannot make or look into cdata; its own language can. The chunk returns the two
// ctypes (calling one makes a value whose bytes C fills in), a function that names the type of a
// cdata: "int64", "uint64", "null", or nil; and one that makes the memory of a column: from the
// letter of lun_lua_array_kind() and the number of rows, an array, which for strings says where
// each begins and the last one ends, and a bit for each row.
static const char HELPERS[] =
    "local ffi = require('ffi')\n"
    "local int64, uint64 = ffi.typeof('int64_t'), ffi.typeof('uint64_t')\n"
    "local offsets, bits = ffi.typeof('uint32_t[?]'), ffi.typeof('uint8_t[?]')\n"
    "local numbers = {\n"
    "  d = ffi.typeof('double[?]'), i = ffi.typeof('int64_t[?]'), u = ffi.typeof('uint64_t[?]')\n"
    "}\n"
    "return int64, uint64, function(value)\n"
    "  if ffi.istype(int64, value) then return 'int64' end\n"
    "  if ffi.istype(uint64, value) then return 'uint64' end\n"
    "  if value == nil then return 'null' end\n"
    "end, function(kind, count)\n"
    "  local array = numbers[kind]\n"
    "  return array and array(count) or offsets(count + 1), bits((count - count % 8) / 8 + 1)\n"
    "end\n";

static int shared_gc(lua_State *L) {
  lun_lua_shared *shared = lua_touserdata(L, 1);
  lun_metadata_cache_free(shared->cache);
  lun_buffer_deinit(&shared->text);
  lun_buffer_deinit(&shared->cells);
  *shared = (lun_lua_shared){0};
  return 0;
}

static void load_helpers(lua_State *L, lun_lua_shared *shared) {
  if (luaL_loadbuffer(L, HELPERS, sizeof HELPERS - 1, "=lunasa.helpers")) {
    lua_error(L);
  }
  lua_call(L, 0, 4);
  shared->make_array = luaL_ref(L, LUA_REGISTRYINDEX);
  shared->classify = luaL_ref(L, LUA_REGISTRYINDEX);
  shared->uint64_type = luaL_ref(L, LUA_REGISTRYINDEX);
  shared->int64_type = luaL_ref(L, LUA_REGISTRYINDEX);
}

static lun_lua_warmer warmer_of_new_states;

void lun_lua_use_warmer(lun_lua_warmer warmer) {
  warmer_of_new_states = warmer;
}

static lun_lua_rows_reader reader_of_new_states = lun_lua_read_rows;

void lun_lua_use_rows_reader(lun_lua_rows_reader reader) {
  reader_of_new_states = reader;
}

static lun_lua_shared *shared_new(lua_State *L) {
  lun_lua_shared *shared = lua_newuserdata(L, sizeof *shared);
  *shared = (lun_lua_shared){0};
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, shared_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  shared->cache = lun_metadata_cache_new();
  if (!shared->cache) {
    luaL_error(L, "out of memory");
  }
  shared->warm = warmer_of_new_states;
  shared->read_rows = reader_of_new_states;
  shared->to_datetime = LUA_NOREF;
  shared->to_duration = LUA_NOREF;
  shared->to_json = LUA_NOREF;
  shared->encode = LUA_NOREF;
  shared->plan = LUA_NOREF;
  lua_newtable(L);
  shared->names = luaL_ref(L, LUA_REGISTRYINDEX);
  load_helpers(L, shared);
  lua_setfield(L, LUA_REGISTRYINDEX, KEY);
  return shared;
}

lun_lua_shared *lun_lua_shared_get(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, KEY);
  lun_lua_shared *shared = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return shared ? shared : shared_new(L);
}

void lun_lua_pace_collector(lua_State *L, size_t bytes) {
  enum { KILOBYTE = 1024 };
  if (lua_gc(L, LUA_GCISRUNNING, 0)) {
    lua_gc(L, LUA_GCSTEP, (int)(bytes / KILOBYTE));
  }
}

static int text_gc(lua_State *L) {
  lun_buffer_deinit(lua_touserdata(L, 1));
  return 0;
}

lun_buffer *lun_lua_text_begin(lua_State *L, lun_lua_shared *shared) {
  if (!shared->is_text_used) {
    shared->is_text_used = true;
    lun_buffer_clear(&shared->text);
    lua_pushnil(L);
    return &shared->text;
  }
  lun_buffer *text = lua_newuserdata(L, sizeof *text);
  *text = (lun_buffer){0};
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, text_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return text;
}

void lun_lua_text_end(lun_lua_shared *shared, lun_buffer *text) {
  if (text->capacity > KEPT_TEXT) {
    lun_buffer_deinit(text);
  }
  if (text == &shared->text) {
    shared->is_text_used = false;
  }
}

const char *lun_lua_array_kind(const lun_column *column) {
  switch (column->class) {
  case LUN_COLUMN_REAL: return "d";
  case LUN_COLUMN_INTEGER: return "i";
  case LUN_COLUMN_UNSIGNED: return "u";
  case LUN_COLUMN_DECIMAL: return "n";
  case LUN_COLUMN_BIT: return "b";
  case LUN_COLUMN_JSON: return "j";
  case LUN_COLUMN_DATE:
  case LUN_COLUMN_TIME:
  case LUN_COLUMN_DATETIME: return "t";
  case LUN_COLUMN_NULL:
  case LUN_COLUMN_TEXT:
  case LUN_COLUMN_BINARY: break;
  }
  return "s";
}

// Pushes a copy of the list at the top. [-0, +1]
static void push_copy(lua_State *L, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_rawgeti(L, -2, (int)i);
    lua_rawseti(L, -2, (int)i);
  }
}

// Gives the table of names at the top, and the copy that users get, a metatable: out of the way of
// whoever iterates over it.
static void describe_names(lua_State *L, lun_metadata *metadata, bool has_duplicates) {
  push_copy(L, metadata->count);
  lua_createtable(L, IN_NAMES, 4);
  lun_lua_push_metadata(L, metadata);
  lua_setfield(L, -2, "metadata");
  lua_pushboolean(L, has_duplicates);
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, HAS_DUPLICATES);
  lua_setfield(L, -2, "has_duplicates");
  luaL_Buffer kinds;
  luaL_buffinit(L, &kinds);
  for (uint32_t i = 0; i < metadata->count; i++) {
    luaL_addstring(&kinds, lun_lua_array_kind(&metadata->columns[i]));
  }
  luaL_pushresult(&kinds);
  lua_setfield(L, -2, "kinds");
  lua_pushvalue(L, -1);
  lua_setmetatable(L, -3);
  lua_insert(L, -2);
  lua_rawseti(L, -2, PUBLIC);
  lua_setmetatable(L, -2);
}

// Pushes a new table of names, and says whether one of them appears twice.
static void push_new_names(lua_State *L, lun_metadata *metadata) {
  bool has_duplicates = false;
  lua_createtable(L, (int)metadata->count, 0);
  lua_newtable(L); // the names seen so far
  for (uint32_t i = 0; i < metadata->count; i++) {
    lun_view name = metadata->columns[i].name;
    lua_pushlstring(L, (const char *)name.data, name.size);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -4, (int)i + 1);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    has_duplicates = has_duplicates || !lua_isnil(L, -1);
    lua_pop(L, 1);
    lua_pushboolean(L, true);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
  describe_names(L, metadata, has_duplicates);
}

void lun_lua_push_names(lua_State *L, lun_lua_shared *shared, lun_metadata *metadata) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, shared->names);
  lua_pushnumber(L, (lua_Number)metadata->id);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1) && metadata->raw.size > LARGEST_NAME_SET) {
    lua_pop(L, 1);
    push_new_names(L, metadata);
  } else if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    if (++shared->name_sets > MOST_NAME_SETS) {
      // Statements whose columns never repeat: start again rather than keep them all.
      lua_pop(L, 1);
      lua_newtable(L);
      lua_pushvalue(L, -1);
      lua_rawseti(L, LUA_REGISTRYINDEX, shared->names);
      shared->name_sets = 1;
    }
    push_new_names(L, metadata);
    lua_pushnumber(L, (lua_Number)metadata->id);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

bool lun_lua_push_public_names(lua_State *L, int index) {
  lua_getmetatable(L, index);
  lua_rawgeti(L, -1, HAS_DUPLICATES);
  bool has_duplicates = lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_rawgeti(L, -1, PUBLIC);
  lua_remove(L, -2);
  return has_duplicates;
}

// Keeps the value at stack index `index` in the registry, in place of what `*reference` was.
static void keep(lua_State *L, int *reference, int index) {
  lua_pushvalue(L, index);
  if (*reference == 0) {
    *reference = luaL_ref(L, LUA_REGISTRYINDEX);
  } else {
    lua_rawseti(L, LUA_REGISTRYINDEX, *reference);
  }
}

bool lun_lua_push_both_names(lua_State *L, lun_lua_shared *shared, lun_metadata *metadata) {
  lun_lua_recent_names *recent = &shared->recent[metadata->id % LUN_LUA_RECENT];
  if (recent->id == metadata->id) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, recent->names);
    lua_rawgeti(L, LUA_REGISTRYINDEX, recent->shown);
    return recent->has_duplicates;
  }
  lun_lua_push_names(L, shared, metadata);
  bool has_duplicates = lun_lua_push_public_names(L, lua_gettop(L));
  if (metadata->raw.size <= LARGEST_NAME_SET) {
    recent->id = 0; // while there is but half of it
    keep(L, &recent->names, lua_gettop(L) - 1);
    keep(L, &recent->shown, lua_gettop(L));
    recent->has_duplicates = has_duplicates;
    recent->id = metadata->id;
  }
  return has_duplicates;
}
