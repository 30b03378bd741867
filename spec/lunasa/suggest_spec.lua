local suggest = require("lunasa.suggest")

local NAMES = { "database", "host", "maxsize", "minsize", "unix_socket", "user" }

describe("lunasa.suggest", function()
  describe(".distance", function()
    for _, case in ipairs({
      { "", "", 0 },
      { "", "abc", 3 },
      { "user", "user", 0 },
      { "usr", "user", 1 },
      { "uesr", "user", 1 },
      { "usr", "host", 3 },
      { "ca", "abc", 3 },
    }) do
      it(("counts %d edits from '%s' to '%s'"):format(case[3], case[1], case[2]), function()
        assert.equal(case[3], suggest.distance(case[1], case[2]))
        assert.equal(case[3], suggest.distance(case[2], case[1]))
      end)
    end
  end)

  describe(".nearest", function()
    it("finds nothing for what is no string", function()
      assert.is_nil(suggest.nearest(1, NAMES))
      assert.is_nil(suggest.nearest(nil, NAMES))
    end)

    it("finds nothing when nothing is near", function()
      assert.is_nil(suggest.nearest("colour", NAMES))
      assert.is_nil(suggest.nearest("", NAMES))
      assert.is_nil(suggest.nearest("user", {}))
    end)

    it("does not compare names of hostile length", function()
      assert.is_nil(suggest.nearest(("user"):rep(1000), NAMES))
    end)

    it("forgives more in a long name", function()
      assert.equal("database", suggest.nearest("datbse", NAMES))
    end)

    it("prefers the nearer of two", function()
      assert.equal("maxsize", suggest.nearest("maxsiz", NAMES))
      assert.equal("minsize", suggest.nearest("minsiz", NAMES))
    end)

    it("ignores case and the choice of separator", function()
      assert.equal("unix_socket", suggest.nearest("Unix-Socket", NAMES))
    end)
  end)

  describe(".phrase", function()
    it("ends a message", function()
      assert.equal(" — did you mean 'user'?", suggest.phrase("usr", NAMES))
    end)

    it("is empty when nothing is near", function()
      assert.equal("", suggest.phrase("colour", NAMES))
    end)
  end)
end)
