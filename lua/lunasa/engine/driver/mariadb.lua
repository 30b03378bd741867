--- MariaDB is reached as MySQL is: the server says which of the two it is.
return require("lunasa.engine.driver.mysql")
