// Whether src/runner/string_table.c knows the LuaJIT that it is linked to: every string must be
// found where it would look. Exits with 0 if so; with anything else, or not at all, if not.
#include "runner/string_table.c"

#include <stdio.h>

enum { TEXT_OFFSET = 24, LONGEST = 300 }; // of the text in a string

// The links of a slot go through the first word of each string.
static bool is_in_slot(string_table table, lun_view text) {
  const uint8_t *string = text.data - TEXT_OFFSET;
  uintptr_t at = table.slots[hash_of(text, table.seed) & table.mask];
  if (at & 1) {
    return true; // a slot of another hash
  }
  while (at && at != (uintptr_t)string) {
    memcpy(&at, (const void *)at, sizeof at);
  }
  return at != 0;
}

static bool has_hash(string_table table, lun_view text) {
  uint32_t hash;
  memcpy(&hash, text.data - TEXT_OFFSET + HASH, sizeof hash);
  return hash == hash_of(text, table.seed);
}

int main(void) {
  enum { COUNT = 200 * 1000 };
  lua_State *L = luaL_newstate();
  lua_newtable(L);
  for (int i = 1; i <= COUNT; i++) {
    char made[LONGEST + 1];
    int size = snprintf(made, sizeof made, "%d-%d-%x", i, i * 7919, i) % LONGEST;
    size = i % 5 == 0 ? 1 + i % size : size;
    memset(made + size, 'x', sizeof made - (size_t)size);
    lun_view text;
    lua_pushlstring(L, made, (size_t)(i % 97 == 0 ? LONGEST : size));
    text.data = (const uint8_t *)lua_tolstring(L, -1, &text.size);
    if (!is_in_slot(table_of(L), text) || !has_hash(table_of(L), text)) {
      return 1;
    }
    lua_rawseti(L, -2, i);
  }
  lua_close(L);
  return 0;
}
