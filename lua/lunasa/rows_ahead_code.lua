--- The text of iterators over rows that C has decoded ahead: see `lunasa.rows_ahead`.
---
--- A finalizer of the user's that calls the same iterator, or closes what it reads, can run
--- wherever a string or a table is made, and wherever a compiled loop is left, which is anywhere.
--- While `is_busy`, nobody else looks at what was read ahead: such a call has C make a row that was
--- not. An error, such as that memory is out, leaves it so: then the next call is not of a
--- finalizer, and goes on.
local rows_ahead_code = {}

local STRING = ("s"):byte()

--- What C counts of rows that it has to make; from here on, it makes all that are left.
local MOST_ODDS = 100

--- Of a result: `packed` stays, and may be closed at any time.
local RESULT = [[
local read, string_of, is_finalizing, refuse, plain = ...
return function(self, packed, format, is_closing, window, state, numbers, offsets, sizes, bytes)
  local is_busy, other = false, nil
  return function()
    if is_closing[0] ~= 0 then
      refuse()
    end
    if is_busy and is_finalizing() then
      local i = window.next + 1
      window.next = i
      local $NAMES = $SLOW
      return $NAMES
    end
    is_busy = true
    local at = state[0]
    if at == state[1] then
      if other then
        is_busy = false
        return other()
      end
      if window.next >= window.due then
        window.due = window.next + 256
        packed:step()
        if is_closing[0] ~= 0 then
          is_busy = false
          refuse()
        end
      end
      local count = read(packed, window)
      if count == 0 then
        is_busy = false
        return nil
      elseif count < 0 then
        local i = -count
        if window.odds > $MOST_ODDS then
          local from
          repeat
            from = window.next + 1
            other = plain(self, from)
          until from == window.next + 1
        end
        is_busy = false
        local $NAMES = $SLOW
        return $NAMES
      end
      at = 0
      state[1] = count * $WIDTH
    end
    state[0] = at + $WIDTH
    local $NAMES = $VALUES
    is_busy = false
    return $NAMES
  end
end
]]

--- Of a stream: rows come batch by batch, and are taken by other methods in between.
local STREAM = [[
local read, string_of, is_finalizing, rewind, find_rows, plain = ...
return function(self, come_to_batch, window, state, numbers, offsets, sizes, bytes)
  local packed, other
  local given, is_busy = -1, false
  return function()
    if is_busy and is_finalizing() then
      rewind(self)
      if not find_rows(self) then
        return nil
      end
      local i, packed, format = self.done + 1, self.packed, self.format
      self.done = i
      local $NAMES = $SLOW
      return $NAMES
    end
    is_busy = true
    local at = state[0]
    if at == state[1] or self.packed ~= packed or self.open.ended or self.done ~= given then
      is_busy = false
      if other and self.packed == packed then
        return other()
      end
      if self.packed ~= packed or self.done ~= given or given == self.count or self.open.ended then
        local found = packed
        repeat
          packed = found
          rewind(self)
          if not find_rows(self) then
            return nil
          end
          found = self.packed
          if found ~= packed then
            other = not come_to_batch() and plain(self) or nil
          end
        until found == packed
        if other then
          state[0], state[1] = 0, 0
          return other()
        end
      end
      is_busy = true
      given = self.done
      window.next = given
      local count = read(packed, window)
      if count <= 0 then
        state[0], state[1] = 0, 0
        is_busy = false
        if window.odds > $MOST_ODDS then
          other = plain(self)
          return other()
        end
        local i, format = self.done + 1, self.format
        given = i
        self.done = i
        local $NAMES = $SLOW
        return $NAMES
      end
      at = 0
      state[1] = count * $WIDTH
    end
    state[0] = at + $WIDTH
    given = given + 1
    self.done = given
    local $NAMES = $VALUES
    is_busy = false
    return $NAMES
  end
end
]]

local TEMPLATES = { result = RESULT, stream = STREAM }

local function filled(template, parts)
  return (template:gsub("%$([%u_]+)", parts))
end

--- An expression for each cell of the row that begins at `at`.
local function cells(kinds)
  local list = {}
  for i = 1, #kinds do
    local place = "[at + " .. i - 1 .. "]"
    local is_string = kinds:byte(i) == STRING
    list[i] = is_string and ("string_of(bytes + offsets%s, sizes%s)"):format(place, place)
      or "numbers" .. place
  end
  return list
end

local function text_of(source, kinds, names, values, slow)
  return filled(TEMPLATES[source], {
    WIDTH = #kinds,
    MOST_ODDS = MOST_ODDS,
    NAMES = names,
    VALUES = values,
    SLOW = slow,
  })
end

--- The text of an iterator that gives values.
---@param source "result"|"stream"
---@param kinds string a letter for each column: "n" for numbers, "s" for strings
---@return string
function rows_ahead_code.values(source, kinds)
  local names = {}
  for i = 1, #kinds do
    names[i] = "v" .. i
  end
  local values = table.concat(cells(kinds), ", ")
  return text_of(source, kinds, table.concat(names, ", "), values, "packed:values_at(i)")
end

local function text_of_rows(source, kinds, fields)
  local row = "{ " .. table.concat(fields, ", ") .. " }"
  return text_of(source, kinds, "row", row, "packed:row(i, format)")
end

--- The text of an iterator that gives lists.
---@param source "result"|"stream"
---@param kinds string
---@return string
function rows_ahead_code.lists(source, kinds)
  return text_of_rows(source, kinds, cells(kinds))
end

--- The text of an iterator that gives tables by name.
---@param source "result"|"stream"
---@param kinds string
---@param names string[] of the columns; the first of a name counts
---@return string
function rows_ahead_code.dicts(source, kinds, names)
  local fields, seen = {}, {}
  for i, cell in ipairs(cells(kinds)) do
    local name = names[i]
    if not seen[name] then
      seen[name] = true
      table.insert(fields, ("[%q] = %s"):format(name, cell))
    end
  end
  return text_of_rows(source, kinds, fields)
end

return rows_ahead_code
