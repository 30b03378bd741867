/// Columns as memory outside of Lua, which rows are written to: numbers of eight bytes, strings as
/// bytes and where each begins, and a bit for each NULL.
#pragma once

#include "lua/packed.h"

/// The bytes of a column's strings, a userdata that begins with the address of the first of them.
typedef struct lun_lua_bytes lun_lua_bytes;

/// What one column is written to. FFI memory of Lua's, but for the strings' bytes.
typedef struct lun_lua_array {
  char kind;       // of lun_lua_array_kind()
  uint8_t *values; // numbers; of strings, where each begins, and where the last ends
  uint8_t *nulls;  // one bit per row
  size_t null_count;
  lun_lua_bytes *bytes; // of strings, else NULL
} lun_lua_array;

/// Makes what column `column` of `metadata` is written to, with room for `count` rows, and puts it
/// at `place` of three lists: the values, the bits of NULLs, and the userdata that owns the bytes
/// of strings, or false. The lists are at stack indices `values`, `nulls` and `owners`. Bytes that
/// are `kept` stay where they are, as long as the userdata does, when more room is needed. [-0, +0]
void lun_lua_array_make(lua_State *L,
                        lun_lua_array *self,
                        const lun_lua_shared *shared,
                        const lun_column *column,
                        size_t count,
                        bool is_kept,
                        const int lists[3],
                        int place);

/// Writes cells that are `width` apart into rows [from, to), which are behind those that were
/// written. Runs no Lua. Fails with LUN_ERR_NOMEM, or LUN_ERR_LIMIT for more than 4 GiB of strings.
lun_status lun_lua_array_put(
    lun_lua_array *self, const lun_value *cells, size_t width, size_t from, size_t to);

/// Makes room for as many bytes of strings as `count` rows will have if they go on as the `done`
/// that were written, but `most`: memory that grows is touched anew.
void lun_lua_array_expect(lun_lua_array *self, size_t done, size_t count, size_t most);

/// Forgets the rows that were written, of room for `count`.
void lun_lua_array_clear(lun_lua_array *self, size_t count);

/// Gives back the memory behind the strings. Returns how many bytes are held for them.
size_t lun_lua_array_trim(const lun_lua_array *self);

/// Raises what is wrong with a row, or with writing it.
int lun_lua_arrays_fail(lua_State *L, lun_status status);

/// How many rows of `width` cells are decoded before they are written, so that both stay in the
/// processor's nearest cache.
size_t lun_lua_arrays_step(size_t width);
