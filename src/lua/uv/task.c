#include "lua/uv/task.h"

static const char NAME[] = "lunasa.uv.task";

void lun_lua_task_wake(lun_lua_task *task) {
  if (!task->is_finished && lun_list_is_empty(&task->ready)) {
    lun_list_push_back(&task->host->ready, &task->ready);
  }
}

int lun_lua_task_park(lua_State *L, lun_lua_host *host) {
  host->is_parking = true;
  return lua_yield(L, 0);
}

// Whether the running coroutine was made by lunasa.wrap, which hands our yields up.
static bool is_passer(lua_State *L, const lun_lua_host *host) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, host->passers);
  lua_pushthread(L);
  lua_rawget(L, -2);
  bool is_known = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return is_known;
}

void lun_lua_task_push_refusal(lua_State *L, const lun_lua_host *host) {
  if (!host->current) {
    lua_pushliteral(
        L, "not inside a task: call it from a function given to lunasa.run or lunasa.spawn");
  } else if (!lua_isyieldable(L)) {
    lua_pushliteral(
        L,
        "a task cannot be suspended here: inside a callback of a C function (table.sort, "
        "string.gsub, a metamethod called by one) or in the body of a module while require loads "
        "it");
  } else if (L != host->current->coroutine && !host->has_passes && !is_passer(L, host)) {
    lua_pushliteral(
        L,
        "inside a coroutine of your own, which would be handed lunasa's suspension: make it with "
        "lunasa.wrap instead of coroutine.wrap");
  } else {
    lua_pushnil(L);
  }
}

bool lun_lua_task_is_free(lua_State *L, const lun_lua_host *host) {
  if (!host->current || L != host->current->coroutine || !lua_isyieldable(L)) {
    return false;
  }
  if (!host->current->was_woken) {
    return true; // who leaves something to be raised wakes the task then
  }
  lun_lua_host_push_held(L, host, host->current->anchor);
  lua_getfield(L, -1, "interruption");
  bool is_free = lua_isnil(L, -1);
  lua_pop(L, 2);
  host->current->was_woken = !is_free;
  return is_free;
}

static void finish(lua_State *L, lun_lua_task *task) {
  task->is_finished = true;
  lun_list_remove(&task->waiting);
  lun_list_remove(&task->ready); // woken while it ran, for a wait that never came
  lun_lua_host_let_go(L, task->host, &task->anchor);
}

// Returns whether the task has ended.
static bool resume(lua_State *L, lun_lua_host *host, lun_lua_task *task) {
  lun_lua_host_push_held(L, host, task->anchor); // it must outlive its own end
  host->current = task;
  host->is_parking = false;
  int told = task->is_answered ? 1 : 0;
  if (told) {
    task->is_answered = false;
    lua_pushboolean(task->coroutine, true);
  }
  int status = lua_resume(task->coroutine, told);
  host->current = NULL;
  if (status == LUA_YIELD) {
    // A yield that is not ours: the task only lets others have a turn.
    if (!host->is_parking) {
      lun_lua_task_wake(task);
    }
    lua_settop(task->coroutine, 0);
  } else {
    finish(L, task);
  }
  host->is_parking = false;
  if (status != 0 && status != LUA_YIELD) {
    lua_xmove(task->coroutine, L, 1);
    lua_error(L);
  }
  lua_pop(L, 1);
  return status != LUA_YIELD;
}

// Resumes those that are ready now, not those that become ready meanwhile.
static bool resume_round(lua_State *L, lun_lua_host *host) {
  lun_list *last = host->ready.previous;
  bool has_ended = false;
  bool is_last = false;
  while (!is_last && !lun_list_is_empty(&host->ready)) {
    lun_list *node = lun_list_first(&host->ready);
    is_last = node == last;
    lun_list_remove(node);
    has_ended = resume(L, host, LUN_LIST_ELEMENT(node, lun_lua_task, ready)) || has_ended;
  }
  return has_ended;
}

