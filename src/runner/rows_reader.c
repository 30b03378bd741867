#include "runner/rows_reader.h"

#include "lua/values.h"

// Where LuaJIT 2.1 (x64, arm64 with GC64) keeps things.
enum {
  SLOTS = 16, // in a table
  METATABLE = 32,
  NODES = 40,
  SLOT_COUNT = 48, // of the slots, the first of which is for key 0
  NODE_MASK = 52,
  STRING_SIZE = 20, // in a string
  STRING_TEXT = 24,
};

// What is in the highest bits of a slot: numbers have no tag, or that of an integer.
enum {
  TAG_SHIFT = 47,
  TAG_NIL = -1,
  TAG_FALSE = -2,
  TAG_TRUE = -3,
  TAG_LIGHT_USERDATA = -4,
  TAG_STRING = -5,
  TAG_TABLE = -12,
  TAG_INTEGER = -14
};

typedef struct reading {
  lua_State *L;
  int list;
  size_t width;
  int64_t null; // how the state's slots say lunasa.null; 0 as long as none was met
} reading;

static int64_t load(const void *at) {
  int64_t slot;
  memcpy(&slot, at, sizeof slot);
  return slot;
}

static uint32_t load_u32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static const uint8_t *load_pointer(const uint8_t *at) {
  return (const uint8_t *)(uintptr_t)load(at);
}

static int tag_of(int64_t slot) {
  return (int)(slot >> TAG_SHIFT);
}

static const uint8_t *object_of(int64_t slot) {
  return (const uint8_t *)(uintptr_t)(slot & (((int64_t)1 << TAG_SHIFT) - 1));
}

// Asks Lua about the first light userdata: how slots say which it is depends on the state.
static bool is_null(reading *all, size_t row, size_t column, int64_t slot) {
  if (all->null == 0) {
    lua_rawgeti(all->L, all->list, (int)row);
    lua_rawgeti(all->L, -1, (int)column);
    bool is_found = lua_islightuserdata(all->L, -1) && !lua_touserdata(all->L, -1);
    lua_pop(all->L, 2);
    all->null = is_found ? slot : 0;
  }
  return slot == all->null;
}

// Reads a value; returns whether it is a scalar that SQL has.
static bool read_cell(reading *all, size_t row, size_t column, int64_t slot, lun_value *cell) {
  double number;
  int tag = tag_of(slot);
  switch (tag) {
  case TAG_STRING: {
    const uint8_t *string = object_of(slot);
    *cell = (lun_value){
        .kind = LUN_VALUE_TEXT,
        .bytes = {string + STRING_TEXT, load_u32(string + STRING_SIZE)},
    };
    return true;
  }
  case TAG_TRUE:
  case TAG_FALSE:
    *cell = (lun_value){.kind = LUN_VALUE_INTEGER, .integer = tag == TAG_TRUE};
    return true;
  case TAG_INTEGER:
    *cell = (lun_value){.kind = LUN_VALUE_INTEGER, .integer = (int32_t)slot};
    return true;
  case TAG_LIGHT_USERDATA:
    *cell = (lun_value){.kind = LUN_VALUE_NULL};
    return is_null(all, row, column, slot);
  default:
    if (tag < 0 && tag > TAG_INTEGER) {
      return false;
    }
    memcpy(&number, &slot, sizeof number);
    *cell = lun_lua_number(number);
    return lun_lua_is_sql(cell);
  }
}

// Whether a table has nothing but a list in it.
static bool is_list(const uint8_t *table) {
  return !load_pointer(table + METATABLE) && load_u32(table + NODE_MASK) == 0
         && tag_of(load(load_pointer(table + NODES))) == TAG_NIL;
}

static bool read_row(reading *all, size_t row, const uint8_t *table, lun_value *cells) {
  size_t slot_count = load_u32(table + SLOT_COUNT);
  if (slot_count <= all->width || !is_list(table)) {
    return false;
  }
  const uint8_t *slots = load_pointer(table + SLOTS);
  if (tag_of(load(slots)) != TAG_NIL) {
    return false;
  }
  for (size_t i = 1; i <= all->width; i++) {
    if (!read_cell(all, row, i, load(slots + i * sizeof(int64_t)), &cells[i - 1])) {
      return false;
    }
  }
  for (size_t i = all->width + 1; i < slot_count; i++) {
    if (tag_of(load(slots + i * sizeof(int64_t))) != TAG_NIL) {
      return false;
    }
  }
  return true;
}

// Rows are far apart: what is needed of one is asked for some rows before.
static void prefetch(int64_t slot) {
  enum { SLOTS_OF_CONSTRUCTORS = 64 }; // they stand behind the table
  if (tag_of(slot) == TAG_TABLE) {
    __builtin_prefetch(object_of(slot));
    __builtin_prefetch(object_of(slot) + SLOTS_OF_CONSTRUCTORS);
  }
}

size_t lun_rows_reader_read(
    lua_State *L, int list, size_t first, size_t count, size_t width, lun_value *cells) {
  enum { AHEAD = 16 }; // rows
  reading all = {.L = L, .list = list, .width = width};
  const uint8_t *table = lua_topointer(L, list);
  const uint8_t *slots = load_pointer(table + SLOTS);
  size_t slot_count = load_u32(table + SLOT_COUNT);
  for (size_t i = 0; i < count; i++) {
    size_t row = first + i;
    if (row >= slot_count) {
      return i;
    }
    if (row + AHEAD < slot_count) {
      prefetch(load(slots + (row + AHEAD) * sizeof(int64_t)));
    }
    int64_t slot = load(slots + row * sizeof(int64_t));
    if (tag_of(slot) != TAG_TABLE || !read_row(&all, row, object_of(slot), cells + i * width)) {
      return i;
    }
  }
  return count;
}
