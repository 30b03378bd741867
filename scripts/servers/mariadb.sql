-- The users of the throwaway MariaDB: one for every way in, and for every way to be refused.

CREATE DATABASE test CHARACTER SET utf8mb4;

-- root@localhost exists. Without name resolution 127.0.0.1 is a host of its own.
CREATE USER IF NOT EXISTS root@'127.0.0.1';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;

CREATE USER native@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('native-pw');
CREATE USER nopw@'%' IDENTIFIED BY '';
CREATE USER utf8pw@'%' IDENTIFIED BY 'pä$$wörd €😀';
CREATE USER tls@'%' IDENTIFIED BY 'tls-pw' REQUIRE SSL;
CREATE USER x509@'%' IDENTIFIED BY 'x509-pw' REQUIRE X509;
CREATE USER expired@'%' IDENTIFIED BY 'expired-pw' PASSWORD EXPIRE;
CREATE USER locked@'%' IDENTIFIED BY 'locked-pw' ACCOUNT LOCK;
EXECUTE IMMEDIATE CONCAT('CREATE USER longpw@''%'' IDENTIFIED BY ''', REPEAT('x', 300), '''');

GRANT ALL ON test.* TO
  native@'%', nopw@'%', utf8pw@'%', tls@'%', x509@'%', expired@'%', locked@'%', longpw@'%';

-- Sees no database but its own.
CREATE DATABASE home CHARACTER SET utf8mb4;
CREATE USER home@'%' IDENTIFIED BY 'home-pw';
GRANT ALL ON home.* TO home@'%';
