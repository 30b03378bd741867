/// What the sessions of one Lua state share, and the helpers that only Lua can provide.
///
/// It lives in the registry, so that lunasa.core, lunasa.uv and every driver find the same one.
#pragma once

#include "driver/driver.h"

#include <lauxlib.h>
#include <lua.h>

enum { LUN_LUA_TCDATA = 10 }; // LuaJIT's type number of cdata, which lua.h does not name

/// Looks early at what interning some strings will look at: memory is waited for once, not for
/// each of them.
typedef void (*lun_lua_warmer)(lua_State *L, const lun_view *strings, size_t count);

/// Reads `count` rows of the list at the absolute stack index `list`, from number `first` on, into
/// `cells`, row after row. Returns how many it read: those before the first one that is anything
/// but a list of `width` numbers, strings, booleans and lunasa.null. Strings are lent as long as
/// the rows hold them. No Lua runs meanwhile, nor the collector. [-0, +0]
typedef size_t (*lun_lua_rows_reader)(
    lua_State *L, int list, size_t first, size_t count, size_t width, lun_value *cells);

/// Column names of a result that was answered lately, and how to get at them at once.
typedef struct lun_lua_recent_names {
  uint64_t id; // of the metadata; 0: none
  int names;   // registry references, of this place for good; 0: none yet
  int shown;
  bool has_duplicates;
} lun_lua_recent_names;

enum { LUN_LUA_RECENT = 8 };

typedef struct lun_lua_shared {
  lun_metadata_cache *cache;
  lun_buffer text; // see lun_lua_text_begin()
  bool is_text_used;
  uint32_t name_sets;                          // how many column name tables are kept
  int names;                                   // registry reference: metadata id -> table of names
  lun_lua_recent_names recent[LUN_LUA_RECENT]; // each at its id's remainder
  int int64_type; // registry references: ctypes, and functions of the chunk in shared.c
  int uint64_type;
  int classify;
  int make_array;
  int to_datetime; // registry references set by lunasa.core.set_converters, or LUA_NOREF
  int to_duration;
  int to_json;
  int encode;          // what is sent for a value with a metatable of its own
  int plan;            // the functions that make values of a result
  lun_lua_warmer warm; // NULL where nothing is known of the state's inside
  lua_State *thread;   // for `warm` where no other is at hand: see rows_ahead.c; or NULL
  lun_lua_rows_reader read_rows;
  lun_buffer cells; // that `read_rows` has filled; nobody else's while no Lua runs
} lun_lua_shared;

/// Has states whose shared part is made from now on look at strings early.
void lun_lua_use_warmer(lun_lua_warmer warmer);

/// Has them read rows by `reader`, which knows the state's inside, instead of by Lua's functions.
void lun_lua_use_rows_reader(lun_lua_rows_reader reader);

/// Returns the state's shared part, made on first use. [-0, +0], may raise when out of memory.
lun_lua_shared *lun_lua_shared_get(lua_State *L);

/// Tells the collector of `bytes` that malloc holds, which it does not see: or it would let such
/// memory pile up. One that was stopped stays so. May run finalizers. [-0, +0]
void lun_lua_pace_collector(lua_State *L, size_t bytes);

/// Returns an empty buffer for a text that is being made: the state's own, or one on the Lua stack
/// when that is in use, because a `__tostring` or a finalizer asks for a text meanwhile. [-0, +1]
lun_buffer *lun_lua_text_begin(lua_State *L, lun_lua_shared *shared);

/// Ends the use of `text`. Not called when something was raised: then the state's own buffer is not
/// used again, and all goes on with the other kind.
void lun_lua_text_end(lun_lua_shared *shared, lun_buffer *text);

/// Returns a letter for what an FFI array of the column holds: "d" double, "i" int64_t, "u"
/// uint64_t; and for strings "s", or what a format may make of them: "n" numbers of DECIMAL, "b" of
/// BIT, "j" values of JSON, "t" dates and times.
const char *lun_lua_array_kind(const lun_column *column);

/// Pushes the table of column names, made once per metadata. Its metatable has `has_duplicates`,
/// true when looking a value up by name is not enough, `kinds`, the letter of each column, and
/// `metadata`, as columns.h says. [-0, +1]
void lun_lua_push_names(lua_State *L, lun_lua_shared *shared, lun_metadata *metadata);

/// Pushes the copy of the names at `index` that users get: the keys of rows are not theirs to
/// change. Returns whether a name appears twice, so that looking a value up by it is not enough.
/// [-0, +1]
bool lun_lua_push_public_names(lua_State *L, int index);

/// Pushes both: the names, and behind them the copy that users get. Returns what
/// lun_lua_push_public_names() does. [-0, +2]
bool lun_lua_push_both_names(lua_State *L, lun_lua_shared *shared, lun_metadata *metadata);
