#include "pool/pool_internal.h"

#include <assert.h>

static bool is_emptied(const lun_pool *pool) {
  return pool->is_closing && !pool->is_closed && lun_pool_size(pool) == 0;
}

bool lun_pool_has_next(const lun_pool *pool) {
  return pool->slot_counts[LUN_POOL_SLOT_CLOSING] > 0
         || pool->slot_counts[LUN_POOL_SLOT_REPLACING] > 0
         || pool->slot_counts[LUN_POOL_SLOT_GRANTED] > 0
         || pool->slot_counts[LUN_POOL_SLOT_WANTED] > 0
         || pool->waiter_counts[LUN_POOL_WAITER_EXPIRED] > 0
         || pool->waiter_counts[LUN_POOL_WAITER_FAILED] > 0 || is_emptied(pool);
}

// Takes the action of the first slot in `from`, which goes on to `state`.
static bool take_slot(lun_pool *pool,
                      lun_pool_slot_state from,
                      lun_pool_slot_state state,
                      lun_pool_action_kind kind,
                      lun_pool_action *action) {
  lun_pool_slot_record *slot = lun_pool_slot_first(pool, from);
  if (!slot) {
    return false;
  }
  *action = (lun_pool_action){.kind = kind, .slot = slot->slot, .reason = slot->close_reason};
  lun_pool_slot_move(pool, slot, state);
  if (slot->waiter) {
    assert(kind == LUN_POOL_GRANT && slot->waiter->state == LUN_POOL_WAITER_GRANTED);
    action->waiter = lun_pool_waiter_id(slot->waiter);
    lun_pool_waiter_move(pool, slot->waiter, LUN_POOL_WAITER_FREE);
    slot->waiter = NULL;
    lun_pool_slot_granted(pool);
  }
  return true;
}

static bool take_waiter(lun_pool *pool,
                        lun_pool_waiter_state from,
                        lun_pool_action_kind kind,
                        lun_pool_action *action) {
  lun_pool_waiter_record *waiter = lun_pool_waiter_first(pool, from);
  if (!waiter) {
    return false;
  }
  *action =
      (lun_pool_action){.kind = kind, .slot = waiter->slot, .waiter = lun_pool_waiter_id(waiter)};
  lun_pool_waiter_move(pool, waiter, LUN_POOL_WAITER_FREE);
  return true;
}

static bool take_closed(lun_pool *pool, lun_pool_action *action) {
  if (!is_emptied(pool)) {
    return false;
  }
  pool->is_closed = true;
  *action = (lun_pool_action){.kind = LUN_POOL_CLOSED};
  return true;
}

bool lun_pool_next(lun_pool *pool, lun_pool_action *action) {
  return take_slot(pool, LUN_POOL_SLOT_CLOSING, LUN_POOL_SLOT_FREE, LUN_POOL_CLOSE, action)
         || take_slot(pool, LUN_POOL_SLOT_REPLACING, LUN_POOL_SLOT_WANTED, LUN_POOL_CLOSE, action)
         || take_slot(pool, LUN_POOL_SLOT_GRANTED, LUN_POOL_SLOT_USED, LUN_POOL_GRANT, action)
         || take_waiter(pool, LUN_POOL_WAITER_EXPIRED, LUN_POOL_EXPIRE, action)
         || take_waiter(pool, LUN_POOL_WAITER_FAILED, LUN_POOL_FAIL, action)
         || take_slot(pool, LUN_POOL_SLOT_WANTED, LUN_POOL_SLOT_OPENING, LUN_POOL_OPEN, action)
         || take_closed(pool, action);
}

lun_pool_stats lun_pool_count(const lun_pool *pool) {
  return (lun_pool_stats){
      .size = lun_pool_size(pool),
      .idle = pool->slot_counts[LUN_POOL_SLOT_IDLE],
      .used = pool->slot_counts[LUN_POOL_SLOT_GRANTED] + pool->slot_counts[LUN_POOL_SLOT_USED],
      .opening = lun_pool_opening(pool),
      .waiting = pool->waiter_counts[LUN_POOL_WAITER_QUEUED],
  };
}

lun_pool_totals lun_pool_total(const lun_pool *pool) {
  return pool->totals;
}

bool lun_pool_is_closing(const lun_pool *pool) {
  return pool->is_closing;
}