bool lun_lua_task_resume_ready(lua_State *L, lun_lua_host *host) {
  // Whoever was given something by a task that had an answer, such as a connection of a pool, sends
  // before the next look at the sockets; who becomes ready by that has to wait for it.
  bool has_ended = resume_round(L, host);
  return has_ended || resume_round(L, host);
}

static lun_lua_task *check_task(lua_State *L, int index) {
  return lun_lua_check_kind(L, index, NAME);
}

void lun_lua_task_wake_userdata(void *userdata) {
  lun_lua_task *task = userdata;
  if (task && task->kind == NAME) {
    lun_lua_task_wake(task);
  }
}

int32_t lun_lua_task_current_anchor(const lun_lua_host *host) {
  return host->current && host->current->anchor > 0 ? host->current->anchor : 0;
}

// uv.task(coroutine): a handle for it; the caller keeps the coroutine alive.
static int task_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  lun_lua_task *task = lua_newuserdata(L, sizeof *task);
  *task = (lun_lua_task){
      .kind = NAME,
      .host = lun_lua_host_of(L),
      .coroutine = lua_tothread(L, 1),
      .anchor = LUA_NOREF,
      .was_woken = true, // or may have been, before it had a handle
  };
  lun_list_init(&task->ready);
  lun_list_init(&task->waiting);
  luaL_getmetatable(L, NAME);
  lua_setmetatable(L, -2);
  return 1;
}

// uv.start(handle, object): makes it ready; uv.current() gives `object` while it runs.
static int task_start(lua_State *L) {
  lun_lua_task *task = check_task(L, 1);
  luaL_checkany(L, 2);
  lun_lua_host_let_go(L, task->host, &task->anchor);
  task->anchor = lun_lua_host_hold(L, task->host, 2);
  lun_lua_task_wake(task);
  return 0;
}

// uv.wake(handle)
static int task_wake(lua_State *L) {
  lun_lua_task *task = check_task(L, 1);
  task->was_woken = true;
  lun_lua_task_wake(task);
  return 0;
}

// uv.park(): suspends the running task until somebody wakes it; returns why it may not be.
static int task_park(lua_State *L) {
  lun_lua_host *host = lun_lua_host_of(L);
  lun_lua_task_push_refusal(L, host);
  if (!lua_isnil(L, -1)) {
    return 1;
  }
  lun_lua_task_forget(host->current);
  return lun_lua_task_park(L, host);
}

// uv.current(): the object of the running task, or nil.
static int task_current(lua_State *L) {
  lun_lua_host *host = lun_lua_host_of(L);
  if (!host->current) {
    return 0;
  }
  lun_lua_host_push_held(L, host, host->current->anchor);
  return 1;
}

// uv.check(): nil where a task may be suspended, else why not.
static int task_check(lua_State *L) {
  lun_lua_task_push_refusal(L, lun_lua_host_of(L));
  return 1;
}

// uv.pass(coroutine): this one hands suspensions up.
static int task_pass(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  lua_rawgeti(L, LUA_REGISTRYINDEX, lun_lua_host_of(L)->passers);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, true);
  lua_rawset(L, -3);
  return 0;
}

// uv.passes(flag): coroutines of the user hand suspensions up, since coroutine.resume was replaced.
static int task_passes(lua_State *L) {
  lun_lua_host_of(L)->has_passes = lua_toboolean(L, 1);
  return 0;
}

// uv.parking(): whether a yield that just arrived is a suspension to be handed up.
static int task_parking(lua_State *L) {
  lua_pushboolean(L, lun_lua_host_of(L)->is_parking);
  return 1;
}

static int task_gc(lua_State *L) {
  lun_lua_task *task = lua_touserdata(L, 1);
  lun_list_remove(&task->ready);
  lun_list_remove(&task->waiting);
  return 0;
}

void lun_lua_task_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"task", task_new},
      {"start", task_start},
      {"wake", task_wake},
      {"park", task_park},
      {"current", task_current},
      {"check", task_check},
      {"pass", task_pass},
      {"passes", task_passes},
      {"parking", task_parking},
      {NULL, NULL},
  };
  lun_lua_host_add(L, functions);
  if (luaL_newmetatable(L, NAME)) {
    lua_pushcfunction(L, task_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}
