#include "base/heap.h"

#include "base/block.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Small objects live in slabs, each of one size; slabs in regions, which are aligned to their size,
// so that an object's address tells its slab. Others come from lun_block_new().
enum {
  REGION = 1024 * 1024,
  SLAB = 8 * 1024,
  SLABS = REGION / SLAB,
  STEP = 8, // between sizes, up to FINE
  FINE = 256,
  COARSE_STEP = 64, // from there to SMALL
  SMALL = 1024,     // larger ones are blocks
  FINE_SIZES = FINE / STEP,
  SIZES = FINE_SIZES + (SMALL - FINE) / COARSE_STEP,
};

typedef struct slab {
  void *free;     // objects that were freed, linked through their first word
  uint8_t *fresh; // from here on nothing was ever used
  uint8_t *end;
  uint32_t size;     // of an object
  uint32_t used;     // objects
  struct slab *next; // with room, of the same size; or unused, of any region
  struct slab *previous;
  uint32_t index; // of the size
  bool is_listed;
} slab;

typedef struct region {
  struct region *next;
  struct region *previous;
  unsigned used; // slabs
  slab slabs[SLABS];
} region;

static_assert(sizeof(region) <= SLAB, "the head of a region takes its first slab");

struct lun_heap {
  slab *with_room[SIZES];
  slab *unused; // slabs of all regions
  region *regions;
};

static unsigned index_of(size_t size) {
  return size <= FINE ? (unsigned)((size + STEP - 1) / STEP) - 1
                      : FINE_SIZES + (unsigned)((size - FINE + COARSE_STEP - 1) / COARSE_STEP) - 1;
}

static size_t size_at(unsigned index) {
  return index < FINE_SIZES ? (size_t)(index + 1) * STEP
                            : FINE + (size_t)(index + 1 - FINE_SIZES) * COARSE_STEP;
}

static region *region_of(const void *object) {
  return (region *)((uintptr_t)object & ~(uintptr_t)(REGION - 1));
}

static slab *slab_of(const void *object) {
  return &region_of(object)->slabs[((uintptr_t)object & (REGION - 1)) / SLAB];
}

static void list(slab **head, slab *member) {
  member->next = *head;
  member->previous = NULL;
  if (*head) {
    (*head)->previous = member;
  }
  *head = member;
  member->is_listed = true;
}

static void unlist(slab **head, slab *member) {
  *(member->previous ? &member->previous->next : head) = member->next;
  if (member->next) {
    member->next->previous = member->previous;
  }
  member->is_listed = false;
}

// Maps a region; what of it is not aligned goes back at once.
static region *map_region(void) {
  const int access = PROT_READ | PROT_WRITE;
  uint8_t *start = mmap(NULL, 2 * (size_t)REGION, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) {
    return NULL;
  }
  size_t before = (REGION - ((uintptr_t)start & (REGION - 1))) & (REGION - 1);
  if (before > 0) {
    munmap(start, before);
  }
  munmap(start + before + REGION, REGION - before);
  return (region *)(start + before);
}

static bool add_region(lun_heap *heap) {
  region *added = map_region();
  if (!added) {
    return false;
  }
  added->next = heap->regions;
  if (added->next) {
    added->next->previous = added;
  }
  heap->regions = added;
  for (unsigned i = SLABS - 1; i > 0; i--) {
    list(&heap->unused, &added->slabs[i]);
  }
  return true;
}

static void remove_region(lun_heap *heap, region *removed) {
  for (unsigned i = 1; i < SLABS; i++) {
    unlist(&heap->unused, &removed->slabs[i]);
  }
  *(removed->previous ? &removed->previous->next : &heap->regions) = removed->next;
  if (removed->next) {
    removed->next->previous = removed->previous;
  }
  munmap(removed, REGION);
}

// Takes an unused slab for objects of a size.
static __attribute__((noinline)) slab *begin_slab(lun_heap *heap, unsigned index) {
  if (!heap->unused && !add_region(heap)) {
    return NULL;
  }
  slab *begun = heap->unused;
  region *owner = region_of(begun);
  unlist(&heap->unused, begun);
  owner->used++;
  uint8_t *start = (uint8_t *)owner + (size_t)(begun - owner->slabs) * SLAB;
  begun->size = (uint32_t)size_at(index);
  begun->index = index;
  begun->free = NULL;
  begun->fresh = start;
  begun->end = start + SLAB;
  list(&heap->with_room[index], begun);
  return begun;
}

// Nothing in the slab is used any more. One region without objects is kept.
static __attribute__((noinline)) void end_slab(lun_heap *heap, slab *ended) {
  region *owner = region_of(ended);
  unlist(&heap->with_room[ended->index], ended);
  list(&heap->unused, ended);
  owner->used--;
  if (owner->used == 0 && (owner->next || owner->previous)) {
    remove_region(heap, owner);
  }
}

static void *small_new(lun_heap *heap, size_t size) {
  unsigned index = index_of(size);
  slab *from = heap->with_room[index];
  if (!from && !(from = begin_slab(heap, index))) {
    return NULL;
  }
  void *made = from->free;
  if (made) {
    memcpy(&from->free, made, sizeof from->free);
  } else {
    made = from->fresh;
    from->fresh += from->size;
  }
  from->used++;
  if (!from->free && (size_t)(from->end - from->fresh) < from->size) {
    unlist(&heap->with_room[index], from);
  }
  return made;
}

static void small_free(lun_heap *heap, void *object, size_t size) {
  slab *owner = slab_of(object);
  assert(owner->index == index_of(size));
  (void)size;
  memcpy(object, &owner->free, sizeof owner->free);
  owner->free = object;
  owner->used--;
  if (!owner->is_listed) {
    list(&heap->with_room[owner->index], owner);
  }
  // The last slab of a size stays, or an object that comes and goes would begin one each time.
  if (owner->used == 0 && (owner->next || owner->previous)) {
    end_slab(heap, owner);
  }
}

static void *any_new(lun_heap *heap, size_t size) {
  return size <= SMALL ? small_new(heap, size) : lun_block_new(size);
}

static void any_free(lun_heap *heap, void *block, size_t size) {
  if (size <= SMALL) {
    small_free(heap, block, size);
  } else {
    lun_block_free(block, size);
  }
}

static __attribute__((noinline)) void *
any_resize(lun_heap *heap, void *block, size_t old_size, size_t size) {
  if (old_size > SMALL && size > SMALL) {
    return lun_block_resize(block, old_size, size);
  }
  if (old_size <= SMALL && size <= SMALL && index_of(old_size) == index_of(size)) {
    return block;
  }
  void *moved = any_new(heap, size);
  if (moved) {
    memcpy(moved, block, old_size < size ? old_size : size);
    any_free(heap, block, old_size);
  }
  return moved;
}

void *lun_heap_allocate(void *context, void *block, size_t old_size, size_t size) {
  lun_heap *heap = context;
  if (size == 0) {
    if (block && old_size > 0) {
      any_free(heap, block, old_size);
    }
    return NULL;
  }
  return block && old_size > 0 ? any_resize(heap, block, old_size, size) : any_new(heap, size);
}

lun_heap *lun_heap_new(void) {
  return calloc(1, sizeof(lun_heap));
}

size_t lun_heap_size(const lun_heap *heap) {
  size_t size = 0;
  for (const region *at = heap->regions; at; at = at->next) {
    size += REGION;
  }
  return size;
}

void lun_heap_free(lun_heap *heap) {
  while (heap && heap->regions) {
    region *next = heap->regions->next;
    munmap(heap->regions, REGION);
    heap->regions = next;
  }
  free(heap);
}
