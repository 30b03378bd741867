#include "driver/session_state.h"

#include <stdlib.h>

// A value as it is kept; its name and the value itself stand behind it.
typedef struct kept {
  uint32_t value_size;
  uint16_t name_size;
  uint8_t kind;
} kept;

// What `kept` takes of its eight bytes.
enum { HEAD = 7 };

void lun_session_state_clear(lun_session_state *state) {
  free(state->bytes);
  *state = (lun_session_state){0};
}

bool lun_session_state_next(const lun_session_state *state, size_t *at, lun_state_entry *entry) {
  kept head;
  if (state->used - *at < HEAD) {
    return false;
  }
  const uint8_t *start = state->bytes + *at;
  memcpy(&head, start, HEAD);
  *entry = (lun_state_entry){
      .kind = (lun_state_kind)head.kind,
      .name = {start + HEAD, head.name_size},
      .value = {start + HEAD + head.name_size, head.value_size},
  };
  *at += HEAD + entry->name.size + entry->value.size;
  return true;
}

// Finds a value by its name: where it begins, and where the next one does.
static bool find(const lun_session_state *state,
                 lun_state_kind kind,
                 lun_view name,
                 size_t *start,
                 size_t *end) {
  lun_state_entry entry;
  *start = 0;
  *end = 0;
  while (lun_session_state_next(state, end, &entry)) {
    if (entry.kind == kind && lun_view_equal(entry.name, name)) {
      return true;
    }
    *start = *end;
  }
  return false;
}

static void append(lun_session_state *state, const void *bytes, size_t size) {
  if (size > 0) {
    memcpy(state->bytes + state->used, bytes, size);
    state->used += size;
  }
}

lun_status lun_session_state_set(
    lun_session_state *state, lun_state_kind kind, lun_view name, lun_view value, size_t max_size) {
  size_t start;
  size_t end;
  bool is_known = find(state, kind, name, &start, &end);
  size_t old_size = is_known ? end - start : 0;
  size_t size = state->size - (is_known ? old_size - HEAD : 0);
  if (name.size > max_size || value.size > max_size || size + name.size + value.size > max_size
      || name.size > UINT16_MAX || value.size > UINT32_MAX
      || (!is_known && state->count == LUN_MAX_STATES)) {
    return LUN_ERR_LIMIT;
  }
  size_t needed = state->used - old_size + HEAD + name.size + value.size;
  if (needed > state->used) {
    uint8_t *grown = realloc(state->bytes, needed);
    if (!grown) {
      return LUN_ERR_NOMEM;
    }
    state->bytes = grown;
  }
  if (is_known) {
    memmove(state->bytes + start, state->bytes + end, state->used - end);
    state->used -= old_size;
  }
  kept head = {(uint32_t)value.size, (uint16_t)name.size, (uint8_t)kind};
  append(state, &head, HEAD);
  append(state, name.data, name.size);
  append(state, value.data, value.size);
  state->size = size + name.size + value.size;
  state->count += !is_known;
  return LUN_OK;
}
