// The values of rows as arrays, some rows at a time, in memory that is used again.
#include "lua/arrays.h"

static const char BATCH_KIND[] = "lunasa.batch";

// Where what is made for a batch is on the stack.
enum { SIZE = 2, IS_KEPT, BATCH, VALUES, NULLS, OWNERS };

static const int LISTS[] = {VALUES, NULLS, OWNERS};

// Room for some rows of one description. The Lua memory that the arrays are is in the userdata's
// environment.
typedef struct batch {
  lun_lua_kind kind;
  lun_metadata *metadata; // NULL once collected, which finalizers of the user's may find
  size_t capacity;        // rows
  size_t count;           // of them written
  lun_value *cells;       // behind the arrays
  lun_lua_array arrays[];
} batch;

static batch *check_batch(lua_State *L, int index) {
  return lun_lua_check_kind(L, index, BATCH_KIND);
}

static int batch_gc(lua_State *L) {
  batch *self = check_batch(L, 1);
  lun_metadata_release(self->metadata);
  self->metadata = NULL;
  return 0;
}

// rows:new_batch(size, is_kept): room for `size` rows as these are, and lists as those of
// rows:arrays(): the values, the bits of NULLs, the owners. Whose is not kept is filled once.
static int rows_new_batch(lua_State *L) {
  enum { MOST = 1 << 24 };
  lun_lua_packed *rows = lun_lua_packed_check(L);
  lua_Integer size = luaL_checkinteger(L, SIZE);
  luaL_argcheck(L, size >= 1 && size <= MOST, SIZE, "not a number of rows");
  lun_metadata *metadata = rows->result->metadata;
  lun_lua_shared *shared = rows->shared;
  size_t width = metadata->count;
  size_t cells = lun_lua_arrays_step(width) * width * sizeof(lun_value);
  size_t arrays = width * sizeof(lun_lua_array);
  bool is_kept = lua_toboolean(L, IS_KEPT);
  lua_settop(L, IS_KEPT);
  batch *self = lua_newuserdata(L, sizeof *self + arrays + cells);
  *self = (batch){.kind = BATCH_KIND, .capacity = (size_t)size};
  memset(self->arrays, 0, arrays);
  self->cells = (lun_value *)(self->arrays + width);
  luaL_getmetatable(L, BATCH_KIND);
  lua_setmetatable(L, BATCH);
  lun_lua_packed_check(L); // a finalizer may have closed them
  self->metadata = lun_metadata_retain(metadata);
  lua_createtable(L, OWNERS - BATCH, 0);
  for (int list = VALUES; list <= OWNERS; list++) {
    lua_createtable(L, (int)width, 0);
    lua_pushvalue(L, -1);
    lua_rawseti(L, list, list - BATCH); // the environment is always behind the lists
    lua_insert(L, list);
  }
  lua_setfenv(L, BATCH);
  for (size_t i = 0; i < width; i++) {
    const lun_column *column = &metadata->columns[i];
    lun_lua_array_make(
        L, &self->arrays[i], shared, column, self->capacity, is_kept, LISTS, (int)i + 1);
  }
  return OWNERS - BATCH + 1;
}

static lun_status fill(const lun_lua_packed *rows, batch *self, size_t from, size_t count) {
  size_t width = self->metadata->count;
  size_t most = lun_lua_arrays_step(width);
  lun_status status = LUN_OK;
  for (size_t done = 0; done < count && status == LUN_OK; done += most) {
    size_t now = count - done < most ? count - done : most;
    status = lun_lua_packed_rows(rows, from + done, from + done + now, self->cells);
    for (size_t i = 0; i < width && status == LUN_OK; i++) {
      size_t at = self->count + done;
      status = lun_lua_array_put(&self->arrays[i], self->cells + i, width, at, at + now);
    }
  }
  return status;
}

// rows:fill(batch, from): writes the rows from `from`, counted from 1, behind those that are in the
// batch, until it is full. How many it has now, or nothing when its columns are others.
static int rows_fill(lua_State *L) {
  lun_lua_packed *rows = lun_lua_packed_check(L);
  batch *self = check_batch(L, 2);
  lua_Integer first = luaL_checkinteger(L, 3);
  size_t total = rows->result->rows.count;
  if (self->metadata != rows->result->metadata) {
    return 0;
  }
  size_t from = first >= 1 && (size_t)first <= total ? (size_t)first - 1 : total;
  size_t room = self->capacity - self->count;
  size_t count = total - from < room ? total - from : room;
  lun_status status = fill(rows, self, from, count);
  if (status != LUN_OK) {
    return lun_lua_arrays_fail(L, status);
  }
  self->count += count;
  lua_pushinteger(L, (lua_Integer)self->count);
  return 1;
}

// batch:clear(): forgets the rows.
static int batch_clear(lua_State *L) {
  batch *self = check_batch(L, 1);
  self->count = 0;
  for (size_t i = 0; self->metadata && i < self->metadata->count; i++) {
    lun_lua_array_clear(&self->arrays[i], self->capacity);
  }
  return 0;
}

// batch:null_count(column), counted from 1.
static int batch_null_count(lua_State *L) {
  batch *self = check_batch(L, 1);
  lua_Integer column = luaL_checkinteger(L, 2);
  bool is_inside = self->metadata && column >= 1 && column <= (lua_Integer)self->metadata->count;
  luaL_argcheck(L, is_inside, 2, "no such column");
  lua_pushinteger(L, (lua_Integer)self->arrays[column - 1].null_count);
  return 1;
}

// batch:settle(): nothing more is written: gives back what growing left, and has the collector know
// what the strings hold.
static int batch_settle(lua_State *L) {
  batch *self = check_batch(L, 1);
  size_t held = 0;
  for (size_t i = 0; self->metadata && i < self->metadata->count; i++) {
    held += lun_lua_array_trim(&self->arrays[i]);
  }
  lun_lua_pace_collector(L, held);
  return 0;
}

static void register_batch(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"clear", batch_clear},
      {"settle", batch_settle},
      {"null_count", batch_null_count},
      {NULL, NULL},
  };
  if (luaL_newmetatable(L, BATCH_KIND)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, batch_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}

void lun_lua_rows_add_batches(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"new_batch", rows_new_batch},
      {"fill", rows_fill},
      {NULL, NULL},
  };
  register_batch(L);
  luaL_setfuncs(L, methods, 0);
}
