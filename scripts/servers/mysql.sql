-- The users of the throwaway MySQL: one for every way in, and for every way to be refused.

CREATE DATABASE test CHARACTER SET utf8mb4;

-- root@localhost exists. Without name resolution 127.0.0.1 is a host of its own.
CREATE USER root@'127.0.0.1' IDENTIFIED BY '';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;

CREATE USER sha2@'%' IDENTIFIED WITH caching_sha2_password BY 'sha2-pw';
CREATE USER sha2empty@'%' IDENTIFIED WITH caching_sha2_password BY '';
CREATE USER utf8pw@'%' IDENTIFIED BY 'pä$$wörd €😀';
CREATE USER tls@'%' IDENTIFIED BY 'tls-pw' REQUIRE SSL;
CREATE USER x509@'%' IDENTIFIED BY 'x509-pw' REQUIRE X509;
CREATE USER expired@'%' IDENTIFIED BY 'expired-pw' PASSWORD EXPIRE;
CREATE USER locked@'%' IDENTIFIED BY 'locked-pw' ACCOUNT LOCK;
SET @create = CONCAT('CREATE USER longpw@''%'' IDENTIFIED BY ''', REPEAT('x', 240), '''');
PREPARE create_longpw FROM @create;
EXECUTE create_longpw;

-- Deprecated; where it is gone the user has the default plugin.
SET @plugin = IF(
  EXISTS (SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'sha256_password'),
  'sha256_password', 'caching_sha2_password');
SET @create = CONCAT('CREATE USER sha256@''%'' IDENTIFIED WITH ', @plugin, ' BY ''sha256-pw''');
PREPARE create_sha256 FROM @create;
EXECUTE create_sha256;

-- The user of the operating system who started the server, over the unix socket: alone, and as the
-- second factor after the password `mfa-pw`.
SET @create = CONCAT('CREATE USER sock@localhost IDENTIFIED WITH auth_socket AS ', QUOTE(@os_user));
PREPARE create_sock FROM @create;
EXECUTE create_sock;
SET @create = CONCAT(
  'CREATE USER mfa@localhost IDENTIFIED WITH caching_sha2_password BY ''mfa-pw''',
  ' AND IDENTIFIED WITH auth_socket AS ', QUOTE(@os_user));
PREPARE create_mfa FROM @create;
EXECUTE create_mfa;
-- Both passwords open it.
CREATE USER two_passwords@'%' IDENTIFIED BY 'old-pw';
ALTER USER two_passwords@'%' IDENTIFIED BY 'new-pw' RETAIN CURRENT PASSWORD;

GRANT ALL ON test.* TO sock@localhost, mfa@localhost, two_passwords@'%';
GRANT ALL ON test.* TO
  sha2@'%', sha2empty@'%', sha256@'%', utf8pw@'%', tls@'%', x509@'%', expired@'%',
  locked@'%', longpw@'%';

-- Sees no database but its own.
CREATE DATABASE home CHARACTER SET utf8mb4;
CREATE USER home@'%' IDENTIFIED BY 'home-pw';
GRANT ALL ON home.* TO home@'%';
