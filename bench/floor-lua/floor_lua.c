// What a driver for LuaJIT cannot do without: the bytes of a query over a bare socket, and its row
// as a table. No driver: it knows beforehand what a row is and where an answer has it, and nothing
// is checked.
#include <lauxlib.h>
#include <lua.h>

#include <fcntl.h>
#include <mysql.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { MOST = 16, HEADER = 4, EOF_PACKET = 9, ROOM = 64 * 1024, NULLS = 2 };

#define SELECT "SELECT id,k,c,pad FROM sbtest WHERE id="

// The names of a row's fields are the first upvalues of every function.
enum { ID = 1, K, C, PAD };

typedef struct {
  MYSQL *mysql;
  int socket;
  size_t row; // where an answer has its row, as everything in front of it is always the same
  size_t id;  // where `command` has the id
  uint8_t command[64];
} client;

static client clients[MOST];
static int connected, epoll;
static uint8_t received[ROOM];

static client *client_of(lua_State *L) {
  return &clients[lua_tointeger(L, 1)];
}

static void send_command(lua_State *L, client *to, size_t size) {
  to->command[0] = (uint8_t)(size - HEADER);
  if (send(to->socket, to->command, size, MSG_NOSIGNAL) != (ssize_t)size) {
    luaL_error(L, "send");
  }
}

static void send_text(lua_State *L, client *to, uint32_t id) {
  char digits[16], *first = digits + sizeof digits;
  do {
    *--first = (char)('0' + id % 10);
    id /= 10;
  } while (id > 0);
  size_t size = (size_t)(digits + sizeof digits - first);
  memcpy(to->command + to->id, first, size);
  send_command(L, to, to->id + size);
}

// Each execution but the first has the types that the one before had.
static void send_execute(lua_State *L, client *to, uint32_t id) {
  memcpy(to->command + to->id, &id, sizeof id);
  send_command(L, to, to->id + sizeof id);
}

// Receives one answer, whose last packet is an EOF of five bytes. Returns how long it is.
static size_t receive(lua_State *L, const client *from) {
  size_t size = 0;
  const uint8_t *last;
  do {
    ssize_t more = recv(from->socket, received + size, ROOM - size, 0);
    if (more <= 0 || received[HEADER] == 0xff) { // an ERR
      luaL_error(L, "recv");
    }
    size += (size_t)more;
    last = received + size - EOF_PACKET;
  } while (size < EOF_PACKET || last[0] != 5 || last[1] || last[2] || last[HEADER] != 0xfe);
  return size;
}

// The row is the last packet but one.
static void learn_row(client *self, size_t size) {
  for (size_t at = 0; at < size - EOF_PACKET;) {
    self->row = at;
    at += HEADER + ((size_t)received[at] | (size_t)received[at + 1] << 8);
  }
}

// Values ------------------------------------------------------------------------------------------

static void set_number(lua_State *L, int name, lua_Number value) {
  lua_pushvalue(L, lua_upvalueindex(name));
  lua_pushnumber(L, value);
  lua_rawset(L, -3);
}

// Each of these gives the cell behind it. None is longer than 250 bytes.

static const uint8_t *set_string(lua_State *L, int name, const uint8_t *cell) {
  lua_pushvalue(L, lua_upvalueindex(name));
  lua_pushlstring(L, (const char *)cell + 1, cell[0]);
  lua_rawset(L, -3);
  return cell + 1 + cell[0];
}

static const uint8_t *set_digits(lua_State *L, int name, const uint8_t *cell) {
  int value = 0;
  const uint8_t *end = cell + 1 + cell[0];
  for (cell++; cell < end; cell++) {
    value = value * 10 + (*cell - '0');
  }
  set_number(L, name, value);
  return end;
}

static const uint8_t *set_int(lua_State *L, int name, const uint8_t *cell) {
  int32_t value;
  memcpy(&value, cell, sizeof value);
  set_number(L, name, value);
  return cell + sizeof value;
}

typedef const uint8_t *set_cell(lua_State *L, int name, const uint8_t *cell);

// Pushes { row }, whose first cell is `cell`.
static int push_result(lua_State *L, const uint8_t *cell, set_cell *set_integer) {
  lua_createtable(L, 1, 0);
  lua_createtable(L, 0, PAD);
  cell = set_integer(L, ID, cell);
  cell = set_integer(L, K, cell);
  cell = set_string(L, C, cell);
  set_string(L, PAD, cell);
  lua_rawseti(L, -2, 1);
  return 1;
}

