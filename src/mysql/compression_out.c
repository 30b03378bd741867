// The way out: pieces of the outbox, no two commands in one.
#include "mysql/compression.h"
#include "mysql/frame.h"
#include "mysql/packet.h"

#include <assert.h>

enum { PIECE = 128 * 1024, KEPT_WIRE = 4096 };

static bool has_answer(uint8_t command) {
  return command != LUN_MYSQL_COM_QUIT && command != LUN_MYSQL_COM_STMT_CLOSE
         && command != LUN_MYSQL_COM_STMT_SEND_LONG_DATA;
}

static lun_status begin_command(lun_mysql_compression *compression, uint8_t command) {
  compression->out_sequence = 0;
  compression->outgoing = LUN_MYSQL_OUT_SILENT;
  if (!has_answer(command)) {
    return LUN_OK;
  }
  lun_ring *ring = &compression->answer_ring;
  uint8_t *answers = lun_ring_reserve(ring, compression->answers, sizeof answers[0], 1);
  if (!answers) {
    return LUN_ERR_NOMEM;
  }
  compression->answers = answers;
  answers[lun_ring_index(ring, ring->count++)] = 0;
  compression->outgoing = LUN_MYSQL_OUT_COMMAND;
  return LUN_OK;
}

// Looks at the frame that comes next, whose header lies whole in `next`. Returns whether it belongs
// behind what the piece holds.
static bool begin_frame(lun_mysql_compression *compression, lun_view next, lun_status *status) {
  assert(next.size >= LUN_MYSQL_FRAME_HEADER);
  size_t size = (size_t)next.data[0] | (size_t)next.data[1] << 8 | (size_t)next.data[2] << 16;
  if (!compression->is_frame_full) {
    if (compression->piece.size > 0) {
      return false;
    }
    if (next.data[3] == 0) {
      uint8_t command = next.size > LUN_MYSQL_FRAME_HEADER ? next.data[LUN_MYSQL_FRAME_HEADER] : 0;
      *status = begin_command(compression, command);
    } else {
      compression->out_sequence = compression->in_sequence;
      compression->outgoing = LUN_MYSQL_OUT_REPLY;
    }
  }
  compression->frame_left = size + LUN_MYSQL_FRAME_HEADER;
  compression->is_frame_full = size == LUN_MYSQL_FRAME_MAX;
  return true;
}

// Moves the next bytes out of the outbox: some of one command or reply.
static lun_status cut_piece(lun_mysql_compression *compression, lun_outbox *outbox) {
  lun_buffer *piece = &compression->piece;
  lun_buffer_clear(piece);
  lun_view part;
  while (piece->size < PIECE && lun_outbox_parts(outbox, &part, 1) > 0) {
    lun_status status = LUN_OK;
    if (compression->frame_left == 0 && !begin_frame(compression, part, &status)) {
      return LUN_OK;
    }
    size_t size = part.size < compression->frame_left ? part.size : compression->frame_left;
    size = size < PIECE - piece->size ? size : PIECE - piece->size;
    lun_buffer_append(piece, part.data, size);
    if (status != LUN_OK || piece->status != LUN_OK) {
      return LUN_ERR_NOMEM;
    }
    compression->frame_left -= size;
    lun_outbox_sent(outbox, size);
  }
  return LUN_OK;
}

static uint8_t count_packet(lun_mysql_compression *compression) {
  uint8_t sequence = compression->out_sequence++;
  lun_ring *ring = &compression->answer_ring;
  switch (compression->outgoing) {
  case LUN_MYSQL_OUT_SILENT: break;
  case LUN_MYSQL_OUT_COMMAND:
    if (ring->count > 0) { // else it was answered before all of it was sent
      compression->answers[lun_ring_index(ring, ring->count - 1)] = compression->out_sequence;
    }
    break;
  case LUN_MYSQL_OUT_REPLY: compression->in_sequence = compression->out_sequence; break;
  }
  return sequence;
}

// Stored as it is when it is short, or does not shrink.
static lun_status write_packet(lun_mysql_compression *compression) {
  lun_buffer *wire = &compression->wire;
  lun_view piece = lun_buffer_bytes(&compression->piece);
  lun_buffer_reserve(wire, LUN_MYSQL_COMPRESSED_HEADER + piece.size);
  size_t size = 0;
  lun_status status = wire->status;
  if (status == LUN_OK && piece.size >= compression->threshold) {
    uint8_t *out = wire->data + wire->size + LUN_MYSQL_COMPRESSED_HEADER;
    status = compression->codec->encode(piece, compression->level, out, piece.size - 1, &size);
  }
  if (status != LUN_OK) {
    return status;
  }
  lun_buffer_u24(wire, (uint32_t)(size > 0 ? size : piece.size));
  lun_buffer_u8(wire, count_packet(compression));
  lun_buffer_u24(wire, (uint32_t)(size > 0 ? piece.size : 0));
  if (size > 0) {
    wire->size += size;
  } else {
    lun_buffer_view(wire, piece);
  }
  return LUN_OK;
}

lun_status lun_mysql_compression_fill(lun_mysql_compression *compression, lun_outbox *outbox) {
  while (compression->wire.size - compression->sent < PIECE && !lun_outbox_is_empty(outbox)) {
    if (cut_piece(compression, outbox) != LUN_OK || write_packet(compression) != LUN_OK) {
      return LUN_ERR_NOMEM;
    }
  }
  return LUN_OK;
}

lun_view lun_mysql_compression_output(const lun_mysql_compression *compression) {
  lun_view waiting = lun_buffer_bytes(&compression->wire);
  lun_view_drop(&waiting, compression->sent);
  return waiting;
}

void lun_mysql_compression_sent(lun_mysql_compression *compression, size_t count) {
  compression->sent += count;
  if (compression->sent < compression->wire.size) {
    if (compression->sent >= PIECE) {
      lun_buffer_consume(&compression->wire, compression->sent);
      compression->sent = 0;
    }
    return;
  }
  compression->sent = 0;
  lun_buffer_clear(&compression->wire);
  if (compression->wire.capacity > KEPT_WIRE) {
    lun_buffer_deinit(&compression->wire);
  }
  if (compression->piece.capacity > KEPT_WIRE) {
    lun_buffer_deinit(&compression->piece);
  }
}
