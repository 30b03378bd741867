--- The rock lunasa-sa has the SQL language and what it needs, and nothing else.

--- What a rockspec says, which is Lua that sets globals.
local function rockspec(path)
  local said = {}
  setfenv(assert(loadfile(path)), said)()
  return said
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function files_of(folder)
  local pipe = assert(io.popen(("find %s -name '*.lua'"):format(folder)))
  local text = pipe:read("*a")
  pipe:close()
  return text:gmatch("%S+")
end

describe("the rock lunasa-sa", function()
  local files = {}
  for module, path in pairs(rockspec("rocks/lunasa-sa-scm-1.rockspec").build.install.lua) do
    files[path] = module
  end

  it("has every file under its own name", function()
    for path, module in pairs(files) do
      assert.equal("lua/" .. module:gsub("%.", "/") .. ".lua", path)
    end
    for _, folder in ipairs({ "lua/lunasa/sa", "lua/lunasa/dialects" }) do
      for path in files_of(folder) do
        assert.is_truthy(files[path], path .. " is missing")
      end
    end
  end)

  it("has what its files load", function()
    for path in pairs(files) do
      for name in read(path):gmatch('require%("(lunasa[%w_.]*)"') do
        local file = "lua/" .. name:gsub("%.", "/")
        local is_there = files[file .. ".lua"] or files[file .. "/init.lua"]
        assert(is_there, ("%s loads %s, which the rock has not"):format(path, name))
      end
    end
  end)

  it("has no file that the rock lunasa installs", function()
    local cmake = read("CMakeLists.txt")
    local listed = assert(cmake:match("/lunasa/%(([%w_|]+)%)%[%.%]lua"))
    for path in pairs(files) do
      local name = path:match("^lua/lunasa/([%w_]+)%.lua$")
      assert(not name or ("|" .. listed .. "|"):find("|" .. name .. "|", 1, true), path)
    end
  end)

  it("is needed by the rock lunasa", function()
    local needed = rockspec("rocks/lunasa-scm-1.rockspec").dependencies
    assert.equal("lunasa-sa", needed[2])
  end)
end)
