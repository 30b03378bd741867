--- Words for an error that nobody caught.
local errors = require("lunasa.error")
local loaders = require("lunasa.runner.loaders")

local report = {}

---@class lunasa.runner.Failure
---@field err any what was raised
---@field traceback? string

--- What a script that cannot be loaded raises: a place in it is known, but no traceback.
local Unloadable = { __name = "lunasa.runner.Unloadable" }

--- Returns the chunk, or raises what the loading function said.
---@param chunk? function
---@param problem? string
---@return function
function report.loaded(chunk, problem)
  return chunk or error(setmetatable({ message = problem }, Unloadable), 0)
end

--- Keeps an error with where it was raised: a message handler for xpcall.
---@param err any
---@return lunasa.runner.Failure
function report.failure(err)
  if getmetatable(err) == Unloadable then
    return { err = err.message, traceback = nil }
  end
  local traceback = errors.is_error(err) and err.traceback
    or loaders.traceback_of(err)
    or debug.traceback("", 2):sub(2)
  return { err = err, traceback = traceback }
end

local function words_of(err)
  local ok, words = pcall(tostring, err)
  local metatable = debug.getmetatable(err)
  local is_text = type(err) ~= "table" and type(err) ~= "userdata"
  if ok and type(words) == "string" and (is_text or metatable and metatable.__tostring) then
    return words
  end
  return ("(error object is a %s value)"):format(type(err))
end

--- Drops the frames of the runner, below those of the script.
local function trimmed(traceback)
  return (traceback:gsub("\n\tlunasa/runner/init%.lua:.*$", ""))
end

--- Writes a failure to standard error.
---@param failure lunasa.runner.Failure
function report.print(failure)
  local lines = { "lunasa: " .. words_of(failure.err) }
  if failure.traceback then
    table.insert(lines, trimmed(failure.traceback))
  end
  if errors.is_error(failure.err) then
    for _, suppressed in ipairs(failure.err.suppressed) do
      table.insert(lines, "while cleaning up: " .. words_of(suppressed))
    end
  end
  io.stdout:flush()
  io.stderr:write(table.concat(lines, "\n"), "\n")
end

return report
