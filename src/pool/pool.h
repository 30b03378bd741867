/// Who holds which slot, and who waits: the pool as a state machine.
///
/// The pool knows slots and waiters, never a socket, a thread or a clock. Time comes in as an
/// argument (seconds, monotonic), actions go out: the host calls in, then takes actions until there
/// are none. libuv and nginx execute the same actions in their own way.
///
///     lun_pool_acquire(pool, now, timeout, &waiter)      … then
///     while (lun_pool_next(pool, &action)) execute(&action);
#pragma once

#include "base/error.h"

typedef uint32_t lun_pool_slot;   // 1-based index of a place for a channel; 0 is none
typedef uint64_t lun_pool_waiter; // never reused; 0 is none

typedef struct lun_pool_options {
  uint32_t minsize;     // slots opened ahead (0: none); the host may ignore OPEN ahead of demand
  uint32_t maxsize;     // slots at most, at least 1
  uint32_t max_waiters; // further acquires fail with LUN_ERR_LIMIT
  double max_idle;      // seconds unused after which a slot above minsize is closed; 0: never
  double max_lifetime;  // seconds after which a slot is replaced when it comes back; 0: never
} lun_pool_options;

typedef enum lun_pool_action_kind {
  LUN_POOL_OPEN,   // connect `slot`, then report lun_pool_opened() or lun_pool_open_failed()
  LUN_POOL_GRANT,  // `waiter` now holds `slot`
  LUN_POOL_CLOSE,  // close the channel of `slot`; it is no longer counted
  LUN_POOL_EXPIRE, // `waiter` waited longer than its timeout
  LUN_POOL_FAIL,   // `waiter` cannot be served: its open failed, or the pool is closed
  LUN_POOL_CLOSED, // closing is finished: no slot is left
} lun_pool_action_kind;

typedef struct lun_pool_action {
  lun_pool_action_kind kind;
  lun_pool_slot slot;
  lun_pool_waiter waiter;
} lun_pool_action;

typedef struct lun_pool_stats {
  uint32_t size;    // slots opening, idle and in use
  uint32_t idle;    // ready to be granted
  uint32_t used;    // granted
  uint32_t opening; // being connected
  uint32_t waiting; // acquires in the queue
} lun_pool_stats;

typedef struct lun_pool lun_pool;

/// Returns a pool owned by the caller, NULL when out of memory. No action is queued yet.
lun_pool *lun_pool_new(const lun_pool_options *options);
void lun_pool_free(lun_pool *pool); // with no action, whatever is still held

/// Asks for as many OPEN actions as minsize wants. The host calls it once where it can connect.
lun_status lun_pool_fill(lun_pool *pool, double now);

/// Grants at once or queues a waiter (first come, first served), who expires after `timeout`
/// seconds (0 or less: never). On success exactly one of `*slot` (granted now, no action follows)
/// and `*waiter` (a GRANT, EXPIRE or FAIL follows) is not 0. Idle slots are granted last in, first
/// out, so that the pool shrinks when demand does. LUN_ERR_STATE once closing.
lun_status lun_pool_acquire(
    lun_pool *pool, double now, double timeout, lun_pool_slot *slot, lun_pool_waiter *waiter);

/// Takes a waiter out of the queue (its task was cancelled). LUN_ERR_STATE when it is not queued.
lun_status lun_pool_forget(lun_pool *pool, lun_pool_waiter waiter, double now);

/// The OPEN of `slot` succeeded: it serves the first waiter or goes idle.
lun_status lun_pool_opened(lun_pool *pool, lun_pool_slot slot, double now);

/// The OPEN of `slot` failed: the slot is free again and the first waiter FAILs, so that each
/// failure reaches exactly one caller and the rest are tried again.
lun_status lun_pool_open_failed(lun_pool *pool, lun_pool_slot slot, double now);

/// `slot` comes back. When it is not healthy, is too old, or the pool is closing, a CLOSE follows
/// and waiters get a new slot opened. LUN_ERR_STATE when `slot` is not in use.
lun_status lun_pool_release(lun_pool *pool, lun_pool_slot slot, bool is_healthy, double now);

/// An idle slot died by itself (the server closed it): it is forgotten; no CLOSE follows.
lun_status lun_pool_lost(lun_pool *pool, lun_pool_slot slot, double now);

/// Expires waiters and idle slots whose time has come.
void lun_pool_tick(lun_pool *pool, double now);

/// When lun_pool_tick() has something to do next; a negative number when never.
double lun_pool_next_tick(const lun_pool *pool);

/// Refuses new acquires, FAILs the waiters, CLOSEs idle slots; CLOSED follows when the last slot
/// is back. Calling it again does nothing.
void lun_pool_close(lun_pool *pool, double now);

/// CLOSEs every idle slot without closing the pool.
void lun_pool_clear(lun_pool *pool, double now);

/// Takes the next action; false when there is none.
bool lun_pool_next(lun_pool *pool, lun_pool_action *action);

lun_pool_stats lun_pool_count(const lun_pool *pool);
bool lun_pool_is_closing(const lun_pool *pool);
