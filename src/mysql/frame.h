/// Packets on the wire (manual: "MySQL Packets"): three bytes of size, one of sequence, payload;
/// a payload of 0xffffff bytes goes on in the next frame.
#pragma once

#include "base/error.h"
#include "base/outbox.h"
#include "driver/rows.h"

enum { LUN_MYSQL_FRAME_HEADER = 4, LUN_MYSQL_FRAME_MAX = 0xffffff };

/// Joins received bytes to packets. A packet that lies whole in the received bytes is lent from
/// them; only an unfinished one is copied.
typedef struct lun_mysql_framer {
  uint64_t max_packet; // larger ones are refused before they are buffered
  uint8_t sequence;    // expected next
  uint8_t header[LUN_MYSQL_FRAME_HEADER];
  uint8_t header_size; // bytes of an unfinished header
  bool is_joining;     // `body` holds the start of a packet
  bool is_spent;       // `body` was lent and may go
  bool is_sending;     // we are in the middle of data: the server may have read less of it
  bool is_unsolicited; // sequence 0 where another was due: only an ERR may do that
  size_t frame_left;   // payload bytes of the current frame still to come
  bool has_more;       // the current frame is full: another one follows
  lun_buffer body;     // LUN_ROWS_HEADROOM bytes, then the packet so far
} lun_mysql_framer;

void lun_mysql_framer_deinit(lun_mysql_framer *framer);

/// Takes the next packet out of `*received`; `*is_whole` is false when the bytes ran out first.
/// `*packet` is valid until the next call or until the received bytes go.
lun_status lun_mysql_framer_next(lun_mysql_framer *framer,
                                 lun_view *received,
                                 lun_view *packet,
                                 bool *is_whole,
                                 lun_error *error);

/// Returns where the rest of the frame that is being joined goes, and how much of it there is room
/// for; NULL when it is not worth it. Who receives straight to there hands these bytes, and no
/// others, to the next call of lun_mysql_framer_next(), which takes them where they are.
uint8_t *lun_mysql_framer_room(const lun_mysql_framer *framer, size_t *size);

/// Hands over the buffer of the last packet, with LUN_ROWS_HEADROOM bytes before it, when the
/// packet is large and was copied; false otherwise. The packet stays where it is.
bool lun_mysql_framer_take(lun_mysql_framer *framer, lun_buffer *packet);

/// Gives back the memory of a packet that was copied; the last packet must have been dealt with.
void lun_mysql_framer_rest(lun_mysql_framer *framer);

/// Whether no byte of an unfinished packet is held.
bool lun_mysql_framer_is_empty(const lun_mysql_framer *framer);

/// Queues `payload`, split into frames, copied; returns the sequence number after the last one.
/// Ask `outbox->bytes.status` how it went.
uint8_t lun_mysql_frame_write(lun_outbox *outbox, uint8_t sequence, lun_view payload);

/// Queues `payload`, not empty and below LUN_MYSQL_FRAME_MAX bytes, borrowed; the rest as above.
uint8_t lun_mysql_frame_lend(lun_outbox *outbox, uint8_t sequence, lun_view payload);

/// Queues a command: `head`, copied, then `text`, split into frames. `text` is borrowed when
/// `is_lent`. Sets `*sequence` to what the answer begins with: it goes on counting where the frames
/// end.
lun_status lun_mysql_frame_command(
    lun_outbox *outbox, lun_view head, lun_view text, bool is_lent, uint8_t *sequence);
