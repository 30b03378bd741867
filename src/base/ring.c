#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 4 };

void *lun_ring_reserve(lun_ring *ring, void *elements, size_t size) {
  if (ring->count < ring->capacity) {
    return elements;
  }
  uint32_t capacity = ring->capacity ? ring->capacity * 2 : FIRST_CAPACITY;
  char *grown = malloc(capacity * size);
  if (!grown) {
    return NULL;
  }
  // A full ring is two runs: from the first element to the end of the array, and what wrapped.
  size_t run = (ring->capacity - ring->first) * size;
  if (elements) {
    memcpy(grown, (const char *)elements + ring->first * size, run);
    memcpy(grown + run, elements, ring->first * size);
  }
  free(elements);
  ring->first = 0;
  ring->capacity = capacity;
  return grown;
}
