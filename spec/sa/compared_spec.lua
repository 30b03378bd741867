--- Statements of every construct, with the text and the parameters that SQLAlchemy gives for them:
--- the files of spec/sa/compared, in the form that spec/support/statements.lua reads.
local statements = require("spec.support.statements")
local tables = require("spec.support.shop_tables")

-- stylua: ignore
local THEMES = {
  "select", "labels", "expr", "func", "cast", "subq", "setop", "cte", "join", "lock", "in", "bind",
  "text", "literal", "json", "quote", "insert", "update", "delete", "upsert", "types", "naming",
  "mixed",
}

describe("as SQLAlchemy does", function()
  for _, theme in ipairs(THEMES) do
    local file = assert(io.open(("spec/sa/compared/%s.txt"):format(theme)))
    local text = file:read("*a")
    file:close()
    -- One test for a theme: there are more than a thousand statements.
    it("writes the statements of " .. theme, function()
      for _, check in statements(text, tables) do
        check()
      end
    end)
  end
end)
