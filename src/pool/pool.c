#include "pool/pool.h"

#include "pool/pool_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

// Seconds between two attempts to open ahead of demand: doubled by every failure.
static const double FIRST_REFILL_DELAY = 1.0;
static const double LAST_REFILL_DELAY = 32.0;

// By how much of max_lifetime the lives of slots differ at most.
static const double LIFETIME_SPREAD = 0.1;

lun_pool *lun_pool_new(const lun_pool_options *options) {
  assert(options->maxsize > 0 && options->minsize <= options->maxsize);
  lun_pool *pool = calloc(1, sizeof *pool);
  if (!pool) {
    return NULL;
  }
  pool->options = *options;
  pool->refill_delay = FIRST_REFILL_DELAY;
  for (int i = 0; i < LUN_POOL_SLOT_STATES; i++) {
    lun_list_init(&pool->slots[i]);
  }
  for (int i = 0; i < LUN_POOL_WAITER_STATES; i++) {
    lun_list_init(&pool->waiters[i]);
  }
  return pool;
}

void lun_pool_free(lun_pool *pool) {
  if (!pool) {
    return;
  }
  lun_pool_blocks_deinit(&pool->slot_blocks);
  lun_pool_blocks_deinit(&pool->waiter_blocks);
  free(pool->deadlines);
  free(pool);
}

static uint32_t waiting(const lun_pool *pool) {
  return pool->waiter_counts[LUN_POOL_WAITER_QUEUED];
}

// Waits a little before opening ahead of demand again, so that a server that goes away is not
// called at once by everyone.
static void defer_refill(lun_pool *pool, double now) {
  pool->refill_at = now + pool->refill_delay;
}

static bool is_below_minsize(const lun_pool *pool) {
  return pool->is_filled && !pool->is_closing && lun_pool_size(pool) < pool->options.minsize;
}

// One OPEN for every waiter, as far as maxsize allows.
static lun_status open_for_waiters(lun_pool *pool) {
  while (lun_pool_opening(pool) < waiting(pool) && lun_pool_size(pool) < pool->options.maxsize) {
    lun_status status = lun_pool_slot_want(pool);
    if (status != LUN_OK) {
      return status;
    }
  }
  return LUN_OK;
}

static lun_status open_to_minsize(lun_pool *pool) {
  while (is_below_minsize(pool)) {
    lun_status status = lun_pool_slot_want(pool);
    if (status != LUN_OK) {
      return status;
    }
  }
  return LUN_OK;
}

// Takes back the OPENs that nobody took and nobody needs any more.
static void drop_spare_opens(lun_pool *pool) {
  uint32_t kept = pool->is_filled ? pool->options.minsize : 0;
  while (lun_pool_opening(pool) > waiting(pool) && lun_pool_size(pool) > kept) {
    lun_pool_slot_record *wanted = lun_pool_slot_first(pool, LUN_POOL_SLOT_WANTED);
    lun_pool_slot_record *replacing = lun_pool_slot_first(pool, LUN_POOL_SLOT_REPLACING);
    if (wanted) {
      lun_pool_slot_move(pool, wanted, LUN_POOL_SLOT_FREE);
    } else if (replacing) {
      lun_pool_slot_move(pool, replacing, LUN_POOL_SLOT_CLOSING);
    } else {
      break;
    }
  }
}

static void close_slot(lun_pool *pool, lun_pool_slot_record *slot, lun_pool_close_reason reason) {
  slot->close_reason = reason;
  lun_pool_slot_move(pool, slot, LUN_POOL_SLOT_CLOSING);
}

// Takes a QUEUED waiter out of the queue.
static void
end_wait(lun_pool *pool, lun_pool_waiter_record *waiter, lun_pool_waiter_state state, double now) {
  pool->totals.wait_time += now - waiter->queued_at;
  lun_pool_waiter_move(pool, waiter, state);
}

