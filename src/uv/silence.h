/// Limits on how long a peer may do nothing while something is expected of it.
#pragma once

#include "base/error.h"
#include "uv/timer.h"

/// What is expected of the peer now.
typedef enum lun_expectation {
  LUN_EXPECTS_NOTHING,
  LUN_EXPECTS_BYTES,   // that it sends
  LUN_EXPECTS_READING, // that it takes what is to be sent
} lun_expectation;

/// The owner keeps the memory, zeroed at first, and stops it before that goes.
typedef struct lun_silence {
  double read_timeout;  // seconds; 0: none
  double write_timeout; // seconds; 0: none
  double last;          // when bytes went or came last, in seconds as lun_loop_recent() counts
  lun_timer timer;
} lun_silence;

/// Bytes went or came, or nothing was expected until now.
static inline void lun_silence_break(lun_silence *silence) {
  silence->last = lun_loop_recent();
}

/// Has the timer run while something is expected. Nothing happens without limits.
void lun_silence_watch(lun_silence *silence, lun_loop *loop, lun_expectation expected);

/// Tells, when the timer has expired, whether the peer was silent for too long: then `error` says
/// so. Else the timer runs on.
bool lun_silence_is_over(lun_silence *silence,
                         lun_loop *loop,
                         lun_expectation expected,
                         lun_error *error);
