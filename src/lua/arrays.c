#include "lua/arrays.h"

#include <stdlib.h>

static const char BYTES[] = "lunasa.bytes";

enum {
  CELLS = 512, // that are decoded before they are written, about
  FIRST_KEPT = 4096,
};

// Bytes that were kept when they had to grow. The oldest is the last.
typedef struct older {
  lun_buffer buffer;
  struct older *next;
} older;

struct lun_lua_bytes {
  lun_buffer buffer; // whose first field is the address
  bool is_kept;
  older *older;
};

static int bytes_gc(lua_State *L) {
  lun_lua_bytes *self = luaL_checkudata(L, 1, BYTES);
  lun_buffer_deinit(&self->buffer);
  self->buffer.status = LUN_ERR_NOMEM; // finalizers of the user's may come later
  while (self->older) {
    older *freed = self->older;
    self->older = freed->next;
    lun_buffer_deinit(&freed->buffer);
    free(freed);
  }
  return 0;
}

// [-0, +1]
static lun_lua_bytes *push_bytes(lua_State *L, bool is_kept) {
  lun_lua_bytes *self = lua_newuserdata(L, sizeof *self);
  *self = (lun_lua_bytes){.is_kept = is_kept};
  if (luaL_newmetatable(L, BYTES)) {
    lua_pushcfunction(L, bytes_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return self;
}

// Makes room in other memory, and keeps the one that somebody may have a pointer to.
static uint8_t *grow_elsewhere(lun_lua_bytes *self, size_t extra) {
  lun_buffer *buffer = &self->buffer;
  size_t size = buffer->size;
  lun_buffer grown = {.status = buffer->status};
  older *kept = buffer->data ? malloc(sizeof *kept) : NULL;
  size_t least = size < FIRST_KEPT ? FIRST_KEPT : 2 * size;
  bool has_room = (kept || !buffer->data)
                  && lun_buffer_reserve(&grown, least > size + extra ? least : size + extra);
  if (!has_room) {
    free(kept);
    return NULL;
  }
  if (kept) {
    memcpy(grown.data, buffer->data, size);
    *kept = (older){*buffer, self->older};
    self->older = kept;
  }
  grown.size = size;
  *buffer = grown;
  return grown.data + size;
}

static uint8_t *grow(lun_lua_bytes *self, size_t extra) {
  return self->is_kept ? grow_elsewhere(self, extra) : lun_buffer_reserve(&self->buffer, extra);
}

static void set_null(lun_lua_array *self, size_t row) {
  self->null_count++;
  self->nulls[row / 8] = (uint8_t)(self->nulls[row / 8] | 1u << row % 8);
}

static void
put_reals(lun_lua_array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  for (size_t i = from; i < to; i++, cells += width) {
    double real = cells->real;
    if (cells->kind == LUN_VALUE_INTEGER) {
      real = (double)cells->integer;
    } else if (cells->kind == LUN_VALUE_UNSIGNED) {
      real = (double)cells->natural;
    } else if (cells->kind != LUN_VALUE_REAL) {
      real = 0;
      set_null(self, i);
    }
    memcpy(self->values + i * sizeof real, &real, sizeof real);
  }
}

// Of integers that fit both kinds, the bytes are the same.
static void
put_integers(lun_lua_array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  for (size_t i = from; i < to; i++, cells += width) {
    uint64_t bits = cells->natural;
    if (cells->kind != LUN_VALUE_INTEGER && cells->kind != LUN_VALUE_UNSIGNED) {
      bits = 0;
      set_null(self, i);
    }
    memcpy(self->values + i * sizeof bits, &bits, sizeof bits);
  }
}

// The text of a cell of strings, or nothing for NULL.
static lun_view text_of(const lun_value *cell, char moment[LUN_MOMENT_SIZE]) {
  if (cell->kind == LUN_VALUE_TEXT || cell->kind == LUN_VALUE_BINARY) {
    return cell->bytes;
  }
  bool is_moment = cell->kind == LUN_VALUE_DATE || cell->kind == LUN_VALUE_DATETIME
                   || cell->kind == LUN_VALUE_TIME;
  return (lun_view){(uint8_t *)moment, is_moment ? lun_moment_format(cell, moment) : 0};
}

static lun_status
put_strings(lun_lua_array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  lun_buffer *bytes = &self->bytes->buffer;
  char moment[LUN_MOMENT_SIZE];
  for (size_t i = from; i < to; i++, cells += width) {
    lun_view text = text_of(cells, moment);
    if (cells->kind == LUN_VALUE_NULL) {
      set_null(self, i);
    }
    if (text.size > UINT32_MAX - bytes->size) {
      return LUN_ERR_LIMIT;
    }
    if (text.size > 0) {
      uint8_t *room = text.size <= bytes->capacity - bytes->size ? bytes->data + bytes->size
                                                                 : grow(self->bytes, text.size);
      if (!room) {
        return LUN_ERR_NOMEM;
      }
      memcpy(room, text.data, text.size);
      bytes->size += text.size;
    }
    uint32_t end = (uint32_t)bytes->size;
    memcpy(self->values + (i + 1) * sizeof end, &end, sizeof end);
  }
  return LUN_OK;
}

lun_status lun_lua_array_put(
    lun_lua_array *self, const lun_value *cells, size_t width, size_t from, size_t to) {
  if (self->bytes) {
    return put_strings(self, cells, width, from, to);
  } else if (self->kind == 'd') {
    put_reals(self, cells, width, from, to);
  } else {
    put_integers(self, cells, width, from, to);
  }
  return LUN_OK;
}

void lun_lua_array_expect(lun_lua_array *self, size_t done, size_t count, size_t most) {
  const double spare = 1.0 / 16;
  lun_buffer *buffer = self->bytes ? &self->bytes->buffer : NULL;
  double all = buffer ? (double)buffer->size / (double)done * (double)count * (1 + spare) : 0;
  size_t expected = all < (double)most ? (size_t)all : most;
  if (buffer && expected > buffer->capacity
      && !lun_buffer_reserve(buffer, expected - buffer->size)) {
    buffer->status = LUN_OK; // it may well grow as it is needed
  }
}

void lun_lua_array_clear(lun_lua_array *self, size_t count) {
  if (self->null_count > 0) {
    memset(self->nulls, 0, count / 8 + 1);
    self->null_count = 0;
  }
  if (self->bytes) {
    self->bytes->buffer.size = 0;
  }
}

size_t lun_lua_array_trim(const lun_lua_array *self) {
  if (!self->bytes) {
    return 0;
  }
  lun_buffer *bytes = &self->bytes->buffer;
  if (bytes->size > 0 && !self->bytes->is_kept) {
    lun_buffer_trim(bytes);
  }
  return bytes->capacity;
}

int lun_lua_arrays_fail(lua_State *L, lun_status status) {
  if (status == LUN_ERR_LIMIT) {
    return luaL_error(L, "the strings of a column are more than 4 GiB");
  }
  return lun_lua_packed_fail(L, status);
}

size_t lun_lua_arrays_step(size_t width) {
  return width < CELLS ? CELLS / width : 1;
}

void lun_lua_array_make(lua_State *L,
                        lun_lua_array *self,
                        const lun_lua_shared *shared,
                        const lun_column *column,
                        size_t count,
                        bool is_kept,
                        const int lists[3],
                        int place) {
  const char *kind = lun_lua_array_kind(column);
  *self = (lun_lua_array){.kind = *kind};
  lua_rawgeti(L, LUA_REGISTRYINDEX, shared->make_array);
  lua_pushstring(L, kind);
  lua_pushinteger(L, (lua_Integer)count);
  lua_call(L, 2, 2);
  self->values = (uint8_t *)lua_topointer(L, -2);
  self->nulls = (uint8_t *)lua_topointer(L, -1);
  lua_rawseti(L, lists[1], place);
  lua_rawseti(L, lists[0], place);
  if (strchr("diu", *kind)) {
    lua_pushboolean(L, false);
  } else {
    self->bytes = push_bytes(L, is_kept);
  }
  lua_rawseti(L, lists[2], place);
}
