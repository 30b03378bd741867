// src/base: blocks and the heap, used at random.
#include "base/block.h"
#include "base/heap.h"
#include "spec_module.h"

#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 300, THREADS = 4, WHOLE = 2048, EDGE = 64 };

typedef void *(*allocator)(void *context, void *block, size_t old_size, size_t size);

typedef struct churning {
  allocator allocate;
  void *context;
  size_t steps;
  size_t largest;
  uint64_t seed;
  bool has_failed;
} churning;

static void *allocate_block(void *context, void *block, size_t old_size, size_t size) {
  (void)context;
  if (size == 0) {
    lun_block_free(block, old_size);
    return NULL;
  }
  return lun_block_resize(block, old_size, size);
}

static size_t draw(churning *self, size_t below) {
  self->seed = self->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(self->seed >> 33) % below;
}

// Large blocks are written and read at their ends only.
static void fill(uint8_t *block, size_t size, int byte) {
  if (size <= WHOLE) {
    memset(block, byte, size);
  } else {
    memset(block, byte, EDGE);
    memset(block + size - EDGE, byte, EDGE);
  }
}

static bool holds(const uint8_t *block, size_t size, int byte) {
  for (size_t i = 0; i < size && i < WHOLE; i++) {
    if (block[i] != byte && (size <= WHOLE || i < EDGE)) {
      return false;
    }
  }
  return size == 0 || size <= WHOLE || block[size - 1] == byte;
}

// Makes, resizes and frees blocks, and looks whether they keep what was written.
static void *churn(void *context) {
  churning *self = context;
  uint8_t *blocks[SLOTS] = {0};
  size_t sizes[SLOTS] = {0};
  for (size_t step = 0; step < self->steps + SLOTS; step++) {
    size_t slot = step < self->steps ? draw(self, SLOTS) : step - self->steps;
    size_t size = step < self->steps && draw(self, 3) > 0 ? 1 + draw(self, self->largest) : 0;
    int byte = (int)(slot % 251) + 1;
    size_t old_size = sizes[slot];
    bool is_same = holds(blocks[slot], old_size, byte);
    uint8_t *moved = self->allocate(self->context, blocks[slot], old_size, size);
    size_t kept = old_size < size ? old_size : size;
    if (!is_same || (size > 0 && (!moved || !holds(moved, kept < EDGE ? kept : EDGE, byte)))) {
      self->has_failed = true;
      return NULL;
    }
    if (size > 0) {
      fill(moved, size, byte);
    }
    blocks[slot] = moved;
    sizes[slot] = size;
  }
  return NULL;
}

// churn_heap(steps, largest): whether everything was as it should be.
static int churn_heap(lua_State *L) {
  lun_heap *heap = lun_heap_new();
  churning self = {
      .allocate = lun_heap_allocate,
      .context = heap,
      .steps = (size_t)luaL_checknumber(L, 1),
      .largest = (size_t)luaL_checknumber(L, 2),
  };
  churn(&self);
  lun_heap_free(heap);
  lua_pushboolean(L, !self.has_failed);
  return 1;
}

// churn_blocks(steps, largest): the same, in several threads.
static int churn_blocks(lua_State *L) {
  enum { KEPT = 20 * 1024 * 1024 };
  churning selves[THREADS];
  pthread_t threads[THREADS];
  bool has_failed = false;
  lun_blocks_keep(KEPT);
  for (size_t i = 0; i < THREADS; i++) {
    selves[i] = (churning){
        .allocate = allocate_block,
        .steps = (size_t)luaL_checknumber(L, 1),
        .largest = (size_t)luaL_checknumber(L, 2),
        .seed = i,
    };
    if (pthread_create(&threads[i], NULL, churn, &selves[i]) != 0) {
      return luaL_error(L, "no thread");
    }
  }
  for (size_t i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    has_failed = has_failed || selves[i].has_failed;
  }
  lun_blocks_keep(0);
  lua_pushboolean(L, !has_failed);
  return 1;
}

// fill_heap(count, size): whether objects are apart, the pages that the heap takes for them, and
// those it keeps when all are freed.
static int fill_heap(lua_State *L) {
  size_t count = (size_t)luaL_checknumber(L, 1);
  size_t size = (size_t)luaL_checknumber(L, 2);
  lun_heap *heap = lun_heap_new();
  size_t **objects = calloc(count, sizeof *objects);
  bool are_apart = true;
  for (size_t i = 0; i < count; i++) {
    objects[i] = lun_heap_allocate(heap, NULL, 0, size);
    memset(objects[i], 0xff, size);
    *objects[i] = i;
  }
  size_t most = lun_heap_size(heap);
  for (size_t i = 0; i < count; i++) {
    are_apart = are_apart && *objects[i] == i;
    lun_heap_allocate(heap, objects[i], size, 0);
  }
  lua_pushboolean(L, are_apart);
  lua_pushnumber(L, (lua_Number)most);
  lua_pushnumber(L, (lua_Number)lun_heap_size(heap));
  free(objects);
  lun_heap_free(heap);
  return 3;
}

const luaL_Reg LUN_SPEC_MEMORY[] = {
    {"churn_heap", churn_heap},
    {"churn_blocks", churn_blocks},
    {"fill_heap", fill_heap},
    {NULL, NULL},
};
