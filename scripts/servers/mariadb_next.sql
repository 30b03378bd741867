-- The users that only a MariaDB of 11.8 or later has, besides those of mariadb.sql and
-- mariadb_ed25519.sql.

CREATE USER parsec@'%' IDENTIFIED VIA parsec USING PASSWORD('parsec-pw');
CREATE USER parsec_tls@'%' IDENTIFIED VIA parsec USING PASSWORD('parsec-pw') REQUIRE SSL;
CREATE USER parsec_utf8@'%' IDENTIFIED VIA parsec USING PASSWORD('pä$$wörd €😀');
CREATE USER parsec_empty@'%' IDENTIFIED VIA parsec USING PASSWORD('');
-- Two ways in: the server asks for the second after the first has failed.
CREATE USER parsec_or_native@'%' IDENTIFIED
  VIA parsec USING PASSWORD('parsec-pw') OR mysql_native_password USING PASSWORD('native-pw');

-- The user of the operating system who started the server, over the unix socket. Here the name may
-- be another one; older releases want both to be the same.
SET @create = CONCAT('CREATE USER sock@localhost IDENTIFIED VIA unix_socket AS ', QUOTE(@os_user));
EXECUTE IMMEDIATE @create;
GRANT ALL ON test.* TO sock@localhost;

GRANT ALL ON test.* TO
  parsec@'%', parsec_tls@'%', parsec_utf8@'%', parsec_empty@'%', parsec_or_native@'%';
