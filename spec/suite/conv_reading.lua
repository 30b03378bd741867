--- Converters that read the rows which they are called for.

local assert = require("luassert")
local lunasa = require("lunasa")

---@param db spec.Database
return function(db)
  describe("a converter that reads", function()
    local VIEWS = {
      ["rows of a result"] = function(conn, sql)
        return conn:query(sql):rows()
      end,
      ["rows of a stream"] = function(conn, sql)
        local stream = conn:stream(sql)
        return function()
          return stream:fetch()
        end
      end,
    }

    --- Rows with a number, and with a text that is made by a converter.
    local function numbered(count)
      local parts = {}
      for i = 1, count do
        parts[i] = ("SELECT %d AS n, CONCAT('text ', %d) AS s"):format(i, i)
      end
      return table.concat(parts, " UNION ALL ")
    end

    for name, view in pairs(VIEWS) do
      db:it("gets " .. name .. ", and none is given twice", function()
        local next_row, has_asked, refused
        local seen, total = {}, 0
        local function note(row)
          if row then
            assert.is_nil(seen[row.n], "given twice")
            seen[row.n], total = true, total + 1
          end
          return row
        end
        local function ask(text)
          if text == "text 150" and not has_asked then
            has_asked = true
            note(next_row())
          end
          return text
        end
        local conn = db:connect({ conv = { [lunasa.FIELD_TYPE.VAR_STRING] = ask } })
        next_row = view(conn, numbered(300))
        repeat
          local ok, row = pcall(next_row)
          if not ok then
            assert.is_nil(refused)
            refused = row.message
          end
        until ok and not note(row)
        assert.equal(
          "rows were asked for while others were being made: "
            .. "do not read them in a converter or a finalizer",
          refused
        )
        assert.same({ true, 300 }, { has_asked, total })
      end)
    end
  end)
end
