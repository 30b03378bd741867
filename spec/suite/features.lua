--- In what the databases differ, as far as the suite can see it.

---@class spec.Features: { [string]: any }

---@type table<string, spec.Features> by the name of the server
local features = {
  mariadb = {
    --- Accounts of scripts/servers/mariadb.sql: user, password, plugin.
    accounts = {
      { "native", "native-pw", "mysql_native_password" },
      { "nopw", "", "mysql_native_password" },
      { "utf8pw", "pä$$wörd €😀", "mysql_native_password" },
      { "longpw", ("x"):rep(300), "mysql_native_password" },
      { "ed25519", "ed25519-pw", "client_ed25519" },
      { "ed25519_utf8", "pä$$wörd €😀", "client_ed25519" },
      { "ed25519_or_native", "ed25519-pw", "client_ed25519" },
      { "ed25519_or_native", "native-pw", "mysql_native_password" },
    },
    --- An account whose password itself the server wants.
    has_pam = true,
    has_returning = true,
    wrong_password = "native",
    compressions = { "zlib" },
    tells_json = true,
    collations = { "utf8mb4_bin", "utf8mb4_unicode_520_ci", "utf8mb4_uca1400_ai_ci" },
    locked_errno = 4151,
    --- Types of its own: type, SQL, value in Lua.
    own_types = {
      {
        "UUID",
        "'123e4567-e89b-12d3-a456-426655440000'",
        "123e4567-e89b-12d3-a456-426655440000",
      },
      { "INET6", "'::ffff:192.0.2.1'", "::ffff:192.0.2.1" },
      { "INET4", "'192.0.2.1'", "192.0.2.1" },
    },
    limit_errno = 1969,
    limits_all = true,
    slow = "SELECT SLEEP(30)",
    --- Ends with an error when it is killed, which SLEEP alone does not.
    slow_table = "SELECT SLEEP(30) FROM information_schema.tables",
  },
  mysql = {
    accounts = {
      { "sha2", "sha2-pw", "caching_sha2_password" },
      { "sha2empty", "", "caching_sha2_password" },
      { "utf8pw", "pä$$wörd €😀", "caching_sha2_password" },
      { "longpw", ("x"):rep(240), "caching_sha2_password" },
      { "sha256", "sha256-pw", "sha256_password" },
    },
    wrong_password = "sha2",
    compressions = { "zlib", "zstd" },
    collations = { "utf8mb4_bin", "utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs" },
    locked_errno = 3118,
    has_key_exchange = true,
    has_row_alias = true,
    --- An account with two factors, of which the second is the user of the operating system.
    has_factors = true,
    tells_json = true,
    own_types = {
      { "VECTOR(2)", "STRING_TO_VECTOR('[1, 2]')", "\0\0\128\63\0\0\0\64" },
    },
    limit_errno = 3024,
    limits_all = false,
    has_query_attributes = true,
    slow = "SELECT SLEEP(30)",
    --- Ends with an error when it is killed, which SLEEP alone does not.
    slow_table = "SELECT SLEEP(30) FROM information_schema.tables",
  },
}

local function joined(list, more)
  local all = {}
  for _, part in ipairs({ list, more }) do
    for _, item in ipairs(part) do
      table.insert(all, item)
    end
  end
  return all
end

--- What another one has, and more.
---@param base spec.Features
---@param more spec.Features
---@return spec.Features
local function with(base, more)
  return setmetatable(more, { __index = base })
end

features.mariadb_next = with(features.mariadb, {
  accounts = joined(features.mariadb.accounts, {
    { "parsec", "parsec-pw", "parsec" },
    { "parsec_utf8", "pä$$wörd €😀", "parsec" },
  }),
  --- Over TLS the server closes the connection after a password that parsec refused.
  two_ways = { "parsec_or_native", "parsec-pw", "native-pw" },
  has_pam = false,
})

return features
