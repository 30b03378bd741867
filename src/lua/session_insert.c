// Many rows of parameters as INSERTs of many rows each.
//
// A userdata "lunasa.insert" holds the statement that is being made; rows are added until it is as
// long as it may be, it is sent, and the next one begins. One is in memory at a time.
#include "lua/error.h"
#include "lua/parameters.h"
#include "lua/session.h"

static const char NAME[] = "lunasa.insert";

enum { LENT_TEXT = 16 * 1024 };

typedef struct inserting {
  lun_buffer parts; // head, list and tail, one behind the other
  lun_view list;
  lun_view tail;
  size_t head_size;
  lun_buffer text;  // the statement without its tail; with it once it is sent
  size_t row_count; // in the text
  bool is_pyformat;
  bool is_list; // rows are lists, not maps
  bool is_sent;
} inserting;

static int inserting_gc(lua_State *L) {
  inserting *self = lua_touserdata(L, 1);
  lun_buffer_deinit(&self->parts);
  lun_buffer_deinit(&self->text);
  return 0;
}

// [-0, +1]
static inserting *inserting_new(lua_State *L) {
  inserting *self = lua_newuserdata(L, sizeof *self);
  *self = (inserting){0};
  if (luaL_newmetatable(L, NAME)) {
    lua_pushcfunction(L, inserting_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return self;
}

// Where a placeholder outside of the list is met: its value would be another one in each row.
static lun_status
refuse_value(void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error) {
  (void)context;
  (void)position;
  (void)name;
  (void)out;
  return lun_error_set(error, LUN_ERR_UNSUPPORTED, "a placeholder outside of the list of values");
}

// Appends what stands around the list, with doubled percent signs made one.
static bool append_part(
    const inserting *self, lun_session *session, lun_view part, lun_buffer *out, lun_error *error) {
  lun_placeholder_style style = self->is_pyformat ? LUN_STYLE_PYFORMAT
                                : self->is_list   ? LUN_STYLE_QMARK
                                                  : LUN_STYLE_NAMED;
  return session->driver->interpolate(session, part, style, refuse_value, NULL, out, error)
         == LUN_OK;
}

// session:insert(sql, row, is_pyformat): what collects rows like `row`; nil when the statement is
// not one INSERT whose placeholders are all in its list of values.
static int session_insert(lua_State *L) {
  lun_session *session = lun_lua_session_check(L, 1)->session;
  lun_view sql;
  sql.data = (const uint8_t *)luaL_checklstring(L, 2, &sql.size);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 4);
  lun_insert insert;
  if (!session->driver->split_insert(session, sql, &insert)) {
    return 0;
  }
  bool is_list = lun_lua_is_list(L, 3);
  inserting *self = inserting_new(L);
  self->is_list = is_list;
  self->is_pyformat = lua_toboolean(L, 4);
  lun_buffer *parts = &self->parts;
  lun_error error;
  if (!append_part(self, session, insert.head, parts, &error)) {
    return 0;
  }
  self->head_size = parts->size;
  lun_buffer_view(parts, insert.list);
  size_t behind = parts->size;
  if (!append_part(self, session, insert.tail, parts, &error)) {
    return 0;
  }
  self->list = (lun_view){parts->data + self->head_size, behind - self->head_size};
  self->tail = (lun_view){parts->data + behind, parts->size - behind};
  return 1;
}

// Appends the row at the top of the stack to the text.
static lun_status
append_row(lua_State *L, lun_session *session, inserting *self, lun_error *error) {
  if (!lua_istable(L, -1)) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "parameters are a table, not a %s", luaL_typename(L, -1));
  }
  int row = lua_gettop(L);
  if (!self->is_pyformat && lun_lua_is_list(L, row) != self->is_list) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the first row is a %s of parameters, and this one a %s",
                         self->is_list ? "list" : "map",
                         self->is_list ? "map" : "list");
  }
  if (self->row_count == 0) {
    lun_buffer_append(&self->text, self->parts.data, self->head_size);
  } else {
    lun_buffer_u8(&self->text, ',');
  }
  return lun_lua_interpolate(L, session, self->list, row, self->is_pyformat, &self->text, error);
}

static void begin_again(inserting *self) {
  lun_buffer_clear(&self->text);
  self->row_count = 0;
  self->is_sent = false;
}

// session:insert_rows(insert, rows, first, limit): adds the rows of a list from the `first` on, as
// long as the statement has at most `limit` bytes, at least one. Returns the position of the next
// row, whether that one had no room, and the bytes of the statement; nil, an error and the row's
// position when it cannot be sent.
static int session_insert_rows(lua_State *L) {
  lun_session *session = lun_lua_session_check(L, 1)->session;
  inserting *self = luaL_checkudata(L, 2, NAME);
  luaL_checktype(L, 3, LUA_TTABLE);
  size_t at = (size_t)luaL_checknumber(L, 4);
  size_t limit = (size_t)luaL_checknumber(L, 5);
  size_t count = lua_objlen(L, 3);
  lua_settop(L, 3);
  if (self->is_sent) {
    begin_again(self);
  }
  lun_error error;
  bool is_full = false;
  for (; at <= count && !is_full; at += !is_full) {
    size_t before = self->text.size;
    lua_rawgeti(L, 3, (int)at);
    lun_status status = append_row(L, session, self, &error);
    lua_settop(L, 3);
    if (status != LUN_OK) {
      lun_lua_fail(L, &error);
      lua_pushnumber(L, (lua_Number)at);
      return 3;
    }
    is_full = self->row_count > 0 && self->text.size + self->tail.size > limit;
    if (is_full) {
      self->text.size = before;
    } else {
      self->row_count++;
    }
  }
  lua_pushnumber(L, (lua_Number)at);
  lua_pushboolean(L, is_full);
  lua_pushnumber(L, (lua_Number)(self->text.size + self->tail.size));
  return 3;
}

// session:insert_send(insert): the token, or nil and an error. The statement is sent from where it
// is: no rows are added before its answer is there, and none ever after it was given up.
static int session_insert_send(lua_State *L) {
  lun_lua_session *holder = lun_lua_session_check(L, 1);
  inserting *self = luaL_checkudata(L, 2, NAME);
  lun_error error;
  if (!self->is_sent) {
    lun_buffer_view(&self->text, self->tail);
    self->is_sent = true;
  }
  if (self->text.status != LUN_OK) {
    lun_error_set(&error, LUN_ERR_NOMEM, "out of memory for the statement's text");
    return lun_lua_fail(L, &error);
  }
  lun_command command = {
      .kind = LUN_COMMAND_QUERY,
      .text = lun_buffer_bytes(&self->text),
      .is_lent = self->text.size > LENT_TEXT,
  };
  if (command.is_lent) {
    lun_lua_session_anchor(L, holder, 2);
  }
  return lun_lua_session_submit(L, holder, &command);
}

// session:insert_text(insert): the statement that was sent last.
static int session_insert_text(lua_State *L) {
  inserting *self = luaL_checkudata(L, 2, NAME);
  lua_pushlstring(L, (const char *)self->text.data, self->text.size);
  return 1;
}

void lun_lua_session_add_insert(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"insert", session_insert},
      {"insert_rows", session_insert_rows},
      {"insert_send", session_insert_send},
      {"insert_text", session_insert_text},
      {NULL, NULL},
  };
  luaL_setfuncs(L, methods, 0);
}
