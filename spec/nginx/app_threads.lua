--- Watches what is asked about light threads. nginx has nothing to say about those of a request
--- that is over, and looks at freed memory to find that out.
local app_threads = {}

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

--- Begins to watch, for as long as the worker lives.
function app_threads.watch()
  watch_spawn(ngx.thread)
  watch(ngx.thread, "wait")
  watch(ngx.thread, "kill")
  watch(coroutine, "status")
end

--- What was asked wrongly so far, as tracebacks.
---@return string[]
function app_threads.misuses()
  return misuses
end

--- How many light threads of this request have ended, and are kept for a parent to ask for them.
---@return integer
function app_threads.count_kept()
  local count = 0
  for thread, context in pairs(started_in) do
    if context == ngx.ctx and coroutine.status(thread) == "zombie" then
      count = count + 1
    end
  end
  return count
end

return app_threads