static int receive_text(lua_State *L, const client *from) {
  receive(L, from);
  return push_result(L, received + from->row + HEADER, set_digits);
}

// What Lua calls ----------------------------------------------------------------------------------

static int query(lua_State *L) {
  client *self = client_of(L);
  send_text(L, self, (uint32_t)lua_tointeger(L, 2));
  return receive_text(L, self);
}

static int execute(lua_State *L) {
  client *self = client_of(L);
  send_execute(L, self, (uint32_t)lua_tointeger(L, 2));
  receive(L, self);
  return push_result(L, received + self->row + HEADER + NULLS, set_int);
}

static int send_query(lua_State *L) {
  send_text(L, client_of(L), (uint32_t)lua_tointeger(L, 2));
  return 0;
}

// The next connection that has an answer, and the answer.
static int next_answer(lua_State *L) {
  static struct epoll_event ready[MOST];
  static int count, taken;
  if (taken == count) {
    taken = 0;
    count = epoll_wait(epoll, ready, MOST, -1);
    if (count <= 0) {
      return luaL_error(L, "epoll_wait");
    }
  }
  uint32_t number = ready[taken++].data.u32;
  lua_pushnumber(L, number);
  receive_text(L, &clients[number]);
  return 2;
}

// connect(host, user, password, database, port): its number. The login is libmariadb's.
static int connect_next(lua_State *L) {
  client *self = &clients[connected];
  if (connected == MOST) {
    return luaL_error(L, "too many connections");
  }
  self->mysql = mysql_init(NULL);
  mysql_options(self->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(self->mysql,
                          lua_tostring(L, 1),
                          lua_tostring(L, 2),
                          lua_tostring(L, 3),
                          lua_tostring(L, 4),
                          (unsigned)lua_tointeger(L, 5),
                          NULL,
                          0)) {
    return luaL_error(L, "%s", mysql_error(self->mysql));
  }
  self->socket = (int)mysql_get_socket(self->mysql);
  fcntl(self->socket, F_SETFL, fcntl(self->socket, F_GETFL) & ~O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)connected};
  epoll_ctl(epoll, EPOLL_CTL_ADD, self->socket, &event);
  self->command[HEADER] = COM_QUERY;
  self->id = HEADER + 1 + strlen(SELECT);
  memcpy(self->command + HEADER + 1, SELECT, strlen(SELECT));
  send_text(L, self, 1);
  learn_row(self, receive(L, self));
  lua_pushinteger(L, connected++);
  return 1;
}

// prepare(connection): for `execute`, and no longer for `query`.
static int prepare(lua_State *L) {
  client *self = client_of(L);
  MYSQL_STMT *statement = mysql_stmt_init(self->mysql);
  if (mysql_stmt_prepare(statement, SELECT "?", strlen(SELECT "?"))) {
    return luaL_error(L, "%s", mysql_stmt_error(statement));
  }
  // No cursor, once, no NULL, and a type: LONG.
  const uint8_t first[] = {0, 0, 0, 0, COM_STMT_EXECUTE, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 0};
  uint32_t number = (uint32_t)statement->stmt_id;
  memcpy(self->command, first, sizeof first);
  memcpy(self->command + HEADER + 1, &number, sizeof number);
  self->id = sizeof first;
  send_execute(L, self, 1);
  receive(L, self);
  self->id = sizeof first - 2;
  self->command[self->id - 1] = 0;
  send_execute(L, self, 1);
  learn_row(self, receive(L, self));
  return 0;
}

static int close_all(lua_State *L) {
  (void)L;
  while (connected > 0) {
    mysql_close(clients[--connected].mysql);
  }
  return 0;
}

int luaopen_floor_lua(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"connect", connect_next},
      {"prepare", prepare},
      {"query", query},
      {"execute", execute},
      {"send_query", send_query},
      {"next_answer", next_answer},
      {"close_all", close_all},
      {NULL, NULL},
  };
  epoll = epoll_create1(0);
  lua_newtable(L);
  lua_pushliteral(L, "id");
  lua_pushliteral(L, "k");
  lua_pushliteral(L, "c");
  lua_pushliteral(L, "pad");
  luaL_setfuncs(L, functions, PAD);
  lua_pushstring(L, mysql_get_client_info());
  lua_setfield(L, -2, "version");
  return 1;
}
