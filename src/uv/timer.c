#include "uv/timer.h"

#include <math.h>
#include <stdlib.h>

static const double MILLISECONDS = 1e3;
static const double LONGEST = 1e9; // seconds; libuv counts milliseconds in 64 bits

static void place(lun_loop *loop, lun_timer *timer, size_t position) {
  loop->timers[position - 1] = timer;
  timer->position = position;
}

static void sift_up(lun_loop *loop, lun_timer *timer, size_t position) {
  while (position > 1 && loop->timers[position / 2 - 1]->at > timer->at) {
    place(loop, loop->timers[position / 2 - 1], position);
    position /= 2;
  }
  place(loop, timer, position);
}

static void sift_down(lun_loop *loop, lun_timer *timer, size_t position) {
  size_t child;
  while ((child = position * 2) <= loop->timer_count) {
    if (child < loop->timer_count && loop->timers[child]->at < loop->timers[child - 1]->at) {
      child++;
    }
    if (loop->timers[child - 1]->at >= timer->at) {
      break;
    }
    place(loop, loop->timers[child - 1], position);
    position = child;
  }
  place(loop, timer, position);
}

static void on_wakeup(uv_timer_t *wakeup);

static void arm(lun_loop *loop) {
  if (loop->timer_count == 0) {
    uv_timer_stop(&loop->wakeup);
    return;
  }
  double seconds = fmin(fmax(loop->timers[0]->at - lun_loop_now(), 0), LONGEST);
  uv_update_time(&loop->uv);
  uv_timer_start(&loop->wakeup, on_wakeup, (uint64_t)ceil(seconds * MILLISECONDS), 0);
  if (loop->foreground_timers > 0) {
    uv_ref((uv_handle_t *)&loop->wakeup);
  } else {
    uv_unref((uv_handle_t *)&loop->wakeup);
  }
}

static void remove_timer(lun_loop *loop, lun_timer *timer) {
  size_t position = timer->position;
  lun_timer *last = loop->timers[--loop->timer_count];
  timer->position = 0;
  loop->foreground_timers -= timer->is_background ? 0 : 1;
  if (last != timer) {
    sift_up(loop, last, position);
    sift_down(loop, last, last->position);
  }
}

static void on_wakeup(uv_timer_t *wakeup) {
  lun_loop *loop = wakeup->data;
  double now = lun_loop_now();
  // libuv runs the timers that are due before it looks at the sockets: without this it would wait
  // for those, while who is told of the timers has something to do.
  uv_stop(&loop->uv);
  while (loop->timer_count > 0 && loop->timers[0]->at <= now) {
    lun_timer *timer = loop->timers[0];
    remove_timer(loop, timer);
    timer->on_expire(timer);
  }
  arm(loop);
}

void lun_timer_init_loop(lun_loop *loop) {
  uv_timer_init(&loop->uv, &loop->wakeup);
  loop->wakeup.data = loop;
}

lun_status lun_timer_start(lun_loop *loop, lun_timer *timer, double seconds) {
  if (timer->position > 0) {
    remove_timer(loop, timer);
  }
  if (loop->timer_count == loop->timer_capacity) {
    size_t capacity = loop->timer_capacity ? loop->timer_capacity * 2 : 16;
    lun_timer **grown = realloc(loop->timers, capacity * sizeof(lun_timer *));
    if (!grown) {
      return LUN_ERR_NOMEM;
    }
    loop->timers = grown;
    loop->timer_capacity = capacity;
  }
  timer->at = lun_loop_now() + fmin(fmax(seconds, 0), LONGEST);
  loop->foreground_timers += timer->is_background ? 0 : 1;
  sift_up(loop, timer, ++loop->timer_count);
  // Behind others it needs no wake-up of its own, unless it is the first that keeps the loop alive.
  if (timer->position == 1 || (!timer->is_background && loop->foreground_timers == 1)) {
    arm(loop);
  }
  return LUN_OK;
}

void lun_timer_stop(lun_loop *loop, lun_timer *timer) {
  if (timer->position == 0) {
    return;
  }
  bool was_first = timer->position == 1;
  remove_timer(loop, timer);
  if (was_first || loop->foreground_timers == 0) {
    arm(loop);
  }
}
