--- Clients that go away while their request waits: for the pool, in a login, a stream or a fence.
local nginx_server = require("spec.nginx.server")
local server = require("spec.support.server")

describe("a request of nginx that is aborted #live", function()
  nginx_server.on(function(nginx)
    setup(function()
      nginx:start()
    end)

    teardown(function()
      nginx:stop()
    end)

    server.each(function(db)
      local CASES = { { "pair", "stream" }, { "pair_plain", "fence" } }
      for _, case in ipairs(CASES) do
        local transport, what = unpack(case)
        it(("costs %s no connection, in a %s of %s"):format(db.name, what, transport), function()
          local pool = ("pool=%s_%s"):format(db.name, transport)
          for i = 1, 12 do
            nginx:abandon(("aborted_%s?%s"):format(what, pool), 0.005 + i * 0.004)
          end

          assert.same({ kept = 10, size = 2 }, nginx:get("after_abortions?" .. pool))
        end)
      end
    end)
  end)
end)
