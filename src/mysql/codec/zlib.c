#include "mysql/capability.h"
#include "mysql/codec/codec.h"

#include <stdlib.h>
#include <zlib.h>

// zlib's own would do the same; ours shows its memory to those who count it.
static void *allocate(void *context, uInt count, uInt size) {
  (void)context;
  return calloc(count, size);
}

static void release(void *context, void *block) {
  (void)context;
  free(block);
}

// The smallest window that holds all of a piece: small statements need no 256 KiB.
static int window_bits(size_t size) {
  enum { LEAST = 9 };
  int bits = LEAST;
  while (bits < MAX_WBITS && ((size_t)1 << bits) < size) {
    bits++;
  }
  return bits;
}

static lun_status encode(lun_view plain, int level, uint8_t *out, size_t room, size_t *size) {
  z_stream stream = {.zalloc = allocate, .zfree = release};
  int bits = window_bits(plain.size);
  *size = 0;
  int code =
      deflateInit2(&stream, level, Z_DEFLATED, bits, bits - MAX_WBITS + 8, Z_DEFAULT_STRATEGY);
  if (code != Z_OK) {
    return LUN_ERR_NOMEM;
  }
  stream.next_in = (Bytef *)plain.data;
  stream.avail_in = (uInt)plain.size;
  stream.next_out = out;
  stream.avail_out = (uInt)room;
  if (deflate(&stream, Z_FINISH) == Z_STREAM_END) {
    *size = room - stream.avail_out;
  }
  deflateEnd(&stream);
  return LUN_OK;
}

static void *open_stream(void) {
  z_stream *stream = malloc(sizeof *stream);
  if (!stream) {
    return NULL;
  }
  *stream = (z_stream){.zalloc = allocate, .zfree = release};
  if (inflateInit(stream) != Z_OK) {
    free(stream);
    return NULL;
  }
  return stream;
}

static void restart(void *state) {
  inflateReset(state);
}

static void close_stream(void *state) {
  if (state) {
    inflateEnd(state);
    free(state);
  }
}

static lun_status
decode(void *state, lun_view *encoded, uint8_t *out, size_t room, size_t *size, bool *is_end) {
  z_stream *stream = state;
  stream->next_in = (Bytef *)encoded->data;
  stream->avail_in = (uInt)encoded->size;
  stream->next_out = out;
  stream->avail_out = (uInt)room;
  int code = inflate(stream, Z_NO_FLUSH);
  lun_view_drop(encoded, encoded->size - stream->avail_in);
  *size = room - stream->avail_out;
  *is_end = code == Z_STREAM_END;
  if (code == Z_MEM_ERROR) {
    return LUN_ERR_NOMEM;
  }
  // Z_BUF_ERROR says that there was nothing to go on with.
  return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR ? LUN_OK : LUN_ERR_PROTOCOL;
}

const lun_mysql_codec LUN_MYSQL_ZLIB = {
    .capability = LUN_MYSQL_CLIENT_COMPRESS,
    .default_level = 6,
    .highest_level = Z_BEST_COMPRESSION,
    .encode = encode,
    .open = open_stream,
    .restart = restart,
    .close = close_stream,
    .decode = decode,
};