// Gives a slot that works to the first waiter, or makes it idle.
static void serve(lun_pool *pool, lun_pool_slot_record *slot, double now) {
  if (pool->is_closing) {
    close_slot(pool, slot, LUN_POOL_CLOSE_ENDED);
    return;
  }
  lun_pool_waiter_record *waiter = lun_pool_waiter_first(pool, LUN_POOL_WAITER_QUEUED);
  if (!waiter) {
    slot->idle_since = now;
    lun_pool_slot_move(pool, slot, LUN_POOL_SLOT_IDLE);
    return;
  }
  slot->waiter = waiter;
  waiter->slot = slot->slot;
  lun_pool_slot_move(pool, slot, LUN_POOL_SLOT_GRANTED);
  end_wait(pool, waiter, LUN_POOL_WAITER_GRANTED, now);
  drop_spare_opens(pool);
}

lun_status lun_pool_fill(lun_pool *pool, double now) {
  if (pool->is_closing) {
    return LUN_ERR_STATE;
  }
  pool->is_filled = true;
  pool->refill_at = now;
  return open_to_minsize(pool);
}

// Whether one more acquire would wait for a slot in use while max_waiters do so already.
static bool is_queue_full(const lun_pool *pool) {
  if (lun_pool_size(pool) < pool->options.maxsize) {
    return false;
  }
  uint32_t opening = lun_pool_opening(pool);
  return waiting(pool) >= opening && waiting(pool) - opening >= pool->options.max_waiters;
}

// Queues a waiter for a slot to come.
static lun_status
queue_waiter(lun_pool *pool, double now, double timeout, lun_pool_waiter *waiter) {
  if (is_queue_full(pool)) {
    return LUN_ERR_LIMIT;
  }
  lun_pool_waiter_record *record = lun_pool_waiter_add(pool, timeout > 0 ? now + timeout : -1, now);
  if (!record) {
    return LUN_ERR_NOMEM;
  }
  lun_status status = open_for_waiters(pool);
  if (status != LUN_OK) {
    lun_pool_waiter_move(pool, record, LUN_POOL_WAITER_FREE);
    return status;
  }
  pool->totals.waited++;
  if (waiting(pool) > pool->totals.most_waiting) {
    pool->totals.most_waiting = waiting(pool);
  }
  *waiter = lun_pool_waiter_id(record);
  return LUN_OK;
}

lun_pool_waiter lun_pool_queue(lun_pool *pool, double now, double timeout) {
  lun_pool_waiter waiter = 0;
  bool is_all_in_use =
      lun_pool_size(pool) == pool->options.maxsize && !lun_pool_slot_next_idle(pool);
  if (is_all_in_use && !pool->is_closing && !lun_pool_has_next(pool)) {
    (void)queue_waiter(pool, now, timeout, &waiter);
  }
  return waiter;
}

lun_pool_waiter lun_pool_pass_on(lun_pool *pool, lun_pool_slot slot, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_USED);
  lun_pool_waiter_record *first = lun_pool_waiter_first(pool, LUN_POOL_WAITER_QUEUED);
  bool is_served = record && first && !pool->is_closing && !lun_pool_slot_is_too_old(record, now);
  if (!is_served || lun_pool_has_next(pool)) {
    return 0;
  }
  lun_pool_waiter waiter = lun_pool_waiter_id(first);
  pool->totals.released++;
  end_wait(pool, first, LUN_POOL_WAITER_FREE, now);
  lun_pool_slot_granted(pool);
  return waiter;
}

lun_status lun_pool_acquire(
    lun_pool *pool, double now, double timeout, lun_pool_slot *slot, lun_pool_waiter *waiter) {
  *slot = 0;
  *waiter = 0;
  if (pool->is_closing) {
    return LUN_ERR_STATE;
  }
  lun_pool_slot_record *idle = lun_pool_slot_next_idle(pool);
  while (idle && lun_pool_slot_is_too_old(idle, now)) {
    close_slot(pool, idle, LUN_POOL_CLOSE_OLD);
    idle = lun_pool_slot_next_idle(pool);
  }
  *slot = lun_pool_take(pool, now);
  return *slot != 0 ? LUN_OK : queue_waiter(pool, now, timeout, waiter);
}

