#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

void *lun_ring_grow(lun_ring *ring, void *elements, size_t size, uint32_t more) {
  if (more <= ring->capacity - ring->count) {
    return elements;
  }
  if (more > UINT32_MAX / 2 - ring->count) {
    return NULL;
  }
  enum { FEW = 4 };
  uint32_t needed = ring->count + more;
  uint32_t capacity = needed <= FEW ? needed : ring->capacity > FEW ? ring->capacity : FEW;
  while (capacity < needed) {
    capacity *= 2;
  }
  char *grown = malloc(capacity * size);
  if (!grown) {
    return NULL;
  }
  // Two runs: from the first element to the end of the array, and what wrapped.
  uint32_t to_end = ring->capacity - ring->first;
  uint32_t run = ring->count < to_end ? ring->count : to_end;
  if (elements) {
    memcpy(grown, (const char *)elements + ring->first * size, run * size);
    memcpy(grown + run * size, elements, (ring->count - run) * size);
  }
  free(elements);
  ring->first = 0;
  ring->capacity = capacity;
  return grown;
}
