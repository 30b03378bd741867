--- What is sent for LOAD DATA LOCAL INFILE, when a call gives the option `infile`.
---
---     { file = path }   a file, opened before anything is sent
---     { data = string } the data itself
---     a function        called for one string after another, until it returns nil
---     true              the file that the statement names
---
--- Files are read in pieces with io.read, which blocks the thread for as long as the disk takes.
local errors = require("lunasa.error")

local infile = {}

local PIECE = 64 * 1024

---@class lunasa.InfileSource
---@field read fun(name: string): string? the next piece; nil at the end
---@field close fun()

local function nothing() end

local function fail(problem)
  errors.raise("OperationalError", "infile cannot be read: " .. problem, nil, 2)
end

local function open(path)
  local file, problem = io.open(path, "rb")
  if not file then
    fail(problem)
  end
  local _, reason = file:read(0) -- a folder can be opened, but not read
  if reason then
    file:close()
    fail(("%s: %s"):format(path, reason))
  end
  return file
end

local function read(file)
  local piece, problem = file:read(PIECE)
  if problem then
    fail(problem)
  end
  return piece
end

local function from_file(file)
  return {
    read = function()
      return read(file)
    end,
    close = function()
      file:close()
    end,
  }
end

local function from_string(data)
  return {
    read = function()
      local piece = data
      data = nil
      return piece
    end,
    close = nothing,
  }
end

--- The file that the statement names, which the server repeats.
local function from_name()
  local file
  return {
    read = function(name)
      file = file or open(name)
      return read(file)
    end,
    close = function()
      if file then
        file:close()
      end
    end,
  }
end

--- Makes the source that an option stands for. Raises when a file cannot be opened.
---@param given true|function|{ file?: string, data?: string }
---@return lunasa.InfileSource
function infile.source(given)
  if type(given) == "function" then
    return { read = given, close = nothing }
  elseif given == true then
    return from_name()
  elseif given.data then
    return from_string(given.data)
  end
  return from_file(open(given.file))
end

--- The next piece that holds anything; nil at the end.
local function next_piece(source, name)
  local piece
  repeat
    piece = source.read(name)
  until piece ~= ""
  if piece ~= nil and type(piece) ~= "string" then
    local message = "the function of infile must return strings, and nil at the end, got %s"
    errors.raise("ArgumentError", message:format(type(piece)))
  end
  return piece
end

--- Closes the connection of a load that was given up, so that the server undoes it.
local function give_up(channel, token, err)
  channel.session:abandon(token)
  channel:close(errors.is_error(err, "TimeoutError") and "TIMEOUT" or "CANCELLED", err.message)
end

local function too_late(runtime, deadline)
  if deadline and runtime.now() >= deadline then
    local message = "the statement took longer than its timeout"
    return errors.new("TimeoutError", message, { which = "statement" })
  end
end

---@async
local function wait(channel, token, deadline)
  local ok, err = channel:wait(token, deadline)
  if not ok then
    give_up(channel, token, err)
  end
  return ok, err
end

--- Waits for the answer to `token`, and sends what the server asks for meanwhile: one piece when
--- the one before it has left. A source that fails ends the data there: the server keeps what it
--- was given, as the manual's client has it.
---@async
---@param channel lunasa.Channel
---@param runtime lunasa.Runtime
---@param token integer
---@param source lunasa.InfileSource
---@param deadline? number
---@return true|nil answered
---@return lunasa.Error? err
---@return any failure what the source raised
function infile.send(channel, runtime, token, source, deadline)
  local session, failure = channel.session, nil
  channel.sender = runtime.current()
  local answered, err = wait(channel, token, deadline)
  local name = answered and session:asked_file(token)
  while name do
    local is_read, piece = pcall(next_piece, source, name)
    if not is_read then
      failure, piece = piece == nil and "the function of infile raised nil" or piece, nil
    end
    local interruption = errors.is_interruption(failure) and failure or too_late(runtime, deadline)
    if interruption then
      give_up(channel, token, interruption)
      answered, err = nil, interruption
      break
    end
    session:data(token, piece)
    answered, err = wait(channel, token, deadline)
    name = answered and session:asked_file(token)
  end
  channel.sender = nil
  return answered, err, failure
end

return infile
