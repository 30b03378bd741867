#include "uv/silence.h"

enum { CR_SERVER_LOST = 2013 };

static double limit_of(const lun_silence *silence, lun_expectation expected) {
  switch (expected) {
  case LUN_EXPECTS_BYTES: return silence->read_timeout;
  case LUN_EXPECTS_READING: return silence->write_timeout;
  case LUN_EXPECTS_NOTHING: break;
  }
  return 0;
}

void lun_silence_watch(lun_silence *silence, lun_loop *loop, lun_expectation expected) {
  double limit = limit_of(silence, expected);
  if (limit > 0 && silence->timer.position == 0) {
    silence->timer.is_background = true;
    lun_timer_start(loop, &silence->timer, limit);
  }
}

bool lun_silence_is_over(lun_silence *silence,
                         lun_loop *loop,
                         lun_expectation expected,
                         lun_error *error) {
  double limit = limit_of(silence, expected);
  double left = silence->last + limit - lun_loop_now();
  if (limit <= 0) {
    return false;
  }
  if (left > 0) {
    lun_timer_start(loop, &silence->timer, left);
    return false;
  }
  bool is_reading = expected == LUN_EXPECTS_BYTES;
  lun_error_set(error,
                LUN_ERR_TIMEOUT,
                "lost the connection: the server %s for %g s (%s)",
                is_reading ? "sent nothing" : "took nothing of what was sent",
                limit,
                is_reading ? "read_timeout" : "write_timeout");
  error->code = CR_SERVER_LOST;
  return true;
}
