// src/mysql/frame.c.
#include "mysql/frame.h"
#include "spec_module.h"

// Appends whole packets to the table on top. [-0, +0]
static lun_status feed(lua_State *L, lun_mysql_framer *framer, lun_view part, lun_error *error) {
  while (part.size > 0) {
    lun_view packet;
    bool is_whole;
    lun_status status = lun_mysql_framer_next(framer, &part, &packet, &is_whole, error);
    if (status != LUN_OK) {
      return status;
    }
    if (is_whole) {
      lun_spec_push_view(L, packet);
      lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
    }
  }
  return LUN_OK;
}

// Puts the next bytes where the framer wants them, if it does; returns how many.
static size_t place(const lun_mysql_framer *framer, lun_view *part) {
  size_t size = 0;
  uint8_t *room = lun_mysql_framer_room(framer, &size);
  if (!room) {
    return part->size;
  }
  size = size < part->size ? size : part->size;
  memcpy(room, part->data, size);
  part->data = room;
  return size;
}

// frames(bytes, step, max_packet, sequence, is_placed): the packets in `bytes`, fed `step` at a
// time, whether nothing is left over, and whether one came with sequence 0; or nil, code and
// message.
static int frames(lua_State *L) {
  lun_view bytes = lun_spec_view(L, 1);
  size_t step = (size_t)luaL_optnumber(L, 2, (double)bytes.size + 1);
  lun_mysql_framer framer = {
      .max_packet = (uint64_t)luaL_optnumber(L, 3, 1 << 30),
      .sequence = (uint8_t)luaL_optinteger(L, 4, 0),
  };
  lun_error error = {0};
  lua_newtable(L);
  size_t size;
  for (size_t at = 0; at < bytes.size && error.status == LUN_OK; at += size) {
    lun_view part = {bytes.data + at, bytes.size - at < step ? bytes.size - at : step};
    size = lua_toboolean(L, 5) ? place(&framer, &part) : part.size;
    part.size = size;
    feed(L, &framer, part, &error);
  }
  lua_pushboolean(L, lun_mysql_framer_is_empty(&framer));
  lua_pushboolean(L, framer.is_unsolicited);
  lua_pushnumber(L, (double)framer.body.capacity);
  lun_mysql_framer_deinit(&framer);
  return error.status == LUN_OK ? 4 : lun_spec_fail_with(L, &error);
}

// Pushes all that is to be sent. [-0, +1]
static void push_outbox(lua_State *L, lun_outbox *outbox) {
  enum { PARTS = 64 };
  lun_view parts[PARTS];
  size_t count = lun_outbox_parts(outbox, parts, PARTS);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (size_t i = 0; i < count; i++) {
    luaL_addlstring(&text, (const char *)parts[i].data, parts[i].size);
  }
  luaL_pushresult(&text);
}

// frame(payload, sequence): its bytes on the wire, and the sequence number after them.
static int frame(lua_State *L) {
  lun_outbox outbox = {0};
  uint8_t sequence = (uint8_t)luaL_checkinteger(L, 2);
  sequence = lun_mysql_frame_write(&outbox, sequence, lun_spec_view(L, 1));
  push_outbox(L, &outbox);
  lun_outbox_deinit(&outbox);
  lua_pushinteger(L, sequence);
  return 2;
}

// command(byte, text, is_lent): its bytes on the wire, and the sequence number of the answer.
static int command(lua_State *L) {
  lun_outbox outbox = {0};
  uint8_t sequence = 0;
  uint8_t byte = (uint8_t)luaL_checkinteger(L, 1);
  lun_mysql_frame_command(
      &outbox, (lun_view){&byte, 1}, lun_spec_view(L, 2), lua_toboolean(L, 3), &sequence);
  push_outbox(L, &outbox);
  lun_outbox_deinit(&outbox);
  lua_pushinteger(L, sequence);
  return 2;
}

const luaL_Reg LUN_SPEC_FRAMES[] = {
    {"frames", frames},
    {"frame", frame},
    {"command", command},
    {NULL, NULL},
};
