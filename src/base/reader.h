/// Little-endian reader over borrowed bytes.
///
/// Failure is sticky: the first bad read marks the reader, and from then on every read yields zero.
/// A decoder therefore reads its fields in a row, as the manual lists them, and asks once, in
/// lun_reader_finish(), whether they were all there.
#pragma once

#include "base/status.h"
#include "base/view.h"

typedef struct lun_reader {
  lun_view rest;
  lun_status status;
} lun_reader;

/// Returns a reader over `bytes`. Borrows `bytes` until the last read.
static inline lun_reader lun_reader_over(lun_view bytes) {
  return (lun_reader){.rest = bytes, .status = LUN_OK};
}

/// Marks the reader as failed, for a decoder that finds a field's value impossible.
static inline void lun_reader_fail(lun_reader *reader, lun_status status) {
  if (reader->status == LUN_OK) {
    reader->status = status;
  }
  reader->rest.size = 0;
}

/// Returns the next `size` bytes, or an empty view on failure. Valid as long as the bytes read.
static inline lun_view lun_reader_take(lun_reader *reader, size_t size) {
  if (size > reader->rest.size) {
    lun_reader_fail(reader, LUN_ERR_TRUNCATED);
    return (lun_view){0};
  }
  lun_view taken = {reader->rest.data, size};
  lun_view_drop(&reader->rest, size);
  return taken;
}

/// Returns the bytes not yet read. Valid as long as the bytes read.
lun_view lun_reader_rest(lun_reader *reader);

static inline uint8_t lun_reader_u8(lun_reader *reader) {
  lun_view byte = lun_reader_take(reader, 1);
  return byte.size > 0 ? byte.data[0] : 0;
}

static inline uint16_t lun_reader_u16(lun_reader *reader) {
  lun_view bytes = lun_reader_take(reader, 2);
  if (bytes.size == 0) {
    return 0;
  }
  return (uint16_t)(bytes.data[0] | bytes.data[1] << 8);
}

uint32_t lun_reader_u32(lun_reader *reader);

/// lun_reader_lenenc() of what does not fit into its first byte.
uint64_t lun_reader_long_lenenc(lun_reader *reader);

/// Reads a length-encoded integer (Protocol::LengthEncodedInteger). The NULL marker 0xfb of text
/// rows is not one: row decoders look for it first.
static inline uint64_t lun_reader_lenenc(lun_reader *reader) {
  bool is_short = reader->rest.size > 0 && reader->rest.data[0] < 0xfb;
  return is_short ? lun_reader_u8(reader) : lun_reader_long_lenenc(reader);
}

/// Reads a length-encoded string (Protocol::LengthEncodedString). Valid as long as the bytes read.
lun_view lun_reader_lenenc_view(lun_reader *reader);

/// Reads a string up to its NUL, without it (Protocol::NullTerminatedString); fails without one.
lun_view lun_reader_nul_view(lun_reader *reader);

/// Returns how the reading went; LUN_ERR_TRAILING when bytes are left.
lun_status lun_reader_finish(const lun_reader *reader);
