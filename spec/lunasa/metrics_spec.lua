local exposition = require("spec.support.exposition")
local lunasa = require("lunasa")

local DURATION = "lunasa_command_duration_seconds"

local function refused(work, ...)
  local given = { ... }
  local ok, err = pcall(function()
    work(unpack(given))
  end)
  assert.is_false(ok)
  assert.equal("ArgumentError", err.class)
  assert.matches("metrics_spec.lua:%d+", err.position)
  return err.message
end

describe("lunasa.metrics", function()
  local function registry_with(events)
    local registry = lunasa.metrics()
    for _, event in ipairs(events) do
      registry:record(event)
    end
    return registry
  end

  it("begins with nothing", function()
    assert.equal("", lunasa.metrics():text())
  end)

  it("counts commands by pool, kind and outcome", function()
    local err = lunasa.exc.new("IntegrityError", "duplicate", { errno = 1062 })
    local text = registry_with({
      { kind = "query", duration = 0.001, rows = 2, warning_count = 1, pool = "a" },
      { kind = "query", duration = 0.001, rows = 3, pool = "a" },
      { kind = "execute", duration = 0.001, affected_rows = 7, pool = "a" },
      { kind = "execute", duration = 0.001, error = err, pool = "a" },
      { kind = "execute", duration = 0.001, error = "any value", pool = "a" },
      { kind = "query", duration = 0.001 },
    }):text()

    local function commands(pool, kind, outcome)
      local labels = { pool = pool, kind = kind, outcome = outcome }
      return exposition.value(text, "lunasa_commands_total", labels)
    end
    assert.equal(2, commands("a", "query", "ok"))
    assert.equal(1, commands("a", "execute", "ok"))
    assert.equal(1, commands("a", "execute", "IntegrityError"))
    assert.equal(1, commands("a", "execute", "other"))
    assert.equal(1, commands("", "query", "ok"))
    assert.equal(5, exposition.value(text, "lunasa_rows_total", { pool = "a" }))
    assert.equal(7, exposition.value(text, "lunasa_affected_rows_total", { pool = "a" }))
    assert.equal(1, exposition.value(text, "lunasa_warnings_total", { pool = "a" }))
    assert.equal(0, exposition.value(text, "lunasa_rows_total", { pool = "" }))
  end)

  it("has a histogram of durations", function()
    local text = registry_with({
      { kind = "query", duration = 0.0005 },
      { kind = "query", duration = 0.0006 },
      { kind = "query", duration = 0 },
      { kind = "query", duration = 3600 },
    }):text()

    local function bucket(bound)
      return exposition.value(text, DURATION .. "_bucket", { le = bound })
    end
    assert.equal("histogram", exposition.read(text)[DURATION].type)
    assert.same({ 2, 3, 3, 4 }, { bucket("0.0005"), bucket("0.001"), bucket("10"), bucket("+Inf") })
    assert.equal(4, exposition.value(text, DURATION .. "_count"))
    assert.is_true(math.abs(3600.0011 - exposition.value(text, DURATION .. "_sum")) < 1e-9)
  end)

  it("escapes what labels hold", function()
    local name = 'a"b\\c\nd\\n'
    local text = registry_with({ { kind = "query", duration = 0, pool = name } }):text()

    assert.equal(1, exposition.value(text, "lunasa_commands_total", { pool = name }))
  end)

  it("shows a byte that is not UTF-8 as '?', for else nothing could be read", function()
    local name = "caf\233 \195\169 \240\159\152\128 \237\160\128\255"
    local text = registry_with({ { kind = "query", duration = 0, pool = name } }):text()

    local shown = 'pool="caf? \195\169 \240\159\152\128 ????"'
    assert.is_not_nil(text:find(shown, 1, true))
  end)

  it("gives every line labels of the user", function()
    local registry = lunasa.metrics({ labels = { service = "shop", shard = 7 } })
    registry:record({ kind = "query", duration = 0 })
    local text = registry:text({ worker = 3 })

    local labels = { service = "shop", shard = "7", worker = "3" }
    assert.equal(1, exposition.value(text, "lunasa_commands_total", labels))
    assert.equal(1, exposition.value(text, DURATION .. "_count", labels))
  end)

  it("refuses what is no label, and its own", function()
    local registry = lunasa.metrics()
    for _, name in ipairs({ "", "1a", "a-b", "__a", "ü", 7 }) do
      assert.matches("no name for a label", refused(lunasa.metrics, { labels = { [name] = "x" } }))
      assert.matches("no name for a label", refused(registry.text, registry, { [name] = "x" }))
    end
    assert.matches("'pool' is lunasa's own", refused(lunasa.metrics, { labels = { pool = "x" } }))
    assert.matches("labels must be a table", refused(registry.text, registry, "x"))
    assert.matches("options must be a table", refused(lunasa.metrics, "x"))
    assert.matches("unknown option 'label'", refused(lunasa.metrics, { label = {} }))
  end)

  it("is the only thing that the option takes", function()
    for _, wrong in ipairs({ true, "x", {}, setmetatable({}, {}) }) do
      local ok, err = pcall(lunasa.create_pool, { host = "localhost", metrics = wrong })
      assert.is_false(ok)
      assert.matches("option 'metrics' must be what lunasa.metrics() makes", err.message, 1, true)
    end
  end)

  it("shows pools, the sum of those with the same name, for as long as they live", function()
    local registry = lunasa.metrics()
    local options = { host = "localhost", metrics = registry, name = "shop", maxsize = 7 }
    local one, two = lunasa.create_pool(options), lunasa.create_pool(options)
    local other = lunasa.create_pool({ host = "localhost", metrics = registry, maxsize = 0 })
    local text = registry:text()

    local function max(name)
      return exposition.value(text, "lunasa_pool_connections_max", { pool = name })
    end
    assert.same({ "shop", "shop" }, { one.name, two.name })
    assert.same({ 14, math.huge }, { max("shop"), max(other.name) })
    assert.equal(2, exposition.value(text, "lunasa_pool_connections_min", { pool = "shop" }))
    one, two, other = nil, nil, nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.is_nil(registry:text():find("pool_connections", 1, true))
  end)

  it("joins texts that differ in a label", function()
    local registry = registry_with({
      { kind = "query", duration = 1 },
      { kind = "ping", duration = 1, pool = "a" },
    })
    local one, two = registry:text({ worker = 0 }), registry:text({ worker = 1 })
    local text = lunasa.metrics.join({ one, "", two })

    local _, lines = (one .. two):gsub("\n[^#]", "")
    local _, joined = text:gsub("\n[^#]", "")
    assert.is_true(joined >= lines and #text < #one + #two)
    for worker = 0, 1 do
      local labels = { worker = tostring(worker), kind = "ping" }
      assert.equal(1, exposition.value(text, "lunasa_commands_total", labels))
    end
    assert.equal("", lunasa.metrics.join({}))
    assert.equal(one, lunasa.metrics.join({ one }))
  end)
end)
