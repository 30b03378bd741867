/// What a session logs in with: its own copy of the options, the secrets among them apart.
#pragma once

#include "mysql/session.h"

/// Checks what can be checked before anything is sent.
lun_status lun_mysql_login_check(const lun_options *options, lun_error *error);

/// Copies `given` into the session, in place of what is there: `given` may point into that. The
/// login that follows begins anew, on the same line. LUN_ERR_NOMEM leaves the session as it is.
lun_status lun_mysql_login_take(lun_mysql_session *session, const lun_options *given);
