--- Captured conversations with real servers: spec/fixtures/*.hex.
---
--- A line is one of
---
---     # a comment, also behind hex digits
---     server            a packet of the server's; its bytes follow, indented
---     client            a packet of ours
---     ask SELECT 1      the statement that our next packets are for; `ask !ping` is a command
---     tls               from here on inside TLS
---     hangup            the server closed the connection

---@class spec.Step
---@field who "server"|"client"|"ask"|"tls"|"hangup"
---@field bytes string frame and payload; for `ask` the statement

local fixture = {}

local loaded = {}

local function hex_bytes(line)
  local bytes = {}
  for digits in line:gsub("#.*", ""):gmatch("%x%x") do
    table.insert(bytes, string.char(tonumber(digits, 16)))
  end
  return table.concat(bytes)
end

--- Reads a conversation.
---@param name string of the file, without .hex
---@return spec.Step[]
function fixture.load(name)
  if loaded[name] then
    return loaded[name]
  end
  local steps = {}
  for line in io.lines("spec/fixtures/" .. name .. ".hex") do
    local who, rest = line:match("^(%l+) ?(.*)$")
    if who then
      table.insert(steps, { who = who, bytes = rest })
    elseif line:find("^ ") then
      local step = steps[#steps]
      step.bytes = step.bytes .. hex_bytes(line)
    end
  end
  loaded[name] = steps
  return steps
end

--- Gives the payload of the server's n-th packet.
---@param name string
---@param n integer
---@return string
function fixture.server(name, n)
  for _, step in ipairs(fixture.load(name)) do
    if step.who == "server" then
      n = n - 1
    end
    if n == 0 then
      return step.bytes:sub(5)
    end
  end
  error("no such packet in " .. name)
end

--- Gives the payloads of the server's packets in answer to a statement.
---@param name string
---@param statement string its beginning
---@return string[]
function fixture.answer(name, statement)
  local payloads
  for _, step in ipairs(fixture.load(name)) do
    if step.who == "ask" then
      if payloads then
        return payloads
      elseif step.bytes:sub(1, #statement) == statement then
        payloads = {}
      end
    elseif payloads and step.who == "server" then
      table.insert(payloads, step.bytes:sub(5))
    end
  end
  return payloads or error("nobody asks for " .. statement .. " in " .. name)
end

return fixture
