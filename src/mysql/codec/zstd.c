#include "mysql/codec/codec.h"

#ifdef LUNASA_ZSTD
#  include "mysql/capability.h"

#  include <zstd.h>
#  include <zstd_errors.h>

// A packet holds less than 16 MiB, so no honest stream looks back farther.
enum { WINDOW_BITS = 24 };

static lun_status encode(lun_view plain, int level, uint8_t *out, size_t room, size_t *size) {
  *size = 0;
  size_t code = ZSTD_compress(out, room, plain.data, plain.size, level);
  if (!ZSTD_isError(code)) {
    *size = code;
    return LUN_OK;
  }
  return ZSTD_getErrorCode(code) == ZSTD_error_dstSize_tooSmall ? LUN_OK : LUN_ERR_NOMEM;
}

static void *open_stream(void) {
  ZSTD_DCtx *stream = ZSTD_createDCtx();
  if (stream) {
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_BITS);
  }
  return stream;
}

static void restart(void *state) {
  ZSTD_DCtx_reset(state, ZSTD_reset_session_only);
}

static void close_stream(void *state) {
  ZSTD_freeDCtx(state);
}

static lun_status
decode(void *state, lun_view *encoded, uint8_t *out, size_t room, size_t *size, bool *is_end) {
  ZSTD_inBuffer from = {encoded->data, encoded->size, 0};
  ZSTD_outBuffer to = {NULL, room, 0};
  to.dst = out;
  size_t code = ZSTD_decompressStream(state, &to, &from);
  lun_view_drop(encoded, from.pos);
  *size = to.pos;
  *is_end = code == 0;
  if (!ZSTD_isError(code)) {
    return LUN_OK;
  }
  switch ((int)ZSTD_getErrorCode(code)) {
  case ZSTD_error_memory_allocation: return LUN_ERR_NOMEM;
  case ZSTD_error_frameParameter_windowTooLarge: return LUN_ERR_LIMIT;
  default: return LUN_ERR_PROTOCOL;
  }
}

const lun_mysql_codec LUN_MYSQL_ZSTD = {
    .capability = LUN_MYSQL_CLIENT_ZSTD_COMPRESSION_ALGORITHM,
    .default_level = 3,
    .highest_level = 22,
    .encode = encode,
    .open = open_stream,
    .restart = restart,
    .close = close_stream,
    .decode = decode,
};
#endif
