/// Deadlines: many timers over one libuv timer. Starting and stopping one allocates nothing.
#pragma once

#include "uv/loop.h"

struct lun_timer {
  double at;          // seconds, as lun_loop_now() counts
  size_t position;    // in the heap, from 1; 0 when it is not running
  bool is_background; // does not keep the loop alive
  void (*on_expire)(lun_timer *timer);
};

/// Makes the loop's own timer.
void lun_timer_init_loop(lun_loop *loop);

/// Starts `timer`, or starts it again, `seconds` from now. The caller has set `on_expire`, keeps
/// the memory, and stops the timer before that goes.
lun_status lun_timer_start(lun_loop *loop, lun_timer *timer, double seconds);

/// Stops `timer`; nothing happens when it is not running.
void lun_timer_stop(lun_loop *loop, lun_timer *timer);
