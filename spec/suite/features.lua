--- In what the databases differ, as far as the suite can see it.

return {
  mariadb = {
    --- Accounts of scripts/servers/mariadb.sql: user, password, plugin.
    accounts = {
      { "native", "native-pw", "mysql_native_password" },
      { "nopw", "", "mysql_native_password" },
      { "utf8pw", "pä$$wörd €😀", "mysql_native_password" },
      { "longpw", ("x"):rep(300), "mysql_native_password" },
    },
    wrong_password = "native",
    locked_errno = 4151,
    has_vector = false,
    json_is_text = true,
    statement_timeout_errno = 1969,
    slow = "SELECT SLEEP(30)",
    max_execution_time = "SET STATEMENT max_statement_time = 0.05 FOR ",
  },
  mysql = {
    accounts = {
      { "sha2", "sha2-pw", "caching_sha2_password" },
      { "sha2empty", "", "caching_sha2_password" },
      { "sha256", "sha256-pw", "sha256_password" },
      { "utf8pw", "pä$$wörd €😀", "caching_sha2_password" },
      { "longpw", ("x"):rep(240), "caching_sha2_password" },
    },
    wrong_password = "sha2",
    locked_errno = 3118,
    has_vector = true,
    has_key_exchange = true,
    json_is_text = false,
    slow = "SELECT SLEEP(30)",
  },
}
