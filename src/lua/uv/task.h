/// Tasks: coroutines that are parked and resumed. The only lua_yield and lua_resume of lunasa.
#pragma once

#include "driver/command.h"
#include "lua/kind.h"
#include "lua/uv/host.h"

/// Userdata "lunasa.uv.task". The host holds its Lua task object from its start to its end.
typedef struct lun_lua_task {
  lun_lua_kind kind;
  lun_lua_host *host;
  lua_State *coroutine; // kept alive by the Lua task object
  lun_list ready;       // in host->ready
  lun_list waiting;     // in a channel's list of waits
  lun_token token;      // that it waits for there; 0 for the login
  int anchor;           // its Lua task object, see lun_lua_host_hold()
  bool is_answered;     // that answer has come; what awaits it is told
  bool was_woken;       // by Lua, perhaps to raise something
  bool is_finished;
} lun_lua_task;

/// Queues `task` for resuming, once however often it is called.
void lun_lua_task_wake(lun_lua_task *task);

/// Has a task wait for no answer any more: what it waits for next must not be told of one.
static inline void lun_lua_task_forget(lun_lua_task *task) {
  lun_list_remove(&task->waiting);
  task->is_answered = false;
}

/// Parks the running task. `return lun_lua_task_park(L, host);` is the last thing a function does.
/// Returns to its caller, without results, when somebody wakes the task.
int lun_lua_task_park(lua_State *L, lun_lua_host *host);

/// Whether the caller may be parked, and its task has nothing to raise instead.
bool lun_lua_task_is_free(lua_State *L, const lun_lua_host *host);

/// Pushes why the caller may not be parked, in words, or nil when it may. [-0, +1]
void lun_lua_task_push_refusal(lua_State *L, const lun_lua_host *host);

/// Resumes every task that is ready, once, then those that they made ready, unless one has ended,
/// and returns whether one has. Raises what a task's own error handling let through.
bool lun_lua_task_resume_ready(lua_State *L, lun_lua_host *host);

/// Makes `task` ready as lun_lua_task_wake() does, when it is one: for compiled Lua, which calls it
/// by its address with any userdata.
void lun_lua_task_wake_userdata(void *userdata);

/// Where the object of the running task is held, 0 outside one: for compiled Lua.
int32_t lun_lua_task_current_anchor(const lun_lua_host *host);

/// Registers the metatable, and adds task, start, wake, park, current, check, pass, passes and
/// parking to the module's table on top of the stack. [-0, +0]
void lun_lua_task_register(lua_State *L);
