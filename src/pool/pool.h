/// Who holds which slot, and who waits: the pool as a state machine.
///
/// The pool knows slots and waiters, never a socket, a thread or a clock. Time comes in as an
/// argument (seconds, monotonic), actions go out: the host calls in, then takes actions until there
/// are none. libuv and nginx execute the same actions in their own way.
///
///     lun_pool_acquire(pool, now, timeout, &slot, &waiter)      … then
///     while (lun_pool_next(pool, &action)) execute(&action);
///
/// An action is not stored: it is the state of a slot or a waiter. One that is not taken yet can
/// therefore still be undone by a later call, and queueing one cannot fail.
#pragma once

#include "base/error.h"

typedef uint32_t lun_pool_slot;   // 1-based index of a place for a channel; 0 is none
typedef uint64_t lun_pool_waiter; // 0 is none; below 2^53; a stale one is recognised

enum { LUN_POOL_MAX_WAITERS = (1 << 21) - 1 };

typedef struct lun_pool_options {
  uint32_t minsize;     // slots to keep open once lun_pool_fill() was called, at most maxsize
  uint32_t maxsize;     // slots at most, at least 1
  uint32_t max_waiters; // waiters beyond those that a slot is being opened for; 0: nobody queues
  double max_idle;      // seconds unused after which a slot above minsize is closed; 0: never
  double max_lifetime;  // seconds after which a slot is closed once it is not in use; 0: never
  bool lends_oldest;    // lends the slot that is idle for longest, else the last one used
} lun_pool_options;

typedef enum lun_pool_action_kind {
  LUN_POOL_OPEN,   // connect `slot`, then report lun_pool_opened() or lun_pool_open_failed()
  LUN_POOL_GRANT,  // `waiter` now holds `slot`
  LUN_POOL_CLOSE,  // close the channel of `slot`; it is no longer counted
  LUN_POOL_EXPIRE, // `waiter` waited longer than its timeout
  LUN_POOL_FAIL,   // `waiter` cannot be served: the open of `slot` failed, or (0) the pool closes
  LUN_POOL_CLOSED, // closing is finished: no slot is left
} lun_pool_action_kind;

typedef enum lun_pool_close_reason {
  LUN_POOL_CLOSE_UNUSED,    // for max_idle
  LUN_POOL_CLOSE_OLD,       // for max_lifetime
  LUN_POOL_CLOSE_UNHEALTHY, // it was released so
  LUN_POOL_CLOSE_CLEARED,   // by lun_pool_clear()
  LUN_POOL_CLOSE_ENDED,     // by lun_pool_close()
} lun_pool_close_reason;

typedef struct lun_pool_action {
  lun_pool_action_kind kind;
  lun_pool_slot slot;           // OPEN GRANT CLOSE FAIL, else 0
  lun_pool_waiter waiter;       // GRANT EXPIRE FAIL, else 0
  lun_pool_close_reason reason; // CLOSE
} lun_pool_action;

typedef struct lun_pool_stats {
  uint32_t size;    // slots opening, idle and in use
  uint32_t idle;    // ready to be granted
  uint32_t used;    // granted
  uint32_t opening; // being connected, or about to be
  uint32_t waiting; // acquires in the queue
} lun_pool_stats;

/// What happened since the pool was made.
typedef struct lun_pool_totals {
  uint64_t acquired; // slots granted
  uint64_t released; // slots that came back
  uint64_t waited;   // acquires that were queued
  double wait_time;  // seconds that those spent in the queue, however they left it
  uint32_t most_used;
  uint32_t most_waiting;
} lun_pool_totals;

typedef struct lun_pool lun_pool;

/// Returns a pool owned by the caller, NULL when out of memory. No action is queued yet.
lun_pool *lun_pool_new(const lun_pool_options *options);
void lun_pool_free(lun_pool *pool); // with no action, whatever is still held

/// Asks for as many OPEN actions as minsize wants, and from now on lun_pool_tick() keeps minsize
/// slots open. The host calls it once where it can connect ahead of demand. LUN_ERR_STATE once
/// closing.
lun_status lun_pool_fill(lun_pool *pool, double now);

