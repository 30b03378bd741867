/// Owned, growable bytes, and the little-endian writers that every encoder uses.
///
/// Failure is sticky, as in reader.h: the first allocation that fails marks the buffer, later
/// writes do nothing, and the encoder asks once at the end.
#pragma once

#include "base/status.h"
#include "base/view.h"

typedef struct lun_buffer {
  uint8_t *data;
  size_t size;
  size_t capacity;
  lun_status status; // LUN_OK or LUN_ERR_NOMEM
} lun_buffer;

/// Frees the memory. A zeroed buffer may be deinited, and used again afterwards.
void lun_buffer_deinit(lun_buffer *buffer);

/// Forgets the contents, keeps the memory.
static inline void lun_buffer_clear(lun_buffer *buffer) {
  buffer->size = 0;
  buffer->status = LUN_OK;
}

/// lun_buffer_reserve() where there is no room yet.
uint8_t *lun_buffer_grow(lun_buffer *buffer, size_t extra);

/// Gives back the memory behind the contents, of which there are some.
void lun_buffer_trim(lun_buffer *buffer);

/// Makes room for `extra` more bytes and returns where they go, NULL on failure. Commit what was
/// written with `buffer->size += n`. Valid until the next call that grows the buffer.
static inline uint8_t *lun_buffer_reserve(lun_buffer *buffer, size_t extra) {
  bool has_room =
      buffer->status == LUN_OK && buffer->data && extra <= buffer->capacity - buffer->size;
  return has_room ? buffer->data + buffer->size : lun_buffer_grow(buffer, extra);
}

static inline void lun_buffer_append(lun_buffer *buffer, const void *data, size_t size) {
  uint8_t *end = size > 0 ? lun_buffer_reserve(buffer, size) : NULL;
  if (end) {
    memcpy(end, data, size);
    buffer->size += size;
  }
}

static inline void lun_buffer_view(lun_buffer *buffer, lun_view view) {
  lun_buffer_append(buffer, view.data, view.size);
}

static inline void lun_buffer_u8(lun_buffer *buffer, uint8_t value) {
  uint8_t *end = lun_buffer_reserve(buffer, 1);
  if (end) {
    *end = value;
    buffer->size++;
  }
}

void lun_buffer_u16(lun_buffer *buffer, uint16_t value);
void lun_buffer_u24(lun_buffer *buffer, uint32_t value);
void lun_buffer_u32(lun_buffer *buffer, uint32_t value);
void lun_buffer_u64(lun_buffer *buffer, uint64_t value);

/// Protocol::LengthEncodedInteger.
void lun_buffer_lenenc(lun_buffer *buffer, uint64_t value);

/// Protocol::LengthEncodedString.
void lun_buffer_lenenc_view(lun_buffer *buffer, lun_view view);

/// Protocol::NullTerminatedString. A NUL inside `view` is the caller's to refuse.
void lun_buffer_nul_view(lun_buffer *buffer, lun_view view);

/// Removes the first `count` bytes and moves the rest to the front.
void lun_buffer_consume(lun_buffer *buffer, size_t count);

static inline lun_view lun_buffer_bytes(const lun_buffer *buffer) {
  return (lun_view){buffer->data, buffer->size};
}
