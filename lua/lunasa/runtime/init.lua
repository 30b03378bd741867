--- Picks the runtime of the host that we run in.
---
--- The port that every runtime implements:
---
---     name, has_background
---     now()                        seconds on a monotonic clock
---     exact(), recent()            the same for compiled code, the second a few milliseconds late;
---                                  not in nginx
---     check(channel)               raises where the caller may not suspend, or not use the channel
---     current()                    the running lunasa.Task, nil outside one
---     interruptible()              the same inside one, for somebody who will interrupt it
---     spawn(work, …)               runs a function in a task of its own
---     start(task, body)            runs `body` as the coroutine of `task`
---     wake(task)                   makes a parked task look again at what it waits for
---     waiter()                     waiter:wait(deadline) -> true, … | nil, err; waiter:wake(…);
---                                  waiter:is_waiting(): a task is parked, and not interrupted
---     sleep(seconds)
---     after(seconds, work, is_awaited)  calls `work` later: a handle with stop(), or nil
---     open(login, deadline, key)   a channel, or nil and the error of the C layer
---
--- libuv only, where the loop is ours:
---
---     serve(is_over)               serves the loop until is_over() says so
---
--- nginx only, where a socket belongs to a request:
---
---     park_channel(channel, seconds)     leaves it to a later request: whether that worked
---     revive_channel(channel, deadline)  takes it into this request: whether it still lives
---     is_orphan(channel)                 whether the request that used it is over
---     opening_channel(key)               the one that logs in for a slot
---     is_dropped(waiter)                 whether the request that waits there is over
---     answer_failure()                   answers the request with 500
---     expose(task, is_exposed)           whether somebody may interrupt it: asked for in pairs
---
--- A channel: session, closed, on_lost, and wait(token, deadline) -> true | nil, err; close().
---
---@class lunasa.Runtime

local function is_nginx()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and type(ngx.socket) == "table"
end

if rawget(_G, "jit") == nil then
  error("lunasa needs LuaJIT 2.1 (plain Lua 5.1 cannot suspend inside pcall)", 0)
end

---@type lunasa.Runtime
return require(is_nginx() and "lunasa.runtime.ngx" or "lunasa.runtime.uv")
