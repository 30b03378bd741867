#include "mysql/frame.h"

enum {
  KEPT_BODY = 16 * 1024,
  LARGE_BODY = 64 * 1024,
  BELIEVED = 256 * 1024, // when so much of a packet came, there is room for all of the frame
  MOST_AT_ONCE = 1024 * 1024,
};

void lun_mysql_framer_deinit(lun_mysql_framer *framer) {
  lun_buffer_deinit(&framer->body);
}

void lun_mysql_framer_rest(lun_mysql_framer *framer) {
  if (framer->is_spent) {
    framer->is_spent = false;
    lun_buffer_deinit(&framer->body);
  }
}

bool lun_mysql_framer_take(lun_mysql_framer *framer, lun_buffer *packet) {
  if (!framer->is_spent || framer->body.size < LARGE_BODY) {
    return false;
  }
  framer->is_spent = false;
  *packet = framer->body;
  framer->body = (lun_buffer){0};
  return true;
}

bool lun_mysql_framer_is_empty(const lun_mysql_framer *framer) {
  return framer->header_size == 0 && !framer->is_joining;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

uint8_t *lun_mysql_framer_room(const lun_mysql_framer *framer, size_t *size) {
  const lun_buffer *body = &framer->body;
  bool is_inside = framer->is_joining && framer->header_size == LUN_MYSQL_FRAME_HEADER;
  if (!is_inside || framer->frame_left < LARGE_BODY
      || body->capacity - body->size < framer->frame_left) {
    return NULL;
  }
  *size = smaller(framer->frame_left, MOST_AT_ONCE);
  return body->data + body->size;
}

static size_t frame_size(const uint8_t *header) {
  return (size_t)header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16;
}

static lun_view take(lun_view *from, size_t size) {
  lun_view taken = {from->data, size};
  lun_view_drop(from, size);
  return taken;
}

// Checks a frame's header against the sequence and the limit, before a byte of it is kept.
static lun_status begin_frame(lun_mysql_framer *framer, const uint8_t *header, lun_error *error) {
  size_t size = frame_size(header);
  if (header[3] != framer->sequence) {
    if ((header[3] != 0 && !framer->is_sending) || framer->is_joining) {
      return lun_error_set(error,
                           LUN_ERR_PROTOCOL,
                           "packets out of order: the server sent sequence %u where %u was due",
                           header[3],
                           framer->sequence);
    }
    framer->is_unsolicited = true;
  }
  size_t joined = framer->is_joining ? framer->body.size - LUN_ROWS_HEADROOM : 0;
  if (size + joined > framer->max_packet) {
    return lun_error_set(error,
                         LUN_ERR_LIMIT,
                         "the server sent a packet larger than max_allowed_packet (%llu bytes)",
                         (unsigned long long)framer->max_packet);
  }
  framer->sequence = (uint8_t)(header[3] + 1);
  framer->frame_left = size;
  framer->has_more = size == LUN_MYSQL_FRAME_MAX;
  return LUN_OK;
}

static bool fill_header(lun_mysql_framer *framer, lun_view *received) {
  size_t missing = LUN_MYSQL_FRAME_HEADER - framer->header_size;
  lun_view part = take(received, smaller(missing, received->size));
  memcpy(framer->header + framer->header_size, part.data, part.size);
  framer->header_size = (uint8_t)(framer->header_size + part.size);
  return framer->header_size == LUN_MYSQL_FRAME_HEADER;
}

// The packet did not lie whole in the received bytes: collect it, however the bytes are cut.
static lun_status join(lun_mysql_framer *framer,
                       lun_view *received,
                       lun_view *packet,
                       bool *is_whole,
                       lun_error *error) {
  while (received->size > 0 || (framer->is_joining && framer->frame_left == 0)) {
    if (framer->header_size < LUN_MYSQL_FRAME_HEADER) {
      if (!fill_header(framer, received)) {
        return LUN_OK;
      }
      if (begin_frame(framer, framer->header, error) != LUN_OK) {
        return error->status;
      }
      if (!framer->is_joining) {
        static const uint8_t headroom[LUN_ROWS_HEADROOM];
        lun_buffer_append(&framer->body, headroom, sizeof headroom);
        framer->is_joining = true;
      }
    }
    if (framer->body.size >= BELIEVED) {
      lun_buffer_reserve(&framer->body, framer->frame_left);
    }
    lun_view part = take(received, smaller(framer->frame_left, received->size));
    size_t room = framer->body.capacity - framer->body.size;
    if (part.size <= room && part.data == framer->body.data + framer->body.size) {
      framer->body.size += part.size; // received there
    } else {
      lun_buffer_view(&framer->body, part);
    }
    if (framer->body.status != LUN_OK) {
      return lun_error_set(error, LUN_ERR_NOMEM, "out of memory for a packet from the server");
    }
    framer->frame_left -= part.size;
    if (framer->frame_left > 0) {
      return LUN_OK;
    }
    framer->header_size = 0;
    if (!framer->has_more) {
      packet->data = framer->body.data + LUN_ROWS_HEADROOM;
      packet->size = framer->body.size - LUN_ROWS_HEADROOM;
      *is_whole = true;
      framer->is_joining = false;
      framer->is_spent = true;
      return LUN_OK;
    }
    if (received->size == 0) {
      return LUN_OK;
    }
  }
  return LUN_OK;
}

lun_status lun_mysql_framer_next(lun_mysql_framer *framer,
                                 lun_view *received,
                                 lun_view *packet,
                                 bool *is_whole,
                                 lun_error *error) {
  *is_whole = false;
  if (framer->is_spent) {
    framer->is_spent = false;
    if (framer->body.capacity > KEPT_BODY) {
      lun_buffer_deinit(&framer->body);
    }
    lun_buffer_clear(&framer->body);
  }
  if (!lun_mysql_framer_is_empty(framer) || received->size < LUN_MYSQL_FRAME_HEADER) {
    return join(framer, received, packet, is_whole, error);
  }
  const uint8_t *header = received->data;
  size_t size = frame_size(header);
  if (size == LUN_MYSQL_FRAME_MAX || size > received->size - LUN_MYSQL_FRAME_HEADER) {
    return join(framer, received, packet, is_whole, error);
  }
  // Most packets are the next of their sequence, and no larger than what may come.
  if (header[3] == framer->sequence && size <= framer->max_packet) {
    framer->sequence++;
  } else if (begin_frame(framer, header, error) != LUN_OK) {
    return error->status;
  }
  framer->frame_left = 0;
  framer->has_more = false;
  *packet = (lun_view){header + LUN_MYSQL_FRAME_HEADER, size};
  received->data += LUN_MYSQL_FRAME_HEADER + size;
  received->size -= LUN_MYSQL_FRAME_HEADER + size;
  *is_whole = true;
  return LUN_OK;
}

static void write_header(lun_outbox *outbox, size_t size, uint8_t sequence) {
  uint8_t *header = lun_buffer_reserve(&outbox->bytes, LUN_MYSQL_FRAME_HEADER);
  if (header) {
    header[0] = (uint8_t)size;
    header[1] = (uint8_t)(size >> 8);
    header[2] = (uint8_t)(size >> 16);
    header[3] = sequence;
    outbox->bytes.size += LUN_MYSQL_FRAME_HEADER;
  }
}

uint8_t lun_mysql_frame_write(lun_outbox *outbox, uint8_t sequence, lun_view payload) {
  size_t size;
  do {
    size = smaller(payload.size, LUN_MYSQL_FRAME_MAX);
    write_header(outbox, size, sequence++);
    lun_buffer_append(&outbox->bytes, payload.data, size);
    lun_view_drop(&payload, size);
  } while (size == LUN_MYSQL_FRAME_MAX); // a full last frame is followed by an empty one
  return sequence;
}

uint8_t lun_mysql_frame_lend(lun_outbox *outbox, uint8_t sequence, lun_view payload) {
  write_header(outbox, payload.size, sequence);
  if (lun_outbox_lend(outbox, payload) != LUN_OK) {
    outbox->bytes.status = LUN_ERR_NOMEM;
  }
  return (uint8_t)(sequence + 1);
}

lun_status lun_mysql_frame_command(
    lun_outbox *outbox, lun_view head, lun_view text, bool is_lent, uint8_t *sequence) {
  *sequence = 0;
  size_t size = head.size + text.size;
  lun_buffer *bytes = &outbox->bytes;
  if (!is_lent && size < LUN_MYSQL_FRAME_MAX
      && lun_buffer_reserve(bytes, LUN_MYSQL_FRAME_HEADER + size)) {
    write_header(outbox, size, (*sequence)++);
    lun_buffer_view(bytes, head);
    lun_buffer_view(bytes, text);
    return LUN_OK;
  }
  do {
    lun_view first = take(&head, smaller(head.size, LUN_MYSQL_FRAME_MAX));
    lun_view part = take(&text, smaller(text.size, LUN_MYSQL_FRAME_MAX - first.size));
    size = first.size + part.size;
    write_header(outbox, size, (*sequence)++);
    lun_buffer_view(&outbox->bytes, first);
    if (!is_lent) {
      lun_buffer_view(&outbox->bytes, part);
    } else if (lun_outbox_lend(outbox, part) != LUN_OK) {
      return LUN_ERR_NOMEM;
    }
  } while (size == LUN_MYSQL_FRAME_MAX);
  return outbox->bytes.status;
}
