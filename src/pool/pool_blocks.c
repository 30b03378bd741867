#include "pool/pool_internal.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK_RECORDS = 64, SMALLEST_TABLE = 8 };

static bool grow_table(lun_pool_blocks *blocks) {
  uint32_t capacity = blocks->capacity == 0 ? SMALLEST_TABLE : blocks->capacity * 2;
  unsigned char **grown = realloc(blocks->blocks, capacity * sizeof *grown);
  if (!grown) {
    return false;
  }
  blocks->blocks = grown;
  blocks->capacity = capacity;
  return true;
}

void *lun_pool_blocks_add(lun_pool_blocks *blocks, size_t record_size) {
  uint32_t block = blocks->count / BLOCK_RECORDS;
  if (blocks->count % BLOCK_RECORDS == 0) {
    if (block == blocks->capacity && !grow_table(blocks)) {
      return NULL;
    }
    blocks->blocks[block] = calloc(BLOCK_RECORDS, record_size);
    if (!blocks->blocks[block]) {
      return NULL;
    }
  }
  blocks->count++;
  return lun_pool_blocks_at(blocks, blocks->count - 1, record_size);
}

void *lun_pool_blocks_at(const lun_pool_blocks *blocks, uint32_t index, size_t record_size) {
  assert(index < blocks->count);
  return blocks->blocks[index / BLOCK_RECORDS] + index % BLOCK_RECORDS * record_size;
}

void lun_pool_blocks_deinit(lun_pool_blocks *blocks) {
  for (uint32_t i = 0; i < blocks->count; i += BLOCK_RECORDS) {
    free(blocks->blocks[i / BLOCK_RECORDS]);
  }
  free(blocks->blocks);
  *blocks = (lun_pool_blocks){0};
}
