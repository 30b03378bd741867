--- Which placeholders a text has: `%s` and `%(name)s`, or `?` and `:name`.
local paramstyle = {}

--- What has no placeholders in it, by its first characters: strings, names and comments.
local SKIPPED = {
  { "^'", "'" },
  { '^"', '"' },
  { "^`", "`" },
  { "^%-%-%s", "\n" },
  { "^#", "\n" },
  { "^/%*", "*/" },
}

--- Finds the end of a string. A backslash takes what follows it along.
local function end_of_quoted(text, at, quote)
  local from = at + 1
  while true do
    local found = text:find("[\\" .. quote .. "]", from)
    if not found then
      return #text
    elseif text:sub(found, found) == quote then
      return found
    end
    from = found + 2
  end
end

local function end_of_skipped(text, at)
  for _, kind in ipairs(SKIPPED) do
    if text:find(kind[1], at) then
      local closing = kind[2]
      if closing == "'" or closing == '"' then
        return end_of_quoted(text, at, closing)
      end
      local _, last = text:find(closing, at + 1, true)
      return last or #text
    end
  end
  return at
end

--- Tells whether a text has placeholders as Python's drivers write them.
---@param text string
---@return boolean
function paramstyle.is_pyformat(text)
  if not text:find("%%[s(]") then
    return false
  end
  local at = text:find("['\"`%-#/%%]")
  while at do
    if text:find("^%%s", at) or text:find("^%%%([^)]*%)s", at) then
      return true
    end
    local is_percent = text:sub(at, at + 1) == "%%"
    local last = is_percent and at + 1 or end_of_skipped(text, at)
    at = text:find("['\"`%-#/%%]", last + 1)
  end
  return false
end

return paramstyle