lun_status lun_pool_forget(lun_pool *pool, lun_pool_waiter waiter, double now) {
  lun_pool_waiter_record *record = lun_pool_waiter_find(pool, waiter);
  if (!record) {
    return LUN_ERR_STATE;
  }
  lun_pool_slot_record *granted = lun_pool_slot_find(pool, record->slot, LUN_POOL_SLOT_GRANTED);
  bool holds_grant = record->state == LUN_POOL_WAITER_GRANTED;
  if (record->state == LUN_POOL_WAITER_QUEUED) {
    end_wait(pool, record, LUN_POOL_WAITER_FREE, now);
  } else {
    lun_pool_waiter_move(pool, record, LUN_POOL_WAITER_FREE);
  }
  if (holds_grant) {
    assert(granted && granted->waiter == record);
    granted->waiter = NULL;
    serve(pool, granted, now);
  } else {
    drop_spare_opens(pool);
  }
  return LUN_OK;
}

static void
begin_life(const lun_pool *pool, lun_pool_slot_record *slot, double spread, double now) {
  double lifetime = pool->options.max_lifetime * (1 - LIFETIME_SPREAD * spread);
  slot->expires_at = lifetime > 0 ? now + lifetime : INFINITY;
}

lun_status lun_pool_opened(lun_pool *pool, lun_pool_slot slot, double spread, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_OPENING);
  if (!record) {
    return LUN_ERR_STATE;
  }
  begin_life(pool, record, spread, now);
  pool->refill_delay = FIRST_REFILL_DELAY;
  serve(pool, record, now);
  return LUN_OK;
}

lun_status lun_pool_renewed(lun_pool *pool, lun_pool_slot slot, double spread, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_USED);
  if (!record) {
    return LUN_ERR_STATE;
  }
  begin_life(pool, record, spread, now);
  return LUN_OK;
}

lun_status lun_pool_open_failed(lun_pool *pool, lun_pool_slot slot, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_OPENING);
  if (!record) {
    return LUN_ERR_STATE;
  }
  lun_pool_slot_move(pool, record, LUN_POOL_SLOT_FREE);
  defer_refill(pool, now);
  if (pool->refill_delay < LAST_REFILL_DELAY) {
    pool->refill_delay *= 2;
  }
  lun_pool_waiter_record *waiter = lun_pool_waiter_first(pool, LUN_POOL_WAITER_QUEUED);
  if (waiter) {
    waiter->slot = slot;
    end_wait(pool, waiter, LUN_POOL_WAITER_FAILED, now);
  }
  // Cannot fail: at most one OPEN is missing and the slot itself is free for it.
  return open_for_waiters(pool);
}

lun_status lun_pool_release(lun_pool *pool, lun_pool_slot slot, bool is_healthy, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_USED);
  if (!record) {
    return LUN_ERR_STATE;
  }
  pool->totals.released++;
  bool is_old = is_healthy && lun_pool_slot_is_too_old(record, now);
  if (is_healthy && !is_old) {
    serve(pool, record, now);
    return LUN_OK;
  }
  close_slot(pool, record, is_old ? LUN_POOL_CLOSE_OLD : LUN_POOL_CLOSE_UNHEALTHY);
  defer_refill(pool, now);
  // Cannot fail: at most one OPEN is missing and the slot itself is there for it.
  return open_for_waiters(pool);
}

lun_status lun_pool_lost(lun_pool *pool, lun_pool_slot slot, double now) {
  lun_pool_slot_record *record = lun_pool_slot_find(pool, slot, LUN_POOL_SLOT_IDLE);
  if (!record) {
    return LUN_ERR_STATE;
  }
  lun_pool_slot_move(pool, record, LUN_POOL_SLOT_FREE);
  defer_refill(pool, now);
  return LUN_OK;
}

static void expire_waiters(lun_pool *pool, double now) {
  while (pool->deadline_count > 0 && pool->deadlines[0].at <= now) {
    end_wait(pool, pool->deadlines[0].waiter, LUN_POOL_WAITER_EXPIRED, now);
  }
  drop_spare_opens(pool);
}

