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

/// One value. Owned; the name stands before the value in the same memory.
typedef struct lun_state_entry {
  lun_state_kind kind;
  uint8_t *bytes;
  size_t name_size;
  size_t value_size;
} lun_state_entry;

typedef struct lun_session_state {
  lun_state_entry *entries;
  size_t count;
  size_t capacity;
  size_t size;     // bytes of all names and values
  bool is_changed; // by something that only this session has: variables, temporary tables
} lun_session_state;

/// Forgets everything, and frees it.
void lun_session_state_clear(lun_session_state *state);

/// Keeps a copy of `value`. LUN_ERR_LIMIT when more than `max_size` bytes or LUN_MAX_STATES values
/// would be kept, LUN_ERR_NOMEM; then nothing has changed.
lun_status lun_session_state_set(
    lun_session_state *state, lun_state_kind kind, lun_view name, lun_view value, size_t max_size);

static inline lun_view lun_state_name(const lun_state_entry *entry) {
  return (lun_view){entry->bytes, entry->name_size};
}

static inline lun_view lun_state_value(const lun_state_entry *entry) {
  return (lun_view){entry->bytes + entry->name_size, entry->value_size};
}
