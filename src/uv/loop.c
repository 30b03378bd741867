#include "uv/loop.h"

#include "uv/stream.h"
#include "uv/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static const double NANOSECONDS = 1e9;

// What is not waited for, such as idle connections, is looked at when that was so many seconds ago.
static const double LOOK_AGAIN = 0.005;

// A timer that is due in so many seconds prevents a wait for one stream: as long as that may take,
// and as late as lun_loop_recent() may be.
static const double DUE_SOON = 2 * LUN_LONGEST_BLOCK_MS / 1e3;

lun_loop *lun_loop_new(void) {
  lun_loop *loop = calloc(1, sizeof *loop);
  if (!loop) {
    return NULL;
  }
  loop->received = malloc(LUN_READ_SIZE);
  if (!loop->received || uv_loop_init(&loop->uv) != 0) {
    free(loop->received);
    free(loop);
    return NULL;
  }
  loop->blocked = -1;
  lun_list_init(&loop->channels);
  lun_list_init(&loop->stale);
  lun_list_init(&loop->awaited);
  lun_timer_init_loop(loop);
  return loop;
}

void lun_loop_free(lun_loop *loop) {
  if (!loop) {
    return;
  }
  uv_close((uv_handle_t *)&loop->wakeup, NULL);
  uv_run(&loop->uv, UV_RUN_DEFAULT);
  uv_loop_close(&loop->uv);
  free(loop->timers);
  free(loop->received);
  free(loop->plain);
  free(loop);
}

void lun_loop_interrupt(lun_loop *loop) {
  loop->is_interrupted = true;
  if (loop->blocked >= 0) {
    int code = errno;
    lun_stream_limit_waits(loop->blocked, LUN_LONGEST_BLOCK_MS);
    errno = code;
  }
}

double lun_loop_now(void) {
  return (double)uv_hrtime() / NANOSECONDS;
}

double lun_loop_recent(void) {
#ifdef CLOCK_MONOTONIC_COARSE
  struct timespec time;
  if (clock_gettime(CLOCK_MONOTONIC_COARSE, &time) == 0) {
    return (double)time.tv_sec + (double)time.tv_nsec / NANOSECONDS;
  }
#endif
  return lun_loop_now();
}

// Whether libuv has nothing to look after that a look some milliseconds later would be too late
// for.
static bool is_quiet(lun_loop *loop) {
  double now = lun_loop_recent();
  if (now > loop->looked + LOOK_AGAIN
      || (loop->timer_count > 0 && loop->timers[0]->at < now + DUE_SOON)) {
    return false;
  }
  if (loop->foreground_timers == 0) { // then the wake-up does not keep it alive
    return !uv_loop_alive(&loop->uv);
  }
  uv_handle_t *wakeup = (uv_handle_t *)&loop->wakeup;
  bool is_kept_alive = uv_has_ref(wakeup);
  uv_unref(wakeup);
  bool has_others = uv_loop_alive(&loop->uv);
  if (is_kept_alive) {
    uv_ref(wakeup);
  }
  return !has_others;
}

// Whether a wait for the only stream there is can be left to the server: nothing else could come of
// itself, or would be missed.
static bool may_block_long(const lun_loop *loop) {
  const lun_list *first = loop->channels.next;
  return loop->is_interruptible && loop->timer_count == 0 && first->next == &loop->channels;
}

// Returns the stream that is all that is waited for, or NULL.
static lun_stream *find_alone(lun_loop *loop) {
  lun_list *node = lun_list_first(&loop->awaited);
  if (!node || node->next != &loop->awaited) {
    return NULL;
  }
  lun_stream *stream = LUN_LIST_ELEMENT(node, lun_stream, awaited);
  bool may_wait = stream->events == UV_READABLE && stream->may_wait;
  return may_wait && is_quiet(loop) ? stream : NULL;
}

bool lun_loop_wait_alone(lun_loop *loop) {
  if (loop->closing > 0) { // else they would be others, and this stream the next that is closed
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    return true;
  }
  lun_stream *stream = loop->is_interrupted ? NULL : find_alone(loop);
  if (!stream) {
    return false;
  }
  loop->may_block = true;
  loop->may_block_long = may_block_long(loop);
  loop->has_received = false;
  stream->on_ready(stream->context, true);
  loop->may_block = false;
  return loop->has_received;
}

bool lun_loop_step(lun_loop *loop, bool may_wait) {
  loop->is_interrupted = false; // libuv knows why
  bool is_told = lun_stream_tell_libuv(loop);
  bool is_alive = uv_run(&loop->uv, may_wait && is_told ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0;
  loop->looked = lun_loop_recent();
  return is_alive;
}

bool lun_loop_is_alive(lun_loop *loop) {
  return uv_loop_alive(&loop->uv) != 0;
}
