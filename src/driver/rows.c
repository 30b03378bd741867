#include "driver/rows.h"

#include "base/block.h"

#include <assert.h>

enum {
  FIRST_CHUNK = 1000,               // with its head, what glibc keeps at hand
  LARGEST_CHUNK = 1024 * 1024 - 64, // with its head, a round number of pages
  GROWTH = 8,
  FIRST_INDEX = 16,
};

struct lun_chunk {
  lun_chunk *older;
  size_t size;
  size_t capacity;
  uint8_t bytes[];
};

// The head of a chunk and the size of a row stand in the headroom.
static_assert(LUN_ROWS_HEADROOM >= sizeof(lun_chunk) + sizeof(uint32_t), "too little headroom");
static_assert(LUN_ROWS_BEFORE <= sizeof(lun_chunk), "too little in front of the first row");

// The owner's room holds the first index, and behind it the first chunk.
static const uint8_t **first_index(const lun_rows *rows) {
  return rows->room;
}

static lun_chunk *first_chunk(const lun_rows *rows) {
  return rows->room ? (lun_chunk *)(first_index(rows) + FIRST_INDEX) : NULL;
}

enum {
  ROOM_CHUNK = LUN_ROWS_ROOM - FIRST_INDEX * sizeof(const uint8_t *) - sizeof(lun_chunk),
};

void lun_rows_deinit(lun_rows *rows) {
  if (!rows->free_block) {
    *rows = (lun_rows){0};
    return; // nothing was ever put outside the room
  }
  lun_chunk *chunk = rows->chunk;
  while (chunk) {
    lun_chunk *older = chunk->older;
    if (chunk != first_chunk(rows)) {
      rows->free_block(chunk, sizeof *chunk + chunk->capacity);
    }
    chunk = older;
  }
  if (rows->index != first_index(rows)) {
    rows->free_block(rows->index, rows->capacity * sizeof *rows->index);
  }
  *rows = (lun_rows){0};
}

static lun_status add_chunk(lun_rows *rows, size_t needed) {
  if (!rows->chunk && rows->room && needed <= ROOM_CHUNK) {
    rows->chunk = first_chunk(rows);
    *rows->chunk = (lun_chunk){.capacity = ROOM_CHUNK};
    rows->bytes += sizeof *rows->chunk + ROOM_CHUNK;
    return LUN_OK;
  }
  rows->free_block = lun_block_free;
  size_t capacity = rows->chunk ? rows->chunk->capacity * GROWTH : FIRST_CHUNK;
  if (capacity > LARGEST_CHUNK) {
    capacity = LARGEST_CHUNK;
  }
  if (capacity < needed) {
    capacity = needed; // a row larger than a chunk gets one of its own
  }
  lun_chunk *chunk = lun_block_new(sizeof *chunk + capacity);
  if (!chunk) {
    return LUN_ERR_NOMEM;
  }
  *chunk = (lun_chunk){.older = rows->chunk, .capacity = capacity};
  rows->chunk = chunk;
  rows->bytes += sizeof *chunk + capacity;
  return LUN_OK;
}

static lun_status grow_index(lun_rows *rows) {
  size_t capacity = rows->capacity ? rows->capacity * 2 : FIRST_INDEX;
  size_t old_size = rows->capacity * sizeof *rows->index;
  bool was_inside = rows->room && rows->index == first_index(rows);
  const uint8_t **grown;
  if (!rows->index && rows->room) {
    grown = first_index(rows);
  } else {
    rows->free_block = lun_block_free;
    grown = lun_block_resize(
        was_inside ? NULL : rows->index, was_inside ? 0 : old_size, capacity * sizeof *grown);
  }
  if (!grown) {
    return LUN_ERR_NOMEM;
  }
  if (was_inside) {
    memcpy(grown, first_index(rows), old_size);
  }
  rows->bytes += (capacity - rows->capacity) * sizeof *grown;
  rows->index = grown;
  rows->capacity = capacity;
  return LUN_OK;
}

lun_status lun_rows_append(lun_rows *rows, lun_view row) {
  uint32_t size = (uint32_t)row.size;
  if (row.size > UINT32_MAX - sizeof size) {
    return LUN_ERR_LIMIT;
  }
  if (rows->count == rows->capacity && grow_index(rows) != LUN_OK) {
    return LUN_ERR_NOMEM;
  }
  size_t needed = row.size + sizeof size;
  if (!rows->chunk || rows->chunk->capacity - rows->chunk->size < needed) {
    if (add_chunk(rows, needed) != LUN_OK) {
      return LUN_ERR_NOMEM;
    }
  }
  uint8_t *start = rows->chunk->bytes + rows->chunk->size;
  memcpy(start, &size, sizeof size);
  memcpy(start + sizeof size, row.data, row.size);
  rows->chunk->size += needed;
  rows->index[rows->count++] = start;
  return LUN_OK;
}

uint8_t *lun_rows_room(const lun_rows *rows, size_t *size) {
  lun_chunk *chunk = rows->chunk;
  *size = chunk ? chunk->capacity - chunk->size : 0;
  return chunk ? chunk->bytes + chunk->size : NULL;
}

void lun_rows_keep(lun_rows *rows, size_t size) {
  rows->chunk->size += size;
}

lun_status lun_rows_adopt(lun_rows *rows, lun_buffer *buffer) {
  size_t total = buffer->size;
  uint32_t size = (uint32_t)(total - LUN_ROWS_HEADROOM);
  rows->free_block = lun_block_free;
  // Growing left room at the end.
  uint8_t *bytes = lun_block_resize(buffer->data, buffer->capacity, total);
  if (!bytes || (rows->count == rows->capacity && grow_index(rows) != LUN_OK)) {
    lun_block_free(bytes ? bytes : buffer->data, bytes ? total : buffer->capacity);
    *buffer = (lun_buffer){0};
    return LUN_ERR_NOMEM;
  }
  *buffer = (lun_buffer){0};
  lun_chunk *chunk = (lun_chunk *)bytes;
  *chunk = (lun_chunk){.size = total - sizeof *chunk, .capacity = total - sizeof *chunk};
  // Behind the newest chunk, which has room for the rows that follow.
  lun_chunk **link = rows->chunk ? &rows->chunk->older : &rows->chunk;
  chunk->older = *link;
  *link = chunk;
  rows->bytes += total;
  uint8_t *start = bytes + LUN_ROWS_HEADROOM - sizeof size;
  memcpy(start, &size, sizeof size);
  rows->index[rows->count++] = start;
  return LUN_OK;
}
