#include "driver/session_state.h"

#include <stdlib.h>

void lun_session_state_clear(lun_session_state *state) {
  for (size_t i = 0; i < state->count; i++) {
    free(state->entries[i].bytes);
  }
  free(state->entries);
  *state = (lun_session_state){0};
}

static lun_state_entry *find(const lun_session_state *state, lun_state_kind kind, lun_view name) {
  for (size_t i = 0; i < state->count; i++) {
    lun_state_entry *entry = &state->entries[i];
    if (entry->kind == kind && lun_view_equal(lun_state_name(entry), name)) {
      return entry;
    }
  }
  return NULL;
}

// An entry without bytes, which holds nothing yet.
static lun_status add(lun_session_state *state, lun_state_kind kind, lun_state_entry **entry) {
  enum { FIRST_CAPACITY = 8 };
  if (state->count == LUN_MAX_STATES) {
    return LUN_ERR_LIMIT;
  }
  if (state->count == state->capacity) {
    size_t capacity = state->capacity > 0 ? state->capacity * 2 : FIRST_CAPACITY;
    lun_state_entry *grown = realloc(state->entries, capacity * sizeof *grown);
    if (!grown) {
      return LUN_ERR_NOMEM;
    }
    state->entries = grown;
    state->capacity = capacity;
  }
  *entry = &state->entries[state->count++];
  **entry = (lun_state_entry){.kind = kind};
  return LUN_OK;
}

lun_status lun_session_state_set(
    lun_session_state *state, lun_state_kind kind, lun_view name, lun_view value, size_t max_size) {
  lun_state_entry *entry = find(state, kind, name);
  size_t size = state->size - (entry ? entry->name_size + entry->value_size : 0);
  if (name.size > max_size || value.size > max_size || size + name.size + value.size > max_size) {
    return LUN_ERR_LIMIT;
  }
  uint8_t *bytes = malloc(name.size + value.size + 1);
  lun_status status = bytes ? LUN_OK : LUN_ERR_NOMEM;
  if (bytes && !entry) {
    status = add(state, kind, &entry);
  }
  if (status != LUN_OK) {
    free(bytes);
    return status;
  }
  if (name.size > 0) {
    memcpy(bytes, name.data, name.size);
  }
  if (value.size > 0) {
    memcpy(bytes + name.size, value.data, value.size);
  }
  free(entry->bytes);
  *entry = (lun_state_entry){kind, bytes, name.size, value.size};
  state->size = size + name.size + value.size;
  return LUN_OK;
}
