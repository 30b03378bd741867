// Prepared statements: a text with placeholders and its values as a command.
#include "lua/attributes.h"
#include "lua/error.h"
#include "lua/parameters.h"
#include "lua/session.h"

enum { LONG_VALUE = 1024 * 1024 }; // worth lending: it is sent from where it is

// What a value takes in a packet, about.
static size_t size_of(const lun_value *value) {
  enum { HEAD = 10 };
  bool has_bytes = value->kind == LUN_VALUE_TEXT || value->kind == LUN_VALUE_BINARY;
  return HEAD + (has_bytes ? value->bytes.size : 0);
}

static bool has_long_value(const lun_lua_values *values) {
  for (size_t i = 0; i < values->count; i++) {
    if (size_of(&values->items[i]) >= LONG_VALUE) {
      return true;
    }
  }
  return false;
}

// session:execute(sql, args, is_pyformat, is_streamed, nil, is_piped, attributes, fetch_size): the
// token, or nil and an error. With a `fetch_size`, the rows of a stream come by a cursor.
int lun_lua_session_execute(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  lua_settop(L, 9);
  lua_Number fetch_size = luaL_optnumber(L, 9, 0);
  luaL_argcheck(L, fetch_size >= 0 && fetch_size <= UINT32_MAX, 9, "out of range");
  lun_view sql;
  sql.data = (const uint8_t *)luaL_checklstring(L, 2, &sql.size);
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
  }
  lun_error error;
  lun_command command = {.kind = LUN_COMMAND_EXECUTE, .row_count = 1};
  if (lun_lua_attributes(L, holder->session, 8, &command, &error) != LUN_OK) {
    return lun_lua_fail(L, &error);
  }
  lun_lua_values values;
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  lun_status status =
      lun_lua_collect(L, holder->session, sql, 3, lua_toboolean(L, 4), text, &values, &error);
  int results;
  if (status == LUN_OK) {
    command.is_lent = has_long_value(&values);
    command.is_streamed = lua_toboolean(L, 5);
    command.is_piped = lua_toboolean(L, 7);
    command.text = lun_buffer_bytes(text);
    command.values = values.items;
    command.value_count = values.count;
    command.fetch_size = (uint32_t)fetch_size;
    if (command.is_lent) {
      lun_lua_session_anchor(L, holder, values.anchors);
    }
    results = lun_lua_session_submit(L, holder, &command);
  } else {
    results = lun_lua_fail(L, &error);
  }
  lun_lua_text_end(holder->shared, text);
  return results;
}

// Rows that are sent together, from `first` on: as many as fit into `limit` bytes, at least one.
static size_t
rows_that_fit(const lun_lua_values *values, size_t width, size_t first, size_t limit) {
  size_t bytes = 0;
  size_t at = first * width;
  while (at < values->count) {
    for (size_t i = 0; i < width; i++) {
      bytes += size_of(&values->items[at + i]);
    }
    if (bytes > limit && at > first * width) {
      break;
    }
    at += width;
  }
  return at / width - first;
}

// Sends rows from `*first` on and pushes the token. [-0, +1], or [-0, +2] and false
static bool execute_some(lua_State *L,
                         lun_lua_session *holder,
                         lun_command *command,
                         const lun_lua_values *values,
                         size_t first) {
  command->values = values->items + first * command->value_count;
  return lun_lua_session_submit(L, holder, command) == 1;
}

// session:execute_rows(sql, rows, is_pyformat, limit, first, count): sends `count` of the rows from
// number `first` on. A list of tokens and, at the same places, one of how many rows each is for;
// nil and an error when nothing was sent. With a third value, an error: what is behind those in the
// lists was not sent. `limit` is the most bytes of one packet, 0 where rows travel one by one.
static int session_execute_rows(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 7);
  lun_view sql;
  sql.data = (const uint8_t *)luaL_checklstring(L, 2, &sql.size);
  size_t limit = (size_t)luaL_checknumber(L, 5);
  lun_error error;
  lun_lua_values values;
  lua_Number first_row = luaL_checknumber(L, 6);
  lua_Number row_number = luaL_checknumber(L, 7);
  luaL_argcheck(L, first_row >= 1 && row_number >= 0, 6, "rows that there cannot be");
  size_t row_count = (size_t)row_number;
  lun_lua_rows_given rows = {.list = 3, .first = (size_t)first_row, .count = row_count};
  lua_newtable(L); // before the values, which the collector must leave alone
  lua_newtable(L);
  int lists = lua_gettop(L) - 1;
  lun_buffer *text = lun_lua_text_begin(L, holder->shared);
  lun_status status = lun_lua_collect_rows(
      L, holder->session, sql, &rows, lua_toboolean(L, 4), text, &values, &error);
  if (status != LUN_OK) {
    lun_lua_text_end(holder->shared, text);
    lun_lua_values_end(holder->shared);
    return lun_lua_fail(L, &error);
  }
  lun_command command = {
      .kind = LUN_COMMAND_EXECUTE,
      .text = lun_buffer_bytes(text),
      .value_count = values.count / row_count,
  };
  int count = 0;
  bool is_sent = true;
  for (size_t first = 0; is_sent && first < row_count; first += command.row_count) {
    bool is_bulk = limit > 0 && command.value_count > 0;
    command.row_count = is_bulk ? rows_that_fit(&values, command.value_count, first, limit) : 1;
    is_sent = execute_some(L, holder, &command, &values, first);
    if (is_sent) {
      lua_rawseti(L, lists, ++count);
      lua_pushnumber(L, (lua_Number)command.row_count);
      lua_rawseti(L, lists + 1, count);
    }
  }
  lun_lua_text_end(holder->shared, text);
  lun_lua_values_end(holder->shared);
  if (!is_sent) {
    lua_pushvalue(L, lists);
    lua_pushvalue(L, lists + 1);
    lua_pushvalue(L, -3); // the error, which stands behind a nil
    return 3;
  }
  lua_settop(L, lists + 1);
  return 2;
}

void lun_lua_session_add_execute(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"execute", lun_lua_session_execute},
      {"execute_rows", session_execute_rows},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
