--- The results of a session's last statement, when it has several.

local result_sequence = {}

--- Of the last statement with several results, by session: its token, and the result that
--- `conn:next_result()` has come to.
---@type table<userdata, { token: integer, at: lunasa.Result }>
local last_of = setmetatable({}, { __mode = "k" })

--- Notes the first of several results.
---@param session userdata
---@param token integer
---@param first lunasa.Result
function result_sequence.note(session, token, first)
  last_of[session] = { token = token, at = first }
end

--- Those of the session's last statement, unless that had one result.
local function several(session)
  local last = last_of[session]
  if not last then
    return nil
  end
  local _, _, _, _, token = session:last_outcome()
  return last.token == token and last or nil
end

--- Gives the result that the session's last statement is at, when it has several.
---@param session userdata
---@return lunasa.Result?
function result_sequence.current(session)
  local last = several(session)
  return last and last.at
end

--- Goes on to the next result of the session's last statement, and gives it; nil behind the last.
---@param session userdata
---@return lunasa.Result?
function result_sequence.advance(session)
  local last = several(session)
  local following = last and last.at:nextset()
  if following then
    last.at = following
  end
  return following
end

--- Forgets the results of the session's last statement, for who does not need them.
---@param session userdata
function result_sequence.forget(session)
  if last_of[session] then
    last_of[session] = nil
  end
end

return result_sequence
