/// TLS without configuration (MariaDB 11.4): a server whose certificate nobody vouches for proves
/// that it knows the account's password, and so that nobody is in between.
#pragma once

#include "mysql/session.h"

/// Whether the server, going by its greeting, is one that proves.
bool lun_mysql_server_can_prove(const lun_mysql_session *session);

/// Before the login: the certificate is not verified (`doubt` says why, in words) and must be, or
/// else the server must prove. Fails where it cannot. From here on only plugins answer that make a
/// proof possible.
lun_status lun_mysql_begin_proof(lun_mysql_session *session, const char *doubt);

/// After the login, before anything else is sent, while the password is still there: compares the
/// proof in the `info` of the OK. Fails where it is needed and wrong or missing; where it is right,
/// the connection counts as verified.
lun_status lun_mysql_check_proof(lun_mysql_session *session, lun_view info);
