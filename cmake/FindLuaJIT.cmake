# Finds LuaJIT 2.1: LuaJIT::Headers for modules, LuaJIT::Static for the runner.
#
# LUA_INCDIR names the folder of lua.h when the caller (luarocks) knows it. Modules are never linked
# to LuaJIT: the program that loads them has it.
find_path(LuaJIT_INCLUDE_DIR luajit.h HINTS ${LUA_INCDIR} PATH_SUFFIXES luajit-2.1)
find_library(LuaJIT_STATIC_LIBRARY libluajit-5.1.a)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LuaJIT REQUIRED_VARS LuaJIT_INCLUDE_DIR)
mark_as_advanced(LuaJIT_INCLUDE_DIR LuaJIT_STATIC_LIBRARY)

if(LuaJIT_FOUND AND NOT TARGET LuaJIT::Headers)
  add_library(LuaJIT::Headers INTERFACE IMPORTED)
  target_include_directories(LuaJIT::Headers INTERFACE ${LuaJIT_INCLUDE_DIR})
  if(LuaJIT_STATIC_LIBRARY)
    add_library(LuaJIT::Static STATIC IMPORTED)
    set_target_properties(LuaJIT::Static PROPERTIES
      IMPORTED_LOCATION ${LuaJIT_STATIC_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${LuaJIT_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES "m;dl")
  endif()
endif()
