--- Iterating over a stream.
local rows_ahead = require("lunasa.rows_ahead")

local stream_rows = {}

--- Adds its methods to the class of streams.
---@param Stream lunasa.Stream the class
---@param rewind fun(stream: lunasa.Stream) gives back rows that were made and not given
---@param find_rows fun(stream: lunasa.Stream): boolean waits for the next row
function stream_rows.add(Stream, rewind, find_rows)
  local function plain_values(self)
    local packed, done
    return function()
      if self.packed ~= packed or self.done ~= done or done == self.count or self.open.ended then
        rewind(self)
        if not find_rows(self) then
          return nil
        end
        packed, done = self.packed:step(), self.done
      end
      done = done + 1
      self.done = done
      return packed:values_at(done)
    end
  end

  local function plain_rows(self)
    return function()
      local row = Stream.fetch(self)
      return row
    end
  end

  --- Iterates over the rows that are left: `for row in stream:rows() do`.
  ---@return fun(stream: lunasa.Stream): table?
  ---@return lunasa.Stream
  function Stream:rows()
    local next_row = rows_ahead.stream_rows(self, plain_rows, rewind, find_rows)
    return next_row or Stream.fetch, self
  end

  --- Iterates over the values of the rows that are left: `for id, name in stream:values() do`. NULL
  --- is always lunasa.null.
  ---@return fun(): any ...
  function Stream:values()
    local next_values = rows_ahead.stream_values(self, plain_values, rewind, find_rows)
    return next_values or plain_values(self)
  end
end

return stream_rows