/// Grants at once or queues a waiter (first come, first served), who expires after `timeout`
/// seconds (0 or less: never). On success exactly one of `*slot` (granted now) and `*waiter` (a
/// GRANT, EXPIRE or FAIL follows) is not 0. Idle slots are granted last in, first out, so that the
/// pool shrinks when demand does, unless `lends_oldest`. Those past max_lifetime are not: their
/// CLOSEs are queued. LUN_ERR_STATE once closing, LUN_ERR_LIMIT when max_waiters are queued.
lun_status lun_pool_acquire(
    lun_pool *pool, double now, double timeout, lun_pool_slot *slot, lun_pool_waiter *waiter);

/// Grants an idle slot as lun_pool_acquire() does; 0 when that has to be asked, and nothing was
/// done.
lun_pool_slot lun_pool_take(lun_pool *pool, double now);

/// Takes a healthy slot back as lun_pool_release() does; false when that has to be asked, and
/// nothing was done. No action follows.
bool lun_pool_put_back(lun_pool *pool, lun_pool_slot slot, double now);

/// Queues a waiter as lun_pool_acquire() does where every slot is in use and no action has to be
/// taken; 0 when that has to be asked, and nothing was done.
lun_pool_waiter lun_pool_queue(lun_pool *pool, double now, double timeout);

/// A healthy slot comes back and is the first waiter's at once, as by lun_pool_release() and the
/// GRANT that follows. 0 when that has to be asked, and nothing was done.
lun_pool_waiter lun_pool_pass_on(lun_pool *pool, lun_pool_slot slot, double now);

/// When the first in the queue began to wait; a negative number when there is none.
double lun_pool_waiting_since(const lun_pool *pool);

/// Takes a waiter out of the queue (its task was cancelled), and revokes its GRANT, EXPIRE or FAIL
/// when that was not taken yet; a revoked slot goes to the next waiter. LUN_ERR_STATE when the
/// action was taken: after a GRANT the host holds the slot and has to release it.
lun_status lun_pool_forget(lun_pool *pool, lun_pool_waiter waiter, double now);

/// The OPEN of `slot` succeeded: it serves the first waiter or goes idle. `spread`, from 0 to 1 and
/// best random, shortens its lifetime by up to a tenth, so that slots opened together are not
/// replaced together. LUN_ERR_STATE when no OPEN of `slot` was taken.
lun_status lun_pool_opened(lun_pool *pool, lun_pool_slot slot, double spread, double now);

/// Who holds `slot` connected it anew: its lifetime begins again. LUN_ERR_STATE when it is not in
/// use.
lun_status lun_pool_renewed(lun_pool *pool, lun_pool_slot slot, double spread, double now);

/// The OPEN of `slot` failed: the slot is free again and the first waiter FAILs, so that each
/// failure reaches exactly one caller and the rest are tried again. Opening ahead of demand is
/// tried again by lun_pool_tick(), at growing intervals.
lun_status lun_pool_open_failed(lun_pool *pool, lun_pool_slot slot, double now);

/// `slot` comes back. When it is not healthy, is too old, or the pool is closing, a CLOSE follows
/// and waiters get a new slot opened. LUN_ERR_STATE when `slot` is not in use.
lun_status lun_pool_release(lun_pool *pool, lun_pool_slot slot, bool is_healthy, double now);

/// An idle slot died by itself (the server closed it): it is forgotten; no CLOSE follows.
/// LUN_ERR_STATE when it is not idle: who holds it will release it as not healthy.
lun_status lun_pool_lost(lun_pool *pool, lun_pool_slot slot, double now);

/// Expires waiters and idle slots whose time has come, and opens what is missing to minsize.
void lun_pool_tick(lun_pool *pool, double now);

/// When lun_pool_tick() has something to do next (maybe in the past); a negative number when
/// never. Looks at every idle slot when there is a max_lifetime: not for the fast path.
double lun_pool_next_tick(const lun_pool *pool);

/// Refuses new acquires, FAILs the waiters, CLOSEs idle slots; CLOSED follows when the last slot
/// is back. Calling it again does nothing.
void lun_pool_close(lun_pool *pool, double now);

/// CLOSEs every idle slot without closing the pool.
void lun_pool_clear(lun_pool *pool, double now);

/// Takes the next action; false when there is none. The CLOSE of a slot comes before its OPEN,
/// CLOSED comes last.
bool lun_pool_next(lun_pool *pool, lun_pool_action *action);

/// Whether lun_pool_next() has an action: saves the fast path a call.
bool lun_pool_has_next(const lun_pool *pool);

lun_pool_stats lun_pool_count(const lun_pool *pool);
lun_pool_totals lun_pool_total(const lun_pool *pool);
bool lun_pool_is_closing(const lun_pool *pool);
