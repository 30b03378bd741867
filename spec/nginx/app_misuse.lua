--- Watches what nginx is asked where it looks at freed memory to answer: about light threads of a
--- request that is over, and to log for whatever coroutine a finalizer runs in.
local app_misuse = {}

--- The table `ngx.ctx` of the request that started a thread, by thread.
local started_in = setmetatable({}, { __mode = "k" })

local misuses = {}

local function watch(api, name)
  local asked = api[name]
  api[name] = function(thread, ...)
    local context = started_in[thread]
    if context and context ~= ngx.ctx then
      table.insert(misuses, debug.traceback(name .. " of a thread of another request"))
    end
    return asked(thread, ...)
  end
end

local function watch_spawn(api)
  local spawn = api.spawn
  function api.spawn(...)
    local thread = spawn(...)
    started_in[thread] = ngx.ctx
    return thread
  end
end

local is_collecting = false

local function watch_log(api)
  local write = api.log
  function api.log(...)
    if is_collecting then
      table.insert(misuses, debug.traceback("ngx.log in a finalizer"))
    end
    return write(...)
  end
end

--- Collects everything that can be.
function app_misuse.collect()
  is_collecting = true
  collectgarbage()
  collectgarbage()
  is_collecting = false
end

--- Begins to watch, for as long as the worker lives.
function app_misuse.watch()
  watch_log(ngx)
  watch_spawn(ngx.thread)
  watch(ngx.thread, "wait")
  watch(ngx.thread, "kill")
  watch(coroutine, "status")
end

--- What was asked wrongly so far, as tracebacks.
---@return string[]
function app_misuse.found()
  return misuses
end

--- How many light threads of this request have ended, and are kept for a parent to ask for them.
---@return integer
function app_misuse.count_kept()
  local count = 0
  for thread, context in pairs(started_in) do
    if context == ngx.ctx and coroutine.status(thread) == "zombie" then
      count = count + 1
    end
  end
  return count
end

return app_misuse
