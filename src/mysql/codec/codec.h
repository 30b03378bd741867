/// The algorithms of compressed packets: one piece at a time out, a stream of bounded steps in.
#pragma once

#include "base/status.h"
#include "base/view.h"
#include "driver/options.h"

typedef struct lun_mysql_codec {
  uint32_t capability; // the flag that agrees on it
  int default_level;
  int highest_level; // the lowest is 1

  /// Compresses `plain` into `room` bytes at `out` and sets `*size`; 0 when it does not fit. Keeps
  /// no memory. LUN_ERR_NOMEM is the only failure.
  lun_status (*encode)(lun_view plain, int level, uint8_t *out, size_t room, size_t *size);

  /// Returns the state of one stream, owned by the caller; NULL when out of memory.
  void *(*open)(void);
  /// Makes `state` ready for the next stream; the memory stays.
  void (*restart)(void *state);
  /// Frees the state. NULL does nothing.
  void (*close)(void *state);

  /// Decompresses from the front of `*encoded`, from which it drops what was used, into `room`
  /// bytes at `out`; `*is_end` when the stream is complete and its checksum was right.
  /// LUN_ERR_PROTOCOL for bytes that are no such stream, LUN_ERR_LIMIT for one that wants more
  /// memory than a packet can need, LUN_ERR_NOMEM.
  lun_status (*decode)(
      void *state, lun_view *encoded, uint8_t *out, size_t room, size_t *size, bool *is_end);
} lun_mysql_codec;

/// Returns the codec of an algorithm, NULL when this build has none.
const lun_mysql_codec *lun_mysql_codec_of(lun_compression compression);

extern const lun_mysql_codec LUN_MYSQL_ZLIB;
#ifdef LUNASA_ZSTD
extern const lun_mysql_codec LUN_MYSQL_ZSTD;
#endif
