--- Option files, as MySQL's programs read them.
local option_file = require("lunasa.option_file")
local options = require("lunasa.options")

local folder

local function shell(command)
  assert(os.execute(command) == 0 or os.execute(command) == true)
end

--- Writes a file and gives its path.
local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  os.execute(("chmod 600 '%s'"):format(path))
  return path
end

--- Reads a text as a file: values by name, the last one winning.
local function read(text, group)
  local found, problem = option_file.read(write("my.cnf", text), group)
  if not found then
    return nil, problem
  end
  local values = {}
  for _, option in ipairs(found) do
    values[option.name] = option.value
  end
  return values
end

describe("an option file", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    shell(("mkdir '%s'"):format(folder))
  end)

  teardown(function()
    shell(("rm -r '%s'"):format(folder))
  end)

  it("has groups, of which those of clients count", function()
    local text = "[mysqld]\nport=1\n[client]\nuser=a\n[client-server]\nhost=b\n"
      .. "[client-mariadb]\ndatabase=c\n[mysql]\nuser=d\n[app]\nport=7\n"
    assert.same({ user = "a", host = "b", database = "c" }, read(text))
    assert.same({ user = "a", host = "b", database = "c", port = "7" }, read(text, "app"))
  end)

  it("is won by the later entry, whatever its group", function()
    assert.equal("b", read("[app]\nuser=a\n[client]\nuser=b\n", "app").user)
    assert.equal("c", read("[client]\nuser=a\n[app]\nuser=b\nuser=c\n", "app").user)
  end)

  it("forgives blanks, and takes - and _ for the same", function()
    local text = " \t[ client ] \n  default_character-set  =  latin1  \n\tUSER=x\n"
    assert.same({ charset = "latin1", user = "x" }, read(text))
  end)

  it("has comments at the start of a line and behind a value", function()
    local text =
      "# one\n; two\n[client] # three\nuser=a # four\npassword='#5' # six\ndatabase=a;b\n"
    assert.same({ user = "a", password = "#5", database = "a;b" }, read(text))
  end)

  it("has quotes and escapes", function()
    for written, value in pairs({
      [ [["a b"]] ] = "a b",
      [ [[' a ']] ] = " a ",
      [ [["a\"b"]] ] = [[a"b]],
      [ [["a]] ] = [["a]],
      [ [[a"b"]] ] = [[a"b"]],
      [ [[\s\t\n\r\b\\]] ] = " \t\n\r\b\\",
      [ [[\d\x]] ] = [[\d\x]],
      [ [["\#"]] ] = [[\#]],
      [ [[a = b = c]] ] = "a = b = c",
      [""] = "",
      [ [[""]] ] = "",
      ["пароль"] = "пароль",
    }) do
      assert.equal(value, read("[client]\npassword = " .. written).password)
    end
  end)

  it("ends its lines in either way, the last one in none", function()
    assert.same({ user = "a", host = "b" }, read("[client]\r\nuser=a\r\nhost=b"))
    assert.same({}, read(""))
  end)

  it("has options without a value, and prefixes that switch", function()
    assert.same({ compress = true }, read("[client]\ncompress\n"))
    assert.same({ compress = false }, read("[client]\ncompress\nskip-compress\n"))
    assert.same({ compress = false }, read("[client]\ncompress=0\n"))
    assert.same({ compress = true }, read("[client]\nenable-compress\n"))
    assert.same({ local_infile = true }, read("[client]\nloose-local-infile=ON\n"))
    assert.same({ ssl_mode = "required" }, read("[client]\nssl\n"))
    assert.same({ ssl_mode = "disabled" }, read("[client]\nskip-ssl\n"))
    assert.same({ ssl_mode = "verify-identity" }, read("[client]\nssl-verify-server-cert\n"))
    assert.same({}, read("[client]\npassword\nssl-verify-server-cert=OFF\n"))
  end)

  it("reads sizes with a unit", function()
    local sizes = { ["16M"] = "16777216", ["1G"] = "1073741824", ["4k"] = "4096", ["77"] = "77" }
    for written, bytes in pairs(sizes) do
      local values = read("[client]\nmax_allowed_packet=" .. written)
      assert.equal(bytes, values.max_allowed_packet)
    end
  end)

  it("ignores what other programs understand", function()
    local text = "[client]\nprompt=x\nno-auto-rehash\nsafe-updates=1\ndefault-character-set=auto\n"
    assert.same({}, read(text))
  end)

  it("includes files, and the .cnf files of folders in their order", function()
    shell(("mkdir '%s/conf.d'"):format(folder))
    write("conf.d/b.cnf", "[client]\nuser=b\n")
    write("conf.d/a.cnf", "[client]\nuser=a\nhost=a\n")
    write("conf.d/c.txt", "nonsense")
    local other = write("other.cnf", "[client]\nport=7\n")
    local text = ("[client]\n!include %s\nsocket=/s\n!includedir %s/conf.d\n"):format(other, folder)

    local expected = { user = "b", host = "a", port = "7", unix_socket = "/s" }
    assert.same(expected, read(text))
  end)

  it("refuses files that include one another for ever", function()
    local path = folder .. "/my.cnf"
    local found, problem = read(("!include %s\n"):format(path))

    assert.is_nil(found)
    assert.matches("more than 10 deep", problem)
  end)

  it("says where it is broken, and keeps values to itself", function()
    for text, words in pairs({
      ["user=secret\n"] = ":1: .*before the first group",
      ["[client\nuser=secret\n"] = ":1: .*']'",
      ["[client]\n\nuser name=secret\n"] = ":3: the line is no option",
      ["[client]\n=secret\n"] = ":2: the line is no option",
      ["!nonsense secret\n"] = ":1: '!' begins",
      ["[client]\n!include\n"] = ":2: '!' begins",
      ["[client]\n!includedir /no/such\n"] = ":2: No such file",
      ["!include /no/such\n"] = "/no/such: No such file",
    }) do
      local found, problem = read(text)
      assert.is_nil(found)
      assert.matches(words, problem)
      assert.is_nil(problem:find("secret", 1, true))
    end
  end)

  it("is refused when everybody may write to it", function()
    local path = write("open.cnf", "[client]\nuser=a\n")
    shell(("chmod 666 '%s'"):format(path))
    local found, problem = option_file.read(path)

    assert.is_nil(found)
    assert.matches("everybody may write", problem)
  end)

  it("is refused when it is no file, or too large", function()
    assert.matches("it is no file", select(2, option_file.read(folder)))
    assert.matches("it is no file", select(2, option_file.read("/dev/zero")))
    assert.matches("No such file", select(2, option_file.read(folder .. "/none")))
    local large = write("large.cnf", ("#"):rep(1024 * 1024 + 1))
    assert.matches("larger than 1 MiB", select(2, option_file.read(large)))
  end)

  it("may hold any bytes", function()
    for byte = 0, 255 do
      local text = "[client]\nuser=" .. string.char(byte) .. "\n" .. string.char(byte):rep(3)
      local ok = pcall(read, text)
      assert.is_true(ok)
    end
  end)
end)

describe("read_default_file", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    shell(("mkdir '%s'"):format(folder))
    options.set_option_file_reader(option_file.read)
  end)

  teardown(function()
    shell(("rm -r '%s'"):format(folder))
  end)

  local function config(text, given)
    given = given or {}
    given.read_default_file = write("my.cnf", text)
    return options.connect(given)
  end

  local function problem_of(text, given)
    local ok, err = pcall(config, text, given)
    assert.is_false(ok)
    return err.message
  end

  it("fills what was not given", function()
    local text = "[client]\nuser=a\npassword=b\nhost=h\nport=7\nconnect-timeout=3\n"
    local found = config(text, { user = "mine" })

    assert.equal("mine", found.user)
    assert.equal("b", found.password)
    assert.equal("h", found.host)
    assert.equal(7, found.port)
    assert.equal(3, found.connect_timeout)
  end)

  it("reads another group when asked to", function()
    local text = "[client]\nuser=a\n[app]\nuser=b\n"
    assert.equal("b", config(text, { read_default_group = "app" }).user)
    assert.equal("a", config(text).user)
  end)

  it("chooses between host and socket as programs do", function()
    assert.equal("/s", config("[client]\nsocket=/s\n").unix_socket)
    assert.equal("/s", config("[client]\nhost=localhost\nsocket=/s\n").unix_socket)
    assert.is_nil(config("[client]\nhost=db\nsocket=/s\n").unix_socket)
    assert.is_nil(config("[client]\nsocket=/s\n", { host = "db" }).unix_socket)
    assert.equal("db", config("[client]\nsocket=/s\n", { host = "db" }).host)
  end)

  it("gives way to TLS that was given", function()
    local text = "[client]\nssl-mode=DISABLED\nssl-ca=/ca\n"
    assert.equal("disabled", config(text).ssl.mode)
    assert.equal("/ca", config(text).ssl.ca)
    assert.same({ mode = "verify-identity" }, config(text, { ssl = true }).ssl)
  end)

  it("says where a value is wrong, but not which", function()
    assert.matches("my%.cnf:2: option 'port'", problem_of("[client]\nport=secret\n"))
    assert.is_nil(problem_of("[client]\nport=secret\n"):find("secret", 1, true))
    assert.matches("option file .*my%.cnf:1:", problem_of("user=a\n"))
  end)

  it("is not read unless asked for", function()
    local ok, err = pcall(options.connect, { host = "h", read_default_group = "app" })
    assert.is_false(ok)
    assert.matches("needs read_default_file", err.message)
    assert.is_true(pcall(options.connect, { host = "h" }))
  end)
end)
