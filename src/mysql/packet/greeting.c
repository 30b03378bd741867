#include "mysql/capability.h"
#include "mysql/packet.h"

enum { PROTOCOL_VERSION = 10, FIRST_PART = 8, RESERVED = 10, MIN_SECOND_PART = 13 };

// The scramble comes in two parts; the second ends in a NUL that does not belong to it.
static void read_second_part(lun_reader *reader, uint8_t declared, uint8_t *scramble) {
  size_t size = MIN_SECOND_PART;
  if (declared > FIRST_PART + MIN_SECOND_PART) {
    size = (size_t)declared - FIRST_PART;
  }
  lun_view part = lun_reader_take(reader, size);
  if (part.size > 0) {
    memcpy(scramble + FIRST_PART, part.data, LUN_MYSQL_SCRAMBLE - FIRST_PART);
  }
}

lun_status lun_mysql_greeting_decode(lun_view payload, lun_mysql_greeting *greeting) {
  lun_reader reader = lun_reader_over(payload);
  *greeting = (lun_mysql_greeting){0};
  if (lun_reader_u8(&reader) != PROTOCOL_VERSION) {
    return LUN_ERR_PROTOCOL;
  }
  greeting->server_version = lun_reader_nul_view(&reader);
  greeting->connection_id = lun_reader_u32(&reader);
  lun_view first = lun_reader_take(&reader, FIRST_PART);
  if (first.size > 0) {
    memcpy(greeting->scramble, first.data, FIRST_PART);
  }
  lun_reader_u8(&reader); // filler
  greeting->capabilities = lun_reader_u16(&reader);
  greeting->charset = lun_reader_u8(&reader);
  greeting->status_flags = lun_reader_u16(&reader);
  greeting->capabilities |= (uint32_t)lun_reader_u16(&reader) << 16;
  uint8_t declared = lun_reader_u8(&reader);
  lun_reader_take(&reader, RESERVED - sizeof(uint32_t));
  uint32_t extended = lun_reader_u32(&reader);
  if (!(greeting->capabilities & LUN_MYSQL_CLIENT_LONG_PASSWORD)) {
    greeting->capabilities |= (uint64_t)extended << 32; // MariaDB
  }
  read_second_part(&reader, declared, greeting->scramble);
  lun_view name = lun_reader_rest(&reader);
  // Servers 5.5.7 to 5.5.9 forget the NUL after the name.
  const uint8_t *end = name.size > 0 ? memchr(name.data, 0, name.size) : NULL;
  greeting->auth_plugin = (lun_view){name.data, end ? (size_t)(end - name.data) : name.size};
  return lun_reader_finish(&reader);
}
