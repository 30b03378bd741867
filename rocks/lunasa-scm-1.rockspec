rockspec_format = "3.0"
package = "lunasa"
version = "scm-1"

-- Built with `luarocks make rocks/lunasa-scm-1.rockspec` in a checkout.
source = { url = "git+file://." }

description = {
  summary = "A Lua-scriptable MySQL and MariaDB runtime",
  detailed = [[
    A C core speaks the MySQL protocol, pools connections and decodes rows, and shows them to Lua
    as coroutines: code reads as if it blocked, and thousands of tasks run at once.]],
  license = "MIT",
}

-- A rockspec cannot ask for LuaJIT; lunasa does when it is loaded.
-- The SQL language is a rock of its own, whose files this one does not have.
dependencies = { "lua >= 5.1, < 5.2", "lunasa-sa" }

external_dependencies = {
  LIBUV = { header = "uv.h", library = "uv" },
  OPENSSL = { header = "openssl/ssl.h", library = "ssl" },
  ZLIB = { header = "zlib.h", library = "z" },
}

build = {
  type = "cmake",
  -- CMakeLists.txt compiles modules against LUA_INCDIR and installs lunasa/**.so into LIBDIR,
  -- lunasa/**.lua into LUADIR and the runner into BINDIR.
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_C_FLAGS = "$(CFLAGS)",
    CMAKE_MODULE_LINKER_FLAGS = "$(LIBFLAG)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LIBDIR = "$(LIBDIR)",
    LUADIR = "$(LUADIR)",
    BINDIR = "$(BINDIR)",
    OPENSSL_ROOT_DIR = "$(OPENSSL_DIR)",
    ZLIB_ROOT = "$(ZLIB_DIR)",
    LUNASA_BUILD_TESTS = "OFF",
    LUNASA_SA = "OFF",
  },
}
