-- The users of MariaDB's ed25519 plugin (package mariadb-server), besides those of mariadb.sql.

CREATE USER ed25519@'%' IDENTIFIED VIA ed25519 USING PASSWORD('ed25519-pw');
CREATE USER ed25519_tls@'%' IDENTIFIED VIA ed25519 USING PASSWORD('ed25519-pw') REQUIRE SSL;
CREATE USER ed25519_utf8@'%' IDENTIFIED VIA ed25519 USING PASSWORD('pä$$wörd €😀');
-- Two ways in: the server asks for the second after the first has failed.
CREATE USER ed25519_or_native@'%' IDENTIFIED
  VIA ed25519 USING PASSWORD('ed25519-pw') OR mysql_native_password USING PASSWORD('native-pw');
-- Can be made, but the server lets nobody in.
CREATE USER ed25519_empty@'%' IDENTIFIED VIA ed25519 USING PASSWORD('');

GRANT ALL ON test.* TO
  ed25519@'%', ed25519_tls@'%', ed25519_utf8@'%', ed25519_or_native@'%', ed25519_empty@'%';
