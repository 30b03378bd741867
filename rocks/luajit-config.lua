-- luarocks for Debian's LuaJIT: with `--lua-version 5.1` alone it would take PUC Lua's headers and
-- interpreter. Use it as LUAROCKS_CONFIG.
lua_version = "5.1"
lua_interpreter = "luajit"
variables = {
  LUA_DIR = "/usr",
  LUA_BINDIR = "/usr/bin",
  LUA_INCDIR = "/usr/include/luajit-2.1",
}
