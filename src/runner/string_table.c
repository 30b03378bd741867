#include "runner/string_table.h"

// Where LuaJIT 2.1 (x64, arm64 with GC64) keeps things. A string's slot is that of its hash.
enum {
  GLOBAL_STATE = 16, // in a lua_State
  SLOTS = 0x98,      // in the global state
  MASK = 0xa0,
  SEED = 0xb0,
  HASH = 16, // in a string
};

typedef struct string_table {
  uintptr_t *slots; // the first string of each; bit 0 is a flag
  uint32_t mask;
  uint32_t seed;
} string_table;

static string_table table_of(lua_State *L) {
  const uint8_t *global;
  string_table table;
  memcpy(&global, (const uint8_t *)L + GLOBAL_STATE, sizeof global);
  memcpy(&table.slots, global + SLOTS, sizeof table.slots);
  memcpy(&table.mask, global + MASK, sizeof table.mask);
  memcpy(&table.seed, global + SEED, sizeof table.seed);
  return table;
}

static uint32_t load(const uint8_t *text) {
  uint32_t word;
  memcpy(&word, text, sizeof word);
  return word;
}

static uint32_t rotated(uint32_t word, unsigned bits) {
  return word << bits | word >> (32 - bits);
}

// LuaJIT's hash_sparse(), of a text that is not empty.
static uint32_t hash_of(lun_view text, uint32_t seed) {
  uint32_t size = (uint32_t)text.size;
  uint32_t h = size ^ seed;
  uint32_t a;
  uint32_t b;
  if (size >= 4) {
    a = load(text.data);
    h ^= load(text.data + size - 4);
    b = load(text.data + size / 2 - 2);
    h = (h ^ b) - rotated(b, 14);
    b += load(text.data + size / 4 - 1);
  } else {
    a = text.data[0];
    h ^= text.data[size - 1];
    b = text.data[size / 2];
    h = (h ^ b) - rotated(b, 14);
  }
  a = (a ^ h) - rotated(h, 11);
  b = (b ^ a) - rotated(a, 25);
  return (h ^ b) - rotated(b, 16);
}

void lun_string_table_warm(lua_State *L, const lun_view *strings, size_t count) {
  enum { MOST = 64 };
  string_table table = table_of(L);
  const uintptr_t *slots[MOST];
  size_t used = 0;
  for (size_t i = 0; i < count && used < MOST; i++) {
    if (strings[i].size > 0) {
      slots[used] = table.slots + (hash_of(strings[i], table.seed) & table.mask);
      __builtin_prefetch(slots[used++]);
    }
  }
  for (size_t i = 0; i < used; i++) {
    __builtin_prefetch((const uint8_t *)(*slots[i] & ~(uintptr_t)1) + HASH);
  }
}
