// Rows that lie whole in the received bytes, many at once.
#include "base/little.h"
#include "mysql/decode.h"
#include "mysql/session.h"

#include <assert.h>

// A packet's header becomes the row's head in the store.
static_assert((int)LUN_ROWS_HEAD == (int)LUN_MYSQL_FRAME_HEADER, "a head is larger than a header");

enum {
  AT_ONCE = 4096, // what is copied and looked at while it is in the cache
  MOST_ROW = AT_ONCE / 4,
  NO_ROW = LUN_MYSQL_HEADER_EOF, // and above: an end, or a cell of 16 MiB
};

// Whether the packet that begins at `at` is whole, is the one that is due, and is a row of no more
// than `most` bytes.
static inline bool
is_row(const uint8_t *at, size_t size, size_t most, uint8_t sequence, uint32_t *row_size) {
  if (size <= LUN_MYSQL_FRAME_HEADER) {
    return false;
  }
  uint32_t header = lun_load_u32(at);
  *row_size = header & LUN_MYSQL_FRAME_MAX;
  return header >> 24 == sequence && *row_size - 1 < most
         && *row_size <= size - LUN_MYSQL_FRAME_HEADER && at[LUN_MYSQL_FRAME_HEADER] < NO_ROW;
}

// Adds the rows at the beginning of `bytes`, which lie in the room of `rows`. Returns how many
// bytes that are.
static size_t
add_rows(lun_mysql_session *session, lun_rows *rows, uint8_t *bytes, size_t size, size_t most) {
  const lun_metadata *metadata = session->result->metadata;
  bool is_binary = session->result->decoder == &LUN_MYSQL_BINARY_DECODER;
  uint32_t count = session->column_count;
  uint8_t sequence = session->framer.sequence;
  uint8_t *at = bytes;
  const uint8_t *end = bytes + size;
  uint32_t row_size;
  while (is_row(at, (size_t)(end - at), most, sequence, &row_size)) {
    lun_view row = {at + LUN_MYSQL_FRAME_HEADER, row_size};
    lun_status status = is_binary ? lun_mysql_binary_row_check(row, metadata)
                                  : lun_mysql_text_row_check(row, count);
    if (status != LUN_OK || !lun_rows_put(rows, at, row_size)) {
      break;
    }
    at += LUN_MYSQL_FRAME_HEADER + row_size;
    sequence++;
  }
  session->framer.sequence = sequence;
  return (size_t)(at - bytes);
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

void lun_mysql_session_take_rows(lun_mysql_session *session, lun_view *received) {
  lun_mysql_framer *framer = &session->framer;
  if (!lun_mysql_framer_is_empty(framer) || framer->is_spent || framer->is_unsolicited
      || lun_mysql_session_oldest(session)->is_discarded) {
    return;
  }
  lun_rows *rows = &session->result->rows;
  size_t most = smaller(framer->max_packet, MOST_ROW);
  size_t count = rows->count;
  uint32_t row_size;
  while (is_row(received->data, received->size, most, framer->sequence, &row_size)) {
    size_t room;
    uint8_t *to = lun_rows_room(rows, &room);
    size_t size = smaller(smaller(room, AT_ONCE), received->size);
    if (size < LUN_MYSQL_FRAME_HEADER + row_size) {
      break;
    }
    memcpy(to, received->data, size);
    size_t used = add_rows(session, rows, to, size, most);
    if (used == 0) {
      break;
    }
    lun_rows_keep(rows, used);
    lun_view_drop(received, used);
  }
  session->row_count += rows->count - count;
}
