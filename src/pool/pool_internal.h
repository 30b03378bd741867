/// What the files of the pool share: the records of slots and waiters, and where they are kept.
///
/// Every state of a slot or a waiter is a list, and one function moves a record between the lists.
/// Records live in blocks that never move and are freed with the pool.
#pragma once

#include "base/list.h"
#include "pool/pool.h"

/// Records of one size at addresses that stay.
typedef struct lun_pool_blocks {
  unsigned char **blocks;
  uint32_t capacity; // blocks that fit the table
  uint32_t count;    // records handed out
} lun_pool_blocks;

/// Returns a new zeroed record, whose index is the count before the call; NULL when out of memory.
void *lun_pool_blocks_add(lun_pool_blocks *blocks, size_t record_size);

/// Returns the record at `index`, which must be below the count.
void *lun_pool_blocks_at(const lun_pool_blocks *blocks, uint32_t index, size_t record_size);

void lun_pool_blocks_deinit(lun_pool_blocks *blocks);

typedef enum lun_pool_slot_state {
  LUN_POOL_SLOT_FREE,      // no channel
  LUN_POOL_SLOT_WANTED,    // OPEN is queued
  LUN_POOL_SLOT_OPENING,   // OPEN was taken
  LUN_POOL_SLOT_IDLE,      // the last one used is first in the list
  LUN_POOL_SLOT_GRANTED,   // GRANT is queued
  LUN_POOL_SLOT_USED,      // the host holds it
  LUN_POOL_SLOT_CLOSING,   // CLOSE is queued; no longer counted
  LUN_POOL_SLOT_REPLACING, // CLOSE is queued, OPEN follows it
} lun_pool_slot_state;

typedef enum lun_pool_waiter_state {
  LUN_POOL_WAITER_FREE,
  LUN_POOL_WAITER_QUEUED,  // first come, first served
  LUN_POOL_WAITER_GRANTED, // GRANT is queued; the slot points here
  LUN_POOL_WAITER_EXPIRED, // EXPIRE is queued
  LUN_POOL_WAITER_FAILED,  // FAIL is queued
} lun_pool_waiter_state;

enum {
  LUN_POOL_SLOT_STATES = LUN_POOL_SLOT_REPLACING + 1,
  LUN_POOL_WAITER_STATES = LUN_POOL_WAITER_FAILED + 1,
};

typedef struct lun_pool_slot_record {
  lun_list node;
  lun_pool_slot_state state;
  lun_pool_slot slot;
  double expires_at; // INFINITY: never
  double idle_since;
  lun_pool_close_reason close_reason;    // CLOSING and REPLACING
  struct lun_pool_waiter_record *waiter; // GRANTED: for whom
} lun_pool_slot_record;

typedef struct lun_pool_waiter_record {
  lun_list node;
  lun_pool_waiter_state state;
  uint32_t index;
  uint32_t generation;        // tells this waiter from earlier ones in the same record
  uint32_t deadline_position; // 1-based, in lun_pool.deadlines; 0: has no deadline
  lun_pool_slot slot;         // GRANTED: granted to it; FAILED: whose open failed, or 0
  double queued_at;
} lun_pool_waiter_record;

typedef struct lun_pool_deadline {
  double at;
  lun_pool_waiter_record *waiter;
} lun_pool_deadline;

struct lun_pool {
  lun_pool_options options;
  lun_pool_blocks slot_blocks;
  lun_pool_blocks waiter_blocks;
  lun_list slots[LUN_POOL_SLOT_STATES];
  uint32_t slot_counts[LUN_POOL_SLOT_STATES];
  lun_list waiters[LUN_POOL_WAITER_STATES];
  uint32_t waiter_counts[LUN_POOL_WAITER_STATES];
  lun_pool_totals totals;

  lun_pool_deadline *deadlines; // binary heap: of the QUEUED waiters that have one
  uint32_t deadline_count;
  uint32_t deadline_capacity;

  double refill_at;    // when tick may open what is missing to minsize
  double refill_delay; // grows while opening fails
  bool is_filled;      // minsize is kept
  bool is_closing;
  bool is_closed; // CLOSED was taken
};

/// Moves `record` to another state and its list: in front for FREE and IDLE, else at the end.
/// The only function that assigns `record->state`.
void lun_pool_slot_move(lun_pool *pool, lun_pool_slot_record *record, lun_pool_slot_state state);

/// Returns the record of `slot` when it is in `state`, else NULL.
lun_pool_slot_record *
lun_pool_slot_find(const lun_pool *pool, lun_pool_slot slot, lun_pool_slot_state state);

/// Returns the first slot in `state`, NULL when there is none.
lun_pool_slot_record *lun_pool_slot_first(const lun_pool *pool, lun_pool_slot_state state);

/// Notes that a slot was granted: it is USED now.
void lun_pool_slot_granted(lun_pool *pool);

/// Returns the IDLE slot unused for longest, NULL when there is none.
lun_pool_slot_record *lun_pool_slot_last_idle(const lun_pool *pool);

/// Returns the IDLE slot that is lent next, NULL when there is none.
lun_pool_slot_record *lun_pool_slot_next_idle(const lun_pool *pool);

/// Whether the slot is past its lifetime.
static inline bool lun_pool_slot_is_too_old(const lun_pool_slot_record *record, double now) {
  return now >= record->expires_at;
}

/// Makes one more slot WANTED or REPLACING. The size must be below maxsize. Needs memory only when
/// no slot is FREE or CLOSING.
lun_status lun_pool_slot_want(lun_pool *pool);

uint32_t lun_pool_opening(const lun_pool *pool);
uint32_t lun_pool_size(const lun_pool *pool);

/// Queues a waiter with this deadline (negative: none). Returns NULL when out of memory.
lun_pool_waiter_record *lun_pool_waiter_add(lun_pool *pool, double deadline, double now);

/// Moves `record` to the end of another state's list; FREE ends its identity. The only function
/// that assigns `record->state`.
void lun_pool_waiter_move(lun_pool *pool,
                          lun_pool_waiter_record *record,
                          lun_pool_waiter_state state);

/// Returns the waiter's record, NULL when there is no such waiter any more.
lun_pool_waiter_record *lun_pool_waiter_find(const lun_pool *pool, lun_pool_waiter waiter);

/// Returns the first waiter in `state`, NULL when there is none.
lun_pool_waiter_record *lun_pool_waiter_first(const lun_pool *pool, lun_pool_waiter_state state);

lun_pool_waiter lun_pool_waiter_id(const lun_pool_waiter_record *record);
