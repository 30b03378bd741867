/// A hash of bytes for tables that compare what they find: cheap, and not made against attackers.
#pragma once

#include "base/view.h"

/// FNV-1a's shape over eight bytes at a time.
static inline uint64_t lun_hash(lun_view bytes) {
  const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t hash = bytes.size * prime;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= bytes.size; i += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, bytes.data + i, sizeof word);
    hash = (hash ^ word) * prime;
    hash ^= hash >> 32;
  }
  for (; i < bytes.size; i++) {
    hash = (hash ^ bytes.data[i]) * prime;
  }
  return hash ^ (hash >> 29);
}
