/// The libuv loop of one Lua state, with the buffers and timers that its channels share.
#pragma once

#include "base/list.h"
#include "base/status.h"

#include <uv.h>

#include <signal.h>
#include <stdint.h>

enum { LUN_READ_SIZE = 64 * 1024 };

typedef struct lun_timer lun_timer;

typedef struct lun_loop {
  uv_loop_t uv;
  uv_timer_t wakeup;  // armed for the earliest timer
  lun_timer **timers; // a heap, the earliest first
  size_t timer_count;
  size_t timer_capacity;
  size_t foreground_timers; // those that keep the loop alive
  uint8_t *received;        // LUN_READ_SIZE bytes: what recv() fills; nothing stays in it
  uint8_t *plain;           // LUN_READ_SIZE bytes: the same, decrypted; made on first use
  lun_list channels;        // all open ones
  lun_list stale;           // streams that libuv is to be told of before it looks again
  lun_list awaited;         // streams that are waited for, and libuv is not told so yet
  uint32_t closing;         // handles of streams that libuv has not let go of
  double looked;            // when libuv last looked at everything, as lun_loop_recent() counts
  bool may_block;           // the next receive may wait, a little
  bool may_block_long;      // and even without a limit
  bool is_interruptible;    // the host calls lun_loop_interrupt() for whatever comes by a signal
  volatile sig_atomic_t is_interrupted;
  volatile sig_atomic_t blocked; // the socket that a receive waits for, -1 outside of one
  bool has_received;             // something, or the end
} lun_loop;

/// Returns a loop owned by the caller, NULL when out of memory or file descriptors.
lun_loop *lun_loop_new(void);

/// Closes what is left and frees. Channels must have been freed before.
void lun_loop_free(lun_loop *loop);

/// Has a wait end soon: for signal handlers in the loop's thread, of a host that has set
/// `is_interruptible`. What they have to say goes to libuv, which is asked then.
void lun_loop_interrupt(lun_loop *loop);

/// Seconds on a monotonic clock.
double lun_loop_now(void);

/// The same a few milliseconds late, for an eighth of the cost.
double lun_loop_recent(void);

/// Serves what is ready; waits for it when `may_wait`. Returns whether anything is left that could
/// ever become ready.
bool lun_loop_step(lun_loop *loop, bool may_wait);

/// Whether anything keeps the loop alive, as far as libuv was told.
bool lun_loop_is_alive(lun_loop *loop);

/// When one stream is all that is waited for, waits for its bytes where they are received, without
/// asking libuv first: a system call less. Returns whether anything came, or there may be news by
/// now; false when nothing did, or there is more to look after, which lun_loop_step() does. That
/// has its turn some 20 milliseconds later at the latest.
bool lun_loop_wait_alone(lun_loop *loop);
