// The way in, and what both ways share; the way out is compression_out.c.
#include "mysql/compression.h"

#include <openssl/crypto.h>

#include <stdlib.h>

enum { MOST_PLAIN = 64 * 1024, KEPT_PLAIN = 4096 };

lun_mysql_compression *
lun_mysql_compression_new(const lun_mysql_codec *codec, int level, size_t threshold) {
  lun_mysql_compression *compression = calloc(1, sizeof *compression);
  if (compression) {
    compression->codec = codec;
    compression->level = level > 0 ? level : codec->default_level;
    compression->threshold = threshold;
  }
  return compression;
}

static void cleanse(lun_buffer *buffer) {
  if (buffer->data) {
    OPENSSL_cleanse(buffer->data, buffer->capacity); // a login over an open session was in there
  }
  lun_buffer_deinit(buffer);
}

void lun_mysql_compression_free(lun_mysql_compression *compression) {
  if (!compression) {
    return;
  }
  compression->codec->close(compression->stream);
  cleanse(&compression->wire);
  cleanse(&compression->piece);
  lun_buffer_deinit(&compression->plain);
  lun_buffer_deinit(&compression->kept);
  free(compression->answers);
  free(compression);
}

void lun_mysql_compression_rest(lun_mysql_compression *compression) {
  compression->codec->close(compression->stream);
  compression->stream = NULL;
  lun_buffer_deinit(&compression->kept);
  if (compression->plain.capacity > KEPT_PLAIN) {
    lun_buffer_deinit(&compression->plain);
  }
  compression->is_lent = false;
  lun_buffer_clear(&compression->plain);
}

void lun_mysql_compression_await(lun_mysql_compression *compression) {
  if (compression->is_starting && compression->answer_ring.count > 0) {
    lun_ring_drop(&compression->answer_ring); // its answer came in the packet of another
  }
  compression->is_starting = true;
}

static lun_status malformed(lun_error *error, const char *how) {
  return lun_error_set(
      error, LUN_ERR_PROTOCOL, "malformed compressed packet from the server: %s", how);
}

// A wrong number is the server's last words, or the end without them: the session looks.
static void check_sequence(lun_mysql_compression *compression, uint8_t sequence) {
  if (compression->is_starting) {
    compression->is_starting = false;
    compression->is_out_of_order = compression->answer_ring.count == 0;
    if (compression->answer_ring.count > 0) {
      compression->in_sequence = compression->answers[lun_ring_index(&compression->answer_ring, 0)];
      lun_ring_drop(&compression->answer_ring);
    }
  }
  compression->is_out_of_order |= sequence != compression->in_sequence;
  compression->in_sequence = (uint8_t)(sequence + 1);
}

static size_t u24(const uint8_t *bytes) {
  return (size_t)bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16;
}

static lun_status begin_packet(lun_mysql_compression *compression, lun_error *error) {
  compression->left = u24(compression->header);
  compression->declared = u24(compression->header + 4);
  compression->produced = 0;
  compression->offset = 0;
  if (compression->left == 0) {
    return malformed(error, "it is empty");
  }
  check_sequence(compression, compression->header[3]);
  if (compression->declared == 0) {
    return LUN_OK;
  }
  if (compression->stream) {
    compression->codec->restart(compression->stream);
  } else if (!(compression->stream = compression->codec->open())) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory for a compressed packet");
  }
  return LUN_OK;
}

static lun_view take(lun_view *from, size_t most) {
  lun_view taken = {from->data, from->size < most ? from->size : most};
  lun_view_drop(from, taken.size);
  return taken;
}

// Returns whether the header is complete.
static bool fill_header(lun_mysql_compression *compression, lun_view *received) {
  lun_view part = take(received, LUN_MYSQL_COMPRESSED_HEADER - compression->header_size);
  memcpy(compression->header + compression->header_size, part.data, part.size);
  compression->header_size = (uint8_t)(compression->header_size + part.size);
  return compression->header_size == LUN_MYSQL_COMPRESSED_HEADER;
}

