--- Streams of nginx, where a real socket would have to take its time to connect.
local stream = require("lunasa.runtime.ngx_stream")

--- A socket that suspends while it connects, as a cosocket does.
local function new_socket()
  local is_connected = false
  return {
    settimeouts = function() end,
    connect = function()
      coroutine.yield()
      is_connected = true
      return 1
    end,
    getreusedtimes = function()
      if is_connected then
        return 0
      end
      return nil, "closed"
    end,
    setkeepalive = function()
      is_connected = false
      return 1
    end,
    disconnect = function()
      is_connected = false
    end,
  }
end

describe("a stream of nginx", function()
  local socket

  local host = {
    now = os.clock,
    tcp = function()
      socket = new_socket()
      return socket
    end,
  }

  local function open()
    local opening = coroutine.create(stream.open)
    assert(coroutine.resume(opening, host, stream.address({ host = "h", port = "1" }), "key"))
    return select(2, assert(coroutine.resume(opening)))
  end

  it("is an orphan when its request closed the socket", function()
    local opened = open()
    assert.is_false(opened:is_orphan())

    socket.disconnect()
    assert.is_true(opened:is_orphan())
  end)

  it("is no orphan while it is parked, nor while it connects again", function()
    local opened = open()
    assert.is_true(opened:park())
    assert.is_false(opened:is_orphan())

    local resuming = coroutine.create(opened.resume)
    assert(coroutine.resume(resuming, opened))
    assert.is_false(opened:is_orphan())

    local _, is_same, fresh = coroutine.resume(resuming)
    assert.is_false(is_same)
    assert.is_false(fresh:is_orphan())
  end)
end)
