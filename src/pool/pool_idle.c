// What most acquires and releases are: an idle slot is lent, and is idle again.
#include "pool/pool_internal.h"

lun_pool_slot lun_pool_take(lun_pool *pool, double now) {
  lun_pool_slot_record *idle = lun_pool_slot_next_idle(pool);
  if (!idle || pool->is_closing || lun_pool_slot_is_too_old(idle, now)) {
    return 0;
  }
  lun_pool_slot_move(pool, idle, LUN_POOL_SLOT_USED);
  lun_pool_slot_granted(pool);
  return idle->slot;
}

bool lun_pool_put_back(lun_pool *pool, lun_pool_slot slot, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_USED);
  bool is_awaited = pool->waiter_counts[LUN_POOL_WAITER_QUEUED] > 0;
  if (!record || pool->is_closing || is_awaited || lun_pool_slot_is_too_old(record, now)) {
    return false;
  }
  pool->totals.released++;
  record->idle_since = now;
  lun_pool_slot_move(pool, record, LUN_POOL_SLOT_IDLE);
  return true;
}
