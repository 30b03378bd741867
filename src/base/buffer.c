#include "base/buffer.h"

#include "base/block.h"

enum { SMALLEST_CAPACITY = 64 };

void lun_buffer_deinit(lun_buffer *buffer) {
  lun_block_free(buffer->data, buffer->capacity);
  *buffer = (lun_buffer){0};
}

uint8_t *lun_buffer_grow(lun_buffer *buffer, size_t extra) {
  if (buffer->status != LUN_OK) {
    return NULL;
  }
  if (extra > SIZE_MAX / 2 - buffer->size) {
    buffer->status = LUN_ERR_NOMEM;
    return NULL;
  }
  size_t capacity =
      buffer->capacity < SMALLEST_CAPACITY / 2 ? SMALLEST_CAPACITY : buffer->capacity * 2;
  if (capacity < buffer->size + extra) {
    capacity = buffer->size + extra;
  }
  uint8_t *grown = lun_block_resize(buffer->data, buffer->capacity, capacity);
  if (!grown) {
    buffer->status = LUN_ERR_NOMEM;
    return NULL;
  }
  buffer->data = grown;
  buffer->capacity = capacity;
  return grown + buffer->size;
}

void lun_buffer_trim(lun_buffer *buffer) {
  uint8_t *trimmed = lun_block_resize(buffer->data, buffer->capacity, buffer->size);
  if (trimmed) {
    buffer->data = trimmed;
    buffer->capacity = buffer->size;
  }
}

static void append_uint(lun_buffer *buffer, uint64_t value, size_t width) {
  uint8_t *end = lun_buffer_reserve(buffer, width);
  if (!end) {
    return;
  }
  for (size_t i = 0; i < width; i++) {
    end[i] = (uint8_t)(value >> (8 * i));
  }
  buffer->size += width;
}

void lun_buffer_u16(lun_buffer *buffer, uint16_t value) {
  append_uint(buffer, value, 2);
}

void lun_buffer_u24(lun_buffer *buffer, uint32_t value) {
  append_uint(buffer, value, 3);
}

void lun_buffer_u32(lun_buffer *buffer, uint32_t value) {
  append_uint(buffer, value, 4);
}

void lun_buffer_u64(lun_buffer *buffer, uint64_t value) {
  append_uint(buffer, value, 8);
}

void lun_buffer_lenenc(lun_buffer *buffer, uint64_t value) {
  if (value < 0xfb) {
    lun_buffer_u8(buffer, (uint8_t)value);
  } else if (value <= UINT16_MAX) {
    lun_buffer_u8(buffer, 0xfc);
    lun_buffer_u16(buffer, (uint16_t)value);
  } else if (value <= 0xffffff) {
    lun_buffer_u8(buffer, 0xfd);
    lun_buffer_u24(buffer, (uint32_t)value);
  } else {
    lun_buffer_u8(buffer, 0xfe);
    lun_buffer_u64(buffer, value);
  }
}

void lun_buffer_lenenc_view(lun_buffer *buffer, lun_view view) {
  lun_buffer_lenenc(buffer, view.size);
  lun_buffer_view(buffer, view);
}

void lun_buffer_nul_view(lun_buffer *buffer, lun_view view) {
  lun_buffer_view(buffer, view);
  lun_buffer_u8(buffer, 0);
}

void lun_buffer_consume(lun_buffer *buffer, size_t count) {
  if (count > 0 && count < buffer->size) {
    memmove(buffer->data, buffer->data + count, buffer->size - count);
  }
  buffer->size -= count < buffer->size ? count : buffer->size;
}
