#include "pool/pool_internal.h"

#include <assert.h>

static lun_pool_slot_record *record_at(const lun_pool *pool, uint32_t index) {
  return lun_pool_blocks_at(&pool->slot_blocks, index, sizeof(lun_pool_slot_record));
}

void lun_pool_slot_move(lun_pool *pool, lun_pool_slot_record *record, lun_pool_slot_state state) {
  assert(pool->slot_counts[record->state] > 0);
  lun_list_remove(&record->node);
  pool->slot_counts[record->state]--;
  record->state = state;
  pool->slot_counts[state]++;
  if (state == LUN_POOL_SLOT_FREE || state == LUN_POOL_SLOT_IDLE) {
    lun_list_push_front(&pool->slots[state], &record->node);
  } else {
    lun_list_push_back(&pool->slots[state], &record->node);
  }
}

lun_pool_slot_record *
lun_pool_slot_find(const lun_pool *pool, lun_pool_slot slot, lun_pool_slot_state state) {
  if (slot == 0 || slot > pool->slot_blocks.count) {
    return NULL;
  }
  lun_pool_slot_record *record = record_at(pool, slot - 1);
  return record->state == state ? record : NULL;
}

lun_pool_slot_record *lun_pool_slot_first(const lun_pool *pool, lun_pool_slot_state state) {
  lun_list *node = lun_list_first(&pool->slots[state]);
  return node ? LUN_LIST_ELEMENT(node, lun_pool_slot_record, node) : NULL;
}

void lun_pool_slot_granted(lun_pool *pool) {
  uint32_t used = pool->slot_counts[LUN_POOL_SLOT_USED];
  pool->totals.acquired++;
  if (used > pool->totals.most_used) {
    pool->totals.most_used = used;
  }
}

lun_pool_slot_record *lun_pool_slot_last_idle(const lun_pool *pool) {
  const lun_list *list = &pool->slots[LUN_POOL_SLOT_IDLE];
  return lun_list_is_empty(list) ? NULL
                                 : LUN_LIST_ELEMENT(list->previous, lun_pool_slot_record, node);
}

lun_pool_slot_record *lun_pool_slot_next_idle(const lun_pool *pool) {
  return pool->options.lends_oldest ? lun_pool_slot_last_idle(pool)
                                    : lun_pool_slot_first(pool, LUN_POOL_SLOT_IDLE);
}

// A slot of its own, in the FREE list; NULL when out of memory.
static lun_pool_slot_record *add_slot(lun_pool *pool) {
  lun_pool_slot_record *record =
      lun_pool_blocks_add(&pool->slot_blocks, sizeof(lun_pool_slot_record));
  if (record) {
    record->slot = pool->slot_blocks.count;
    record->state = LUN_POOL_SLOT_FREE;
    lun_list_push_front(&pool->slots[LUN_POOL_SLOT_FREE], &record->node);
    pool->slot_counts[LUN_POOL_SLOT_FREE]++;
  }
  return record;
}

lun_status lun_pool_slot_want(lun_pool *pool) {
  assert(lun_pool_size(pool) < pool->options.maxsize);
  lun_pool_slot_record *closing = lun_pool_slot_first(pool, LUN_POOL_SLOT_CLOSING);
  if (closing) {
    lun_pool_slot_move(pool, closing, LUN_POOL_SLOT_REPLACING);
    return LUN_OK;
  }
  lun_pool_slot_record *record = lun_pool_slot_first(pool, LUN_POOL_SLOT_FREE);
  if (!record) {
    record = add_slot(pool);
  }
  if (!record) {
    return LUN_ERR_NOMEM;
  }
  lun_pool_slot_move(pool, record, LUN_POOL_SLOT_WANTED);
  return LUN_OK;
}

uint32_t lun_pool_opening(const lun_pool *pool) {
  return pool->slot_counts[LUN_POOL_SLOT_WANTED] + pool->slot_counts[LUN_POOL_SLOT_OPENING]
         + pool->slot_counts[LUN_POOL_SLOT_REPLACING];
}

uint32_t lun_pool_size(const lun_pool *pool) {
  return lun_pool_opening(pool) + pool->slot_counts[LUN_POOL_SLOT_IDLE]
         + pool->slot_counts[LUN_POOL_SLOT_GRANTED] + pool->slot_counts[LUN_POOL_SLOT_USED];
}