static lun_status check_end(const lun_mysql_compression *compression, lun_error *error) {
  if (compression->left > 0) {
    return malformed(error, "bytes follow the compressed ones");
  }
  if (compression->produced < compression->declared) {
    return malformed(error, "it holds fewer bytes than it says");
  }
  return LUN_OK;
}

static void lend(lun_mysql_compression *compression, lun_view *plain) {
  *plain = lun_buffer_bytes(&compression->plain);
  compression->offset = compression->produced - plain->size;
  compression->is_lent = true;
}

static lun_status decode(lun_mysql_compression *compression,
                         lun_view *received,
                         size_t *size,
                         bool *is_end,
                         lun_error *error) {
  // One byte above what was declared, which shows a packet that holds more.
  lun_buffer *plain = &compression->plain;
  size_t whole = compression->declared + 1 - (compression->produced - plain->size);
  size_t room = (whole < MOST_PLAIN ? whole : MOST_PLAIN) - plain->size;
  uint8_t *out = lun_buffer_reserve(plain, room);
  lun_view encoded = {received->data,
                      received->size < compression->left ? received->size : compression->left};
  size_t offered = encoded.size;
  lun_status status =
      out ? compression->codec->decode(compression->stream, &encoded, out, room, size, is_end)
          : LUN_ERR_NOMEM;
  lun_view_drop(received, offered - encoded.size);
  compression->left -= offered - encoded.size;
  switch ((int)status) {
  case LUN_OK: break;
  case LUN_ERR_NOMEM: return lun_error_set(error, status, "out of memory for a compressed packet");
  case LUN_ERR_LIMIT:
    return lun_error_set(error, status, "a compressed packet of the server wants more than 16 MiB");
  default: return malformed(error, "it cannot be decompressed");
  }
  plain->size += *size;
  compression->produced += *size;
  return compression->produced > compression->declared
             ? malformed(error, "it holds more bytes than it says")
             : LUN_OK;
}

// Lends what is decompressed once that is much, or all of it: the last bytes of a packet are lent
// when its checksum is known to be right.
static lun_status inflate_some(lun_mysql_compression *compression,
                               lun_view *received,
                               lun_view *plain,
                               lun_error *error) {
  for (;;) {
    size_t size = 0;
    bool is_end = false;
    lun_status status = decode(compression, received, &size, &is_end, error);
    if (status != LUN_OK) {
      return status;
    }
    if (is_end) {
      compression->header_size = 0;
      lend(compression, plain);
      return check_end(compression, error);
    }
    if (compression->plain.size == MOST_PLAIN) {
      lend(compression, plain);
      return LUN_OK;
    }
    if (size == 0 && compression->left == 0) {
      return malformed(error, "it ends before the bytes that it compresses");
    }
    if (size == 0 && received->size == 0) {
      return LUN_OK;
    }
  }
}

bool lun_mysql_compression_has_more(const lun_mysql_compression *compression) {
  return compression->header_size == LUN_MYSQL_COMPRESSED_HEADER && compression->left == 0;
}

lun_status lun_mysql_compression_next(lun_mysql_compression *compression,
                                      lun_view *received,
                                      lun_view *plain,
                                      lun_error *error) {
  *plain = (lun_view){0};
  if (compression->is_lent) {
    compression->is_lent = false;
    lun_buffer_clear(&compression->plain);
  }
  if (compression->header_size < LUN_MYSQL_COMPRESSED_HEADER) {
    if (!fill_header(compression, received)) {
      return LUN_OK;
    }
    if (begin_packet(compression, error) != LUN_OK) {
      return error->status;
    }
  }
  if (compression->declared > 0) {
    return inflate_some(compression, received, plain, error);
  }
  *plain = take(received, compression->left);
  compression->offset = compression->produced;
  compression->produced += plain->size;
  compression->left -= plain->size;
  if (compression->left == 0) {
    compression->header_size = 0;
  }
  return LUN_OK;
}
