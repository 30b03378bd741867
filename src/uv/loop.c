#include "uv/loop.h"

#include "uv/timer.h"

#include <stdlib.h>
#include <time.h>

static const double NANOSECONDS = 1e9;

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
  lun_list_init(&loop->channels);
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

bool lun_loop_step(lun_loop *loop, bool may_wait) {
  return uv_run(&loop->uv, may_wait ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0;
}
