/// A packed store of rows: each row's raw bytes in a few big chunks, and where each one starts.
///
/// Rows are decoded when somebody looks at them, so that a large result costs one copy and no
/// object per row. Memory grows by chunks of up to one megabyte: twice the rows, a handful of
/// mallocs.
#pragma once

#include "base/buffer.h"

typedef struct lun_chunk lun_chunk;

typedef struct lun_rows {
  lun_chunk *chunk;      // the newest; it links the others
  const uint8_t **index; // where each row starts: its size, then its bytes
  size_t count;
  size_t capacity;
  size_t bytes;                                 // of memory held
  void (*free_block)(void *block, size_t size); // of the module whose blocks they are
  void *room; // memory of the owner's for the first rows, LUN_ROWS_ROOM bytes; or NULL
} lun_rows;

/// What a point query's rows need: with a result in front of it, what glibc keeps at hand.
enum { LUN_ROWS_ROOM = 888 };

/// Bytes in front of each row of a store that may be read, whatever they hold.
enum { LUN_ROWS_BEFORE = 8 };

void lun_rows_deinit(lun_rows *rows);

/// Copies `row` behind the others.
lun_status lun_rows_append(lun_rows *rows, lun_view row);

/// Lends the free end of what the store holds, for rows that lie side by side, each behind
/// LUN_ROWS_HEAD bytes. Sets `*size` to how much that is; it may be 0. Allocates nothing.
uint8_t *lun_rows_room(const lun_rows *rows, size_t *size);

enum { LUN_ROWS_HEAD = sizeof(uint32_t) };

/// Adds the row of `size` bytes whose head is at `start`, which is the beginning of that room or
/// where the row before it ended. False when there is no place for it in the index.
static inline bool lun_rows_put(lun_rows *rows, uint8_t *start, uint32_t size) {
  if (rows->count == rows->capacity) {
    return false;
  }
  memcpy(start, &size, sizeof size);
  rows->index[rows->count++] = start;
  return true;
}

/// Keeps the first `size` bytes of the room: those of the rows that were added.
void lun_rows_keep(lun_rows *rows, size_t size);

/// Room that a buffer must leave before a row, so that the store can keep the buffer as it is.
enum { LUN_ROWS_HEADROOM = 32 };

/// Takes `buffer`, which holds LUN_ROWS_HEADROOM bytes of any value and then one row: a large row
/// is not copied. Takes it also on failure.
lun_status lun_rows_adopt(lun_rows *rows, lun_buffer *buffer);

/// Rows are far apart: has what is needed of one fetched some rows before row `i` is looked at.
static inline void lun_rows_prefetch(const lun_rows *rows, size_t i) {
  enum { AHEAD = 16 };
  if (i + AHEAD < rows->count) {
    __builtin_prefetch(rows->index[i + AHEAD]);
  }
}

/// Lends row `i`, counted from 0; `i` is below `rows->count`. Valid until the store ends.
static inline lun_view lun_rows_at(const lun_rows *rows, size_t i) {
  const uint8_t *start = rows->index[i];
  uint32_t size;
  memcpy(&size, start, sizeof size);
  return (lun_view){start + sizeof size, size};
}
