--- Tasks that do all that lunasa.sync offers in a random order, and are cancelled and timed out in
--- the middle of it. Afterwards nothing is lost: no value, no permit, no waiting task.
local lunasa = require("lunasa")
local sync = require("spec.support.sync")
local task = require("spec.support.task")

local TASKS = 40
local STEPS = 60

--- Numbers from a seed, the same everywhere.
local function generator(seed)
  return function(most)
    seed = (seed * 16807) % 2147483647
    return seed % most + 1
  end
end

--- Lets time pass, or not.
local function pause(random)
  local kind = random(3)
  if kind == 1 then
    lunasa.sleep(0)
  elseif kind == 2 then
    lunasa.sleep(random(10) / 10000)
  end
end

--- A time to wait: none, some, or until it is given.
local function some_time(random)
  local kind = random(4)
  return kind > 2 and random(kind == 3 and 1 or 20) / 10000 or nil
end

local function is_expected(err)
  return lunasa.is_error(err, "TimeoutError") or lunasa.is_error(err, "CancelledError")
end

--- Calls, and tells whether it raised no timeout or cancellation; anything else is raised.
local function attempt(work, ...)
  local ok, result = pcall(work, ...)
  if not ok and not is_expected(result) then
    error(result, 0)
  end
  return ok, result
end

--- What a round has: the counts are of operations that did not raise.
local function new_world(random)
  return {
    random = random,
    channel = lunasa.channel(random(4) - 1),
    semaphore = lunasa.semaphore(random(3)),
    event = lunasa.event(),
    sent = 0,
    received = 0,
    inside = 0,
  }
end

local steps = {
  function(world)
    if attempt(world.channel.send, world.channel, 1, some_time(world.random)) then
      world.sent = world.sent + 1
    end
  end,
  function(world)
    local ok, value = attempt(world.channel.receive, world.channel, some_time(world.random))
    world.received = world.received + (ok and value or 0)
  end,
  function(world)
    attempt(world.semaphore.with, world.semaphore, { timeout = some_time(world.random) }, function()
      world.inside = world.inside + 1
      assert(world.inside <= world.semaphore.limit)
      local ok, err = pcall(pause, world.random)
      world.inside = world.inside - 1
      if not ok then
        error(err, 0)
      end
    end)
  end,
  function(world)
    if attempt(world.semaphore.acquire, world.semaphore, some_time(world.random)) then
      attempt(pause, world.random)
      world.semaphore:release()
    end
  end,
  function(world)
    if world.random(2) == 1 then
      world.event:set()
      world.event:clear()
    else
      attempt(world.event.wait, world.event, 0.001)
    end
  end,
  function(world)
    attempt(lunasa.group, { timeout = some_time(world.random) }, function(group)
      for _ = 1, world.random(3) do
        group:spawn(pause, world.random)
      end
      if world.random(3) == 1 then
        group:cancel()
      end
      pause(world.random)
    end)
  end,
}

--- Cancels one task after the other until all are done; whoever waits for ever is ended by that.
local function disturb(tasks, random)
  local is_left = true
  while is_left do
    is_left = false
    for _, member in ipairs(tasks) do
      is_left = is_left or not member.done
    end
    for _ = 1, 5 do
      tasks[random(#tasks)]:cancel()
    end
    pause(random)
  end
end

local function run_round(seed)
  local random = generator(seed)
  local world, tasks = new_world(random), {}
  for i = 1, TASKS do
    tasks[i] = lunasa.spawn(function()
      for _ = 1, STEPS do
        steps[random(#steps)](world)
      end
    end)
  end
  disturb(tasks, random)
  for _, member in ipairs(tasks) do
    attempt(member.join, member)
  end
  return world
end

describe("channels, semaphores, events and groups", function()
  for seed = 1, 8 do
    it(
      "lose nothing when they are used and cancelled at random, seed " .. seed,
      task(function()
        local world = run_round(seed * 7919)

        assert.equal(world.semaphore.limit, world.semaphore.free)
        assert.equal(0, world.inside)
        assert.equal(world.sent, world.received + world.channel.count)
        assert.matches("waiting 0", tostring(world.semaphore), 1, true)
        assert.matches("waiting 0", tostring(world.event), 1, true)
        assert.is_true(world.sent > 0)
      end)
    )
  end

  it(
    "end by themselves when nobody is cancelled",
    task(function()
      local channel, semaphore = lunasa.channel(3), lunasa.semaphore(2)
      local total = 0
      lunasa.group({ timeout = 60 }, function(group)
        lunasa.group(function(producers)
          for i = 1, 4 do
            group:spawn(function()
              for value in channel:values() do
                total = total + value
              end
            end)
            producers:spawn(function()
              for j = 1, 500 do
                semaphore:with(function()
                  if (i + j) % 7 == 0 then
                    lunasa.sleep(0)
                  end
                  channel:send(j)
                end)
              end
            end)
          end
        end)
        channel:close()
      end)

      assert.equal(4 * 500 * 501 / 2, total)
      assert.equal(2, semaphore.free)
      sync.settle()
    end)
  )
end)
