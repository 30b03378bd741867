// src/base and src/driver: readers, writers, what waits to be sent, errors, rows.
#include "base/outbox.h"
#include "base/reader.h"
#include "driver/rows.h"
#include "spec_module.h"

#include <stdlib.h>
#include <string.h>

// read(bytes, {"u8", "u16", "u32", "lenenc", "text", "nul", "rest", number…}): the values read, and
// the status behind them.
static int read_fields(lua_State *L) {
  static const char *const FIELDS[] = {"u8", "u16", "u32", "lenenc", "text", "nul", "rest", NULL};
  lun_reader reader = lun_reader_over(lun_spec_view(L, 1));
  luaL_checktype(L, 2, LUA_TTABLE);
  int count = (int)lua_objlen(L, 2);
  lua_newtable(L);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    if (lua_type(L, -1) == LUA_TNUMBER) {
      lun_spec_push_view(L, lun_reader_take(&reader, (size_t)lua_tonumber(L, -1)));
    } else {
      switch (luaL_checkoption(L, -1, NULL, FIELDS)) {
      case 0: lua_pushnumber(L, lun_reader_u8(&reader)); break;
      case 1: lua_pushnumber(L, lun_reader_u16(&reader)); break;
      case 2: lua_pushnumber(L, lun_reader_u32(&reader)); break;
      case 3: lua_pushnumber(L, (double)lun_reader_lenenc(&reader)); break;
      case 4: lun_spec_push_view(L, lun_reader_lenenc_view(&reader)); break;
      case 5: lun_spec_push_view(L, lun_reader_nul_view(&reader)); break;
      default: lun_spec_push_view(L, lun_reader_rest(&reader)); break;
      }
    }
    lua_rawseti(L, 3, i);
    lua_pop(L, 1);
  }
  lua_pushstring(L, lun_status_name(lun_reader_finish(&reader)));
  return 2;
}

// lenenc(number): a length-encoded integer.
static int write_lenenc(lua_State *L) {
  lun_buffer out = {0};
  lun_buffer_lenenc(&out, (uint64_t)luaL_checknumber(L, 1));
  return lun_spec_push_buffer(L, &out);
}

// Pushes what is left to send, in parts. [-0, +1]
static void push_parts(lua_State *L, const lun_outbox *outbox, size_t max) {
  enum { MOST = 16 };
  lun_view parts[MOST];
  size_t count = lun_outbox_parts(outbox, parts, max < MOST ? max : MOST);
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    lun_spec_push_view(L, parts[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

// outbox({steps}): what is left after them, as parts, and the bytes of memory held. A step is a
// string to copy, {string} to lend, or a number of bytes sent.
static int run_outbox(lua_State *L) {
  lun_outbox outbox = {0};
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_objlen(L, 1);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    if (lua_type(L, -1) == LUA_TNUMBER) {
      lun_outbox_sent(&outbox, (size_t)lua_tonumber(L, -1));
    } else if (lua_istable(L, -1)) {
      lua_rawgeti(L, -1, 1);
      lun_outbox_lend(&outbox, lun_spec_view(L, -1));
      lua_pop(L, 1);
    } else {
      lun_buffer_view(&outbox.bytes, lun_spec_view(L, -1));
    }
    lua_pop(L, 1);
  }
  push_parts(L, &outbox, (size_t)luaL_optnumber(L, 2, 16));
  lua_pushboolean(L, lun_outbox_is_empty(&outbox));
  lua_pushnumber(L, (double)outbox.bytes.capacity);
  lun_outbox_deinit(&outbox);
  return 3;
}

// error_text(text): what is shown of it in an error of ours.
static int error_text(lua_State *L) {
  lun_error error;
  lun_error_set(&error, LUN_ERR_PROTOCOL, "%s", luaL_checkstring(L, 1));
  lua_pushstring(L, error.message);
  return 1;
}

// server_error(code, sqlstate, message): the three as an error shows them.
static int server_error(lua_State *L) {
  lun_error error;
  lun_error_set_server(
      &error, (uint16_t)luaL_checkinteger(L, 1), lun_spec_view(L, 2), lun_spec_view(L, 3));
  lua_pushnumber(L, error.code);
  lua_pushstring(L, error.sqlstate);
  lua_pushstring(L, error.message);
  return 3;
}

// rows({strings}, has_room): the same, out of the packed store, and the bytes it held.
static int pack_rows(lua_State *L) {
  lun_rows rows = {.room = lua_toboolean(L, 2) ? malloc(LUN_ROWS_ROOM) : NULL};
  void *room = rows.room;
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_objlen(L, 1);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    lun_rows_append(&rows, lun_spec_view(L, -1));
    lua_pop(L, 1);
  }
  lua_newtable(L);
  for (size_t i = 0; i < rows.count; i++) {
    lun_spec_push_view(L, lun_rows_at(&rows, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushnumber(L, (double)rows.bytes);
  lun_rows_deinit(&rows);
  free(room);
  return 2;
}

const luaL_Reg LUN_SPEC_BASE[] = {
    {"read", read_fields},
    {"lenenc", write_lenenc},
    {"outbox", run_outbox},
    {"error_text", error_text},
    {"server_error", server_error},
    {"rows", pack_rows},
    {NULL, NULL},
};
