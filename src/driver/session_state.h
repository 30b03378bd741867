/// What a server told about a session: the last value of everything it named.
#pragma once

#include "base/status.h"
#include "base/view.h"

typedef enum lun_state_kind {
  LUN_STATE_VARIABLE,                    // `name` is the variable's
  LUN_STATE_GTID,                        // of the last transaction
  LUN_STATE_TRANSACTION,                 // what the open transaction has done
  LUN_STATE_TRANSACTION_CHARACTERISTICS, // statements that begin one like it
} lun_state_kind;

enum { LUN_MAX_STATES = 2048 };

/// One value, lent by the state until it changes.
typedef struct lun_state_entry {
  lun_state_kind kind;
  lun_view name;
  lun_view value;
} lun_state_entry;

/// All values stand in one piece of memory: every connection has some, and few of them ever change.
typedef struct lun_session_state {
  uint8_t *bytes;
  size_t used;     // bytes there
  size_t size;     // of all names and values
  uint32_t count;  // of them
  bool is_changed; // by something that only this session has: variables, temporary tables
} lun_session_state;

/// Forgets everything, and frees it.
void lun_session_state_clear(lun_session_state *state);

/// Keeps a copy of `value`. LUN_ERR_LIMIT when more than `max_size` bytes or LUN_MAX_STATES values
/// would be kept, LUN_ERR_NOMEM; then nothing has changed.
lun_status lun_session_state_set(
    lun_session_state *state, lun_state_kind kind, lun_view name, lun_view value, size_t max_size);

/// Reads the value at `*at`, which begins with 0, and moves it to the next one. False behind the
/// last.
bool lun_session_state_next(const lun_session_state *state, size_t *at, lun_state_entry *entry);
