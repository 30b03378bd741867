/// Where the elements of a growable ring are: first in, first out, in an array of the caller's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lun_ring {
  uint32_t first;
  uint32_t count;
  uint32_t capacity;
} lun_ring;

/// Returns the index of element `i`, counted from the first; `i` may be `count` once there is room.
static inline uint32_t lun_ring_index(const lun_ring *ring, uint32_t i) {
  uint32_t index = ring->first + i;
  return index < ring->capacity ? index : index - ring->capacity;
}

/// Forgets the first element.
static inline void lun_ring_drop(lun_ring *ring) {
  ring->first = lun_ring_index(ring, 1);
  ring->count--;
}

/// lun_ring_reserve() where there is no room yet.
void *lun_ring_grow(lun_ring *ring, void *elements, size_t size, uint32_t more);

/// Makes room for `more` elements of `size` bytes. Returns the array, which may have moved, or NULL
/// when out of memory: then the old one is as it was.
static inline void *lun_ring_reserve(lun_ring *ring, void *elements, size_t size, uint32_t more) {
  bool has_room = elements && more <= ring->capacity - ring->count;
  return has_room ? elements : lun_ring_grow(ring, elements, size, more);
}
