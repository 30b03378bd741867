# The `lunasa` executable: a static LuaJIT, every module, and the Lua sources as bytecode.
find_program(LuaJIT_EXECUTABLE luajit DOC "Makes the bytecode; of the same build as the library")
mark_as_advanced(LuaJIT_EXECUTABLE)
if(NOT LuaJIT_EXECUTABLE)
  message(STATUS "No luajit program: the runner is not built")
  return()
endif()

set(generated ${PROJECT_BINARY_DIR}/runner)
file(GLOB runner_sources CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/src/runner/*.c ${PROJECT_SOURCE_DIR}/src/runner/*.h)
add_executable(lunasa ${runner_sources} ${generated}/modules.c ${generated}/bytecode.c)
lunasa_target(lunasa)
target_link_libraries(lunasa PRIVATE LuaJIT::Static PkgConfig::LIBUV OpenSSL::Crypto)

# Every module that the project builds is linked in, so a new one needs no line here.
set(declarations "")
set(entries "")
get_property(targets DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTY BUILDSYSTEM_TARGETS)
foreach(target IN LISTS targets)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL MODULE_LIBRARY)
    get_target_property(folder ${target} LIBRARY_OUTPUT_DIRECTORY)
    get_target_property(file ${target} OUTPUT_NAME)
    file(RELATIVE_PATH path ${PROJECT_BINARY_DIR}/lib ${folder}/${file})
    string(REPLACE "/" "." name ${path})
    string(REPLACE "/" "_" function luaopen_${path})
    string(APPEND declarations "int ${function}(lua_State *L);\n")
    string(APPEND entries "    {\"${name}\", ${function}},\n")
    string(REGEX REPLACE "_module$" "" layer ${target})
    target_link_libraries(lunasa PRIVATE ${layer})
  endif()
endforeach()
file(CONFIGURE OUTPUT ${generated}/modules.c @ONLY CONTENT [[
// Written by cmake/runner.cmake.
#include "runner/embedded.h"

@declarations@
const lun_embedded_c LUN_EMBEDDED_C[] = {
@entries@    {NULL, NULL},
};
]])

# Annotations are for editors only.
file(GLOB_RECURSE lua_files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/lua
  ${PROJECT_SOURCE_DIR}/lua/lunasa/*.lua)
list(FILTER lua_files EXCLUDE REGEX "^lunasa/meta/")
list(TRANSFORM lua_files PREPEND ${PROJECT_SOURCE_DIR}/lua/ OUTPUT_VARIABLE lua_paths)
add_custom_command(
  OUTPUT ${generated}/bytecode.c
  COMMAND ${LuaJIT_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/embed.lua
    ${generated}/bytecode.c ${PROJECT_SOURCE_DIR}/lua ${lua_files}
  DEPENDS ${lua_paths} ${PROJECT_SOURCE_DIR}/scripts/embed.lua
    ${PROJECT_SOURCE_DIR}/scripts/table_templates.lua
  COMMENT "Compiling Lua"
  VERBATIM)
# One string per Lua module, longer than the standard asks compilers to bear.
set_source_files_properties(${generated}/bytecode.c PROPERTIES
  COMPILE_OPTIONS "-Wno-overlength-strings")

# Nothing of LuaJIT's inside is in its headers: that those who look there know it is tried.
#
# lunasa_try_inside(NAME): defines LUNASA_<NAME> when cmake/<name>_test.c, which includes
# src/runner/<name>.c, succeeds with the LuaJIT that is linked.
function(lunasa_try_inside name)
  string(TOLOWER ${name} file)
  set(test ${PROJECT_SOURCE_DIR}/cmake/${file}_test.c)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${LuaJIT_STATIC_LIBRARY}
    ${test} ${PROJECT_SOURCE_DIR}/src/runner/${file}.c)
  unset(LUNASA_${name}_STATUS CACHE)
  if(NOT CMAKE_CROSSCOMPILING)
    try_run(LUNASA_${name}_STATUS is_compiled ${generated}/${file} ${test}
      CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}/src
      LINK_LIBRARIES LuaJIT::Static)
  endif()
  if(LUNASA_${name}_STATUS STREQUAL 0)
    target_compile_definitions(lunasa PRIVATE LUNASA_${name})
  else()
    message(STATUS "An unknown LuaJIT: the runner goes without src/runner/${file}.c")
  endif()
endfunction()
lunasa_try_inside(STRING_TABLE)
lunasa_try_inside(ROWS_READER)

# C modules of others find Lua's functions in the executable, and none of the libraries in it.
target_link_options(lunasa PRIVATE
  -Wl,--dynamic-list=${PROJECT_SOURCE_DIR}/src/runner/exports.txt)
set_property(TARGET lunasa APPEND PROPERTY
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/src/runner/exports.txt)
install(TARGETS lunasa RUNTIME DESTINATION ${BINDIR})
