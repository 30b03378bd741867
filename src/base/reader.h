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
lun_reader lun_reader_over(lun_view bytes);

/// Returns the next `size` bytes, or an empty view on failure. Valid as long as the bytes read.
lun_view lun_reader_take(lun_reader *reader, size_t size);

/// Returns the bytes not yet read. Valid as long as the bytes read.
lun_view lun_reader_rest(lun_reader *reader);

uint8_t lun_reader_u8(lun_reader *reader);

uint16_t lun_reader_u16(lun_reader *reader);

uint32_t lun_reader_u32(lun_reader *reader);

/// Reads a length-encoded integer (Protocol::LengthEncodedInteger). The NULL marker 0xfb of text
/// rows is not one: row decoders look for it first.
uint64_t lun_reader_lenenc(lun_reader *reader);

/// Reads a length-encoded string (Protocol::LengthEncodedString). Valid as long as the bytes read.
lun_view lun_reader_lenenc_view(lun_reader *reader);

/// Reads a string up to its NUL, without it (Protocol::NullTerminatedString); fails without one.
lun_view lun_reader_nul_view(lun_reader *reader);

/// Marks the reader as failed, for a decoder that finds a field's value impossible.
void lun_reader_fail(lun_reader *reader, lun_status status);

/// Returns how the reading went; LUN_ERR_TRAILING when bytes are left.
lun_status lun_reader_finish(const lun_reader *reader);
