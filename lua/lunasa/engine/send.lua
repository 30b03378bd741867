--- Sends what was compiled: as a prepared statement, or as text where the server prepares none.
local errors = require("lunasa.error")

local send = {}

--- What a server says of a statement that it runs, but does not prepare: at all, with a parameter
--- where its grammar has none, as in SHOW TABLES LIKE, or where MySQL wants a constant, such as the
--- flags of REGEXP_LIKE.
local NOT_PREPARED = { [1295] = true, [1064] = true, [3994] = true }

--- Tells whether a server has refused to prepare a statement. What it prepares has been run: a
--- procedure may raise the same errors, when it has done half of its work.
---@async
local function is_not_prepared(lent, text, err)
  if not errors.is_error(err) or not NOT_PREPARED[err.errno] or not lent:is_usable() then
    return false
  end
  local is_prepared, failure = pcall(lent.prepare, lent, text)
  if is_prepared then
    return false
  elseif errors.is_error(failure) and NOT_PREPARED[failure.errno] then
    return true
  end
  errors.throw(errors.suppress(failure, err))
end

--- Which values of Lua a parameter can have one after the other, and keep them all. What is cdata
--- has digits that a double has no room for.
local KINDS = {
  number = "n",
  cdata = "i",
  boolean = "n",
  string = "s",
  table = "s",
}

--- Parameters per dialect of the texts whose first kinds are known. These are never forgotten,
--- since connections have the texts prepared with them; texts that come later have a mark always.
local MOST = 20000
local NONE = {}

--- The kinds of values that the parameters of a text had first, by dialect and text.
local function kinds_of(compiled, text, count)
  local dialect = compiled.dialect
  local known = dialect.kinds
  if not known then
    known = { count = 0, by_text = {} }
    dialect.kinds = known
  end
  local kinds = known.by_text[text]
  if not kinds and known.count + count <= MOST then
    kinds = {}
    known.by_text[text], known.count = kinds, known.count + count
  end
  return kinds or NONE
end

--- The text with a mark that says of which kinds the values are, where these are not those that the
--- text was prepared with first.
local function marked(text, kinds, values)
  local is_other = kinds == NONE
  local marks = {}
  for i = 1, #values do
    local kind = KINDS[type(values[i])]
    is_other = is_other or kind ~= nil and kind ~= kinds[i]
    marks[i] = kind or kinds[i] or "n"
  end
  return is_other and ("%s /* %s */"):format(text, table.concat(marks)) or text
end

--- Gives the text to prepare for these values. MySQL gives a parameter that nothing else types the
--- type of the first value, and makes a number of a string that comes later.
---@param compiled lunasa.sa.Compiled
---@param text string
---@param values any[]
---@return string
function send.text_for(compiled, text, values)
  local kinds = compiled.kinds
  if not kinds or not compiled.text then
    kinds = kinds_of(compiled, text, #values)
    compiled.kinds = kinds
  end
  for i = 1, #values do
    local kind = KINDS[type(values[i])]
    if kind and kind ~= kinds[i] then
      if kinds[i] or kinds == NONE then
        return marked(text, kinds, values)
      end
      kinds[i] = kind
    end
  end
  return text
end

--- Runs it for the first time: what the server does not prepare is known from then on.
---@async
local function try(lent, method, compiled, text, values, prepared, plain)
  local ok, answer = pcall(lent[method], lent, text, values, prepared)
  if ok then
    compiled.is_prepared = true
    return answer
  elseif is_not_prepared(lent, text, answer) then
    answer = lent[method](lent, text, values, plain)
    compiled.is_text = true
    return answer
  end
  errors.throw(answer)
end

--- Runs what was compiled.
---@async
---@param conn lunasa.SAConnection
---@param compiled lunasa.sa.Compiled
---@param values any[] as `collect` gave them
---@return lunasa.Result
function send.query(conn, compiled, values)
  local lent, how, text = conn.connection, conn.how, compiled.text
  if not text then
    text, values = compiled:expand(values)
  elseif compiled.count == 0 then
    values = nil -- sent untouched
  end
  if compiled.is_text then
    return lent:query(text, values, how.text)
  elseif values and conn.dialect.types_by_value then
    text = send.text_for(compiled, text, values)
  end
  if compiled.is_prepared then
    return lent:query(text, values, how.compiled)
  end
  return try(lent, "query", compiled, text, values, how.compiled, how.text)
end

--- Runs what was compiled, and gives its rows as they come.
---@async
---@param conn lunasa.SAConnection
---@param compiled lunasa.sa.Compiled
---@param values any[]
---@return lunasa.Stream
function send.stream(conn, compiled, values)
  local lent, how, text = conn.connection, conn.how, compiled.text
  if not text then
    text, values = compiled:expand(values)
  elseif compiled.count == 0 then
    values = nil
  end
  if compiled.is_text then
    return lent:stream(text, values, how.stream_text)
  elseif values and conn.dialect.types_by_value then
    text = send.text_for(compiled, text, values)
  end
  return try(lent, "stream", compiled, text, values, how.stream_compiled, how.stream_text)
end

return send
