// lunasa.driver.mysql: hands out the driver's table of functions.
#include "lua/export.h"
#include "mysql/driver.h"

#include <lua.h>

LUN_EXPORT int luaopen_lunasa_driver_mysql(lua_State *L);

LUN_EXPORT int luaopen_lunasa_driver_mysql(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&LUN_MYSQL);
  return 1;
}
