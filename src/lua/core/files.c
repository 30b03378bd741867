// What reading option files takes and Lua does not have.
#include "lua/core/core.h"
#include "lua/shared.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int fail(lua_State *L) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(errno));
  return 2;
}

// core.is_world_writable(path): whether everybody may write to the file; nil and why it cannot be
// told, or is no file.
static int is_world_writable(lua_State *L) {
  struct stat info;
  if (stat(luaL_checkstring(L, 1), &info) != 0) {
    return fail(L);
  }
  if (!S_ISREG(info.st_mode)) {
    lua_pushnil(L);
    lua_pushliteral(L, "it is no file");
    return 2;
  }
  lua_pushboolean(L, (info.st_mode & S_IWOTH) != 0);
  return 1;
}

// core.list_folder(path): the names in it, or nil and why it cannot be read.
static int list_folder(lua_State *L) {
  enum { MOST_NAMES = 10000 };
  const char *path = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lun_lua_shared *shared = lun_lua_shared_get(L);
  lun_buffer *names = lun_lua_text_begin(L, shared);
  DIR *folder = opendir(path);
  if (!folder) {
    lun_lua_text_end(shared, names);
    return fail(L);
  }
  // Nothing before closedir() may raise, so names become Lua strings behind it.
  struct dirent *entry = NULL;
  int count = 0;
  while (count < MOST_NAMES && (entry = readdir(folder))) {
    lun_buffer_nul_view(names, lun_view_of(entry->d_name));
    count++;
  }
  closedir(folder);
  lua_createtable(L, count, 0);
  const char *name = (const char *)names->data;
  for (int i = 1; names->status == LUN_OK && i <= count; i++) {
    lua_pushstring(L, name);
    lua_rawseti(L, -2, i);
    name += strlen(name) + 1;
  }
  lun_lua_text_end(shared, names);
  return 1;
}

void lun_lua_core_files(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"is_world_writable", is_world_writable},
      {"list_folder", list_folder},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