static void close_unused(lun_pool *pool, double now) {
  double max_idle = pool->options.max_idle;
  lun_pool_slot_record *last = lun_pool_slot_last_idle(pool);
  while (max_idle > 0 && last && now - last->idle_since >= max_idle
         && lun_pool_size(pool) > pool->options.minsize) {
    close_slot(pool, last, LUN_POOL_CLOSE_UNUSED);
    last = lun_pool_slot_last_idle(pool);
  }
}

static void close_too_old(lun_pool *pool, double now) {
  lun_list *idle = &pool->slots[LUN_POOL_SLOT_IDLE];
  lun_list *next = NULL;
  for (lun_list *node = idle->next; node != idle; node = next) {
    next = node->next;
    lun_pool_slot_record *slot = LUN_LIST_ELEMENT(node, lun_pool_slot_record, node);
    if (lun_pool_slot_is_too_old(slot, now)) {
      close_slot(pool, slot, LUN_POOL_CLOSE_OLD);
    }
  }
}

void lun_pool_tick(lun_pool *pool, double now) {
  expire_waiters(pool, now);
  close_unused(pool, now);
  if (pool->options.max_lifetime > 0) {
    close_too_old(pool, now);
  }
  if (pool->refill_at <= now && open_to_minsize(pool) != LUN_OK) {
    defer_refill(pool, now);
  }
}

static double sooner(double a, double b) {
  return a < 0 || b < a ? b : a;
}

double lun_pool_next_tick(const lun_pool *pool) {
  const lun_pool_options *options = &pool->options;
  double next = pool->deadline_count > 0 ? pool->deadlines[0].at : -1;
  const lun_pool_slot_record *last = lun_pool_slot_last_idle(pool);
  if (options->max_idle > 0 && last && lun_pool_size(pool) > options->minsize) {
    next = sooner(next, last->idle_since + options->max_idle);
  }
  const lun_list *idle = &pool->slots[LUN_POOL_SLOT_IDLE];
  for (lun_list *node = idle->next; options->max_lifetime > 0 && node != idle; node = node->next) {
    const lun_pool_slot_record *slot = LUN_LIST_ELEMENT(node, lun_pool_slot_record, node);
    next = sooner(next, slot->expires_at);
  }
  if (is_below_minsize(pool)) {
    next = sooner(next, pool->refill_at);
  }
  return next;
}

static void move_all(lun_pool *pool, lun_pool_slot_state from, lun_pool_slot_state state) {
  for (lun_pool_slot_record *slot = lun_pool_slot_first(pool, from); slot;
       slot = lun_pool_slot_first(pool, from)) {
    lun_pool_slot_move(pool, slot, state);
  }
}

static void close_idle(lun_pool *pool, lun_pool_close_reason reason) {
  for (lun_pool_slot_record *slot = lun_pool_slot_first(pool, LUN_POOL_SLOT_IDLE); slot;
       slot = lun_pool_slot_first(pool, LUN_POOL_SLOT_IDLE)) {
    close_slot(pool, slot, reason);
  }
}

void lun_pool_close(lun_pool *pool, double now) {
  pool->is_closing = true;
  for (lun_pool_waiter_record *waiter = lun_pool_waiter_first(pool, LUN_POOL_WAITER_QUEUED); waiter;
       waiter = lun_pool_waiter_first(pool, LUN_POOL_WAITER_QUEUED)) {
    end_wait(pool, waiter, LUN_POOL_WAITER_FAILED, now);
  }
  close_idle(pool, LUN_POOL_CLOSE_ENDED);
  move_all(pool, LUN_POOL_SLOT_REPLACING, LUN_POOL_SLOT_CLOSING);
  move_all(pool, LUN_POOL_SLOT_WANTED, LUN_POOL_SLOT_FREE);
}

void lun_pool_clear(lun_pool *pool, double now) {
  close_idle(pool, LUN_POOL_CLOSE_CLEARED);
  defer_refill(pool, now);
}
