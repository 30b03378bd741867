/// Borrowed bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Bytes owned by someone else. The function that hands one out says how long it stays valid.
typedef struct lun_view {
  const uint8_t *data;
  size_t size;
} lun_view;

/// Returns a view of the C string `text`, without its NUL. Borrows `text`.
static inline lun_view lun_view_of(const char *text) {
  return (lun_view){(const uint8_t *)text, text ? strlen(text) : 0};
}

/// Drops the first `count` bytes, which are there. An empty view may have no data at all, and C
/// allows no arithmetic with that, not even adding zero.
static inline void lun_view_drop(lun_view *view, size_t count) {
  if (count > 0) {
    view->data += count;
    view->size -= count;
  }
}

static inline bool lun_view_equal(lun_view a, lun_view b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
