#include "pool/pool_internal.h"

#include <assert.h>
#include <stdlib.h>

// A waiter's number is its generation above INDEX_BITS of its 1-based index: 53 bits, a Lua number.
enum { INDEX_BITS = 21, SMALLEST_HEAP = 16 };

static lun_pool_waiter_record *record_at(const lun_pool *pool, uint32_t index) {
  return lun_pool_blocks_at(&pool->waiter_blocks, index, sizeof(lun_pool_waiter_record));
}

static void put_deadline(lun_pool *pool, uint32_t position, lun_pool_deadline deadline) {
  pool->deadlines[position - 1] = deadline;
  deadline.waiter->deadline_position = position;
}

// Puts `deadline` where it belongs, at `position` or nearer to the first.
static void sift_up(lun_pool *pool, uint32_t position, lun_pool_deadline deadline) {
  while (position > 1 && deadline.at < pool->deadlines[position / 2 - 1].at) {
    put_deadline(pool, position, pool->deadlines[position / 2 - 1]);
    position /= 2;
  }
  put_deadline(pool, position, deadline);
}

// Puts `deadline` where it belongs, at `position` or farther from the first.
static void sift_down(lun_pool *pool, uint32_t position, lun_pool_deadline deadline) {
  for (uint32_t child = position * 2; child <= pool->deadline_count; child = position * 2) {
    if (child < pool->deadline_count && pool->deadlines[child].at < pool->deadlines[child - 1].at) {
      child++;
    }
    if (deadline.at <= pool->deadlines[child - 1].at) {
      break;
    }
    put_deadline(pool, position, pool->deadlines[child - 1]);
    position = child;
  }
  put_deadline(pool, position, deadline);
}

static bool reserve_deadline(lun_pool *pool) {
  if (pool->deadline_count < pool->deadline_capacity) {
    return true;
  }
  uint32_t capacity = pool->deadline_capacity == 0 ? SMALLEST_HEAP : pool->deadline_capacity * 2;
  lun_pool_deadline *grown = realloc(pool->deadlines, capacity * sizeof *grown);
  if (!grown) {
    return false;
  }
  pool->deadlines = grown;
  pool->deadline_capacity = capacity;
  return true;
}

static void remove_deadline(lun_pool *pool, lun_pool_waiter_record *record) {
  uint32_t position = record->deadline_position;
  if (position == 0) {
    return;
  }
  record->deadline_position = 0;
  lun_pool_deadline removed = pool->deadlines[position - 1];
  lun_pool_deadline last = pool->deadlines[pool->deadline_count - 1];
  pool->deadline_count--;
  if (last.waiter == record) {
    return;
  }
  if (last.at < removed.at) {
    sift_up(pool, position, last);
  } else {
    sift_down(pool, position, last);
  }
}

// A FREE record, NULL when out of memory or of numbers.
static lun_pool_waiter_record *free_record(lun_pool *pool) {
  lun_pool_waiter_record *record = lun_pool_waiter_first(pool, LUN_POOL_WAITER_FREE);
  if (record || pool->waiter_blocks.count == LUN_POOL_MAX_WAITERS) {
    return record;
  }
  record = lun_pool_blocks_add(&pool->waiter_blocks, sizeof(lun_pool_waiter_record));
  if (record) {
    record->index = pool->waiter_blocks.count;
    record->state = LUN_POOL_WAITER_FREE;
    lun_list_push_back(&pool->waiters[LUN_POOL_WAITER_FREE], &record->node);
    pool->waiter_counts[LUN_POOL_WAITER_FREE]++;
  }
  return record;
}

lun_pool_waiter_record *lun_pool_waiter_add(lun_pool *pool, double deadline, double now) {
  if (deadline >= 0 && !reserve_deadline(pool)) {
    return NULL;
  }
  lun_pool_waiter_record *record = free_record(pool);
  if (!record) {
    return NULL;
  }
  record->slot = 0;
  record->queued_at = now;
  lun_pool_waiter_move(pool, record, LUN_POOL_WAITER_QUEUED);
  if (deadline >= 0) {
    pool->deadline_count++;
    sift_up(pool, pool->deadline_count, (lun_pool_deadline){deadline, record});
  }
  return record;
}

void lun_pool_waiter_move(lun_pool *pool,
                          lun_pool_waiter_record *record,
                          lun_pool_waiter_state state) {
  assert(pool->waiter_counts[record->state] > 0);
  remove_deadline(pool, record);
  lun_list_remove(&record->node);
  pool->waiter_counts[record->state]--;
  record->state = state;
  pool->waiter_counts[state]++;
  lun_list_push_back(&pool->waiters[state], &record->node);
  if (state == LUN_POOL_WAITER_FREE) {
    record->generation++;
  }
}

lun_pool_waiter_record *lun_pool_waiter_find(const lun_pool *pool, lun_pool_waiter waiter) {
  uint32_t index = (uint32_t)(waiter & LUN_POOL_MAX_WAITERS);
  if (index == 0 || index > pool->waiter_blocks.count) {
    return NULL;
  }
  lun_pool_waiter_record *record = record_at(pool, index - 1);
  bool is_same = record->generation == waiter >> INDEX_BITS;
  return is_same && record->state != LUN_POOL_WAITER_FREE ? record : NULL;
}

lun_pool_waiter_record *lun_pool_waiter_first(const lun_pool *pool, lun_pool_waiter_state state) {
  lun_list *node = lun_list_first(&pool->waiters[state]);
  return node ? LUN_LIST_ELEMENT(node, lun_pool_waiter_record, node) : NULL;
}

double lun_pool_waiting_since(const lun_pool *pool) {
  const lun_pool_waiter_record *first = lun_pool_waiter_first(pool, LUN_POOL_WAITER_QUEUED);
  return first ? first->queued_at : -1;
}

lun_pool_waiter lun_pool_waiter_id(const lun_pool_waiter_record *record) {
  return (uint64_t)record->generation << INDEX_BITS | record->index;
}
