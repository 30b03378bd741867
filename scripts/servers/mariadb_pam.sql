-- The users of MariaDB's PAM plugin, besides those of mariadb.sql. PAM asks one question, through
-- the client's plugin `dialog`, or with --pam-use-cleartext-plugin through `mysql_clear_password`.
-- See fetch-mariadb-plugins for the service and its password, which is pam-pw.

CREATE USER pam@'%' IDENTIFIED VIA pam USING 'lunasa';
-- PAM does not know this one.
CREATE USER pam_stranger@'%' IDENTIFIED VIA pam USING 'lunasa';

GRANT ALL ON test.* TO pam@'%', pam_stranger@'%';
