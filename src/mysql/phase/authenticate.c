// The dialogue of the authentication plugins, and what follows a successful login.
#include "mysql/capability.h"
#include "mysql/proof.h"
#include "mysql/session.h"

#include <stdlib.h>

static lun_status reply_with(lun_mysql_session *session, lun_buffer *answer) {
  lun_status status = answer->status;
  if (status == LUN_OK) {
    status = lun_mysql_session_reply(session, lun_buffer_bytes(answer));
  }
  lun_mysql_buffer_cleanse(answer);
  return status == LUN_OK ? LUN_OK : lun_mysql_session_fail(session, status, "out of memory");
}

// Legal servers ask for another plugin once, MariaDB once for each way into the account.
enum { MOST_SWITCHES = 2 };

// Answers for the plugin that the server names, with the challenge that it sends.
static lun_status begin(lun_mysql_session *session, lun_view packet, const char *name) {
  lun_mysql_auth_switch request;
  lun_status status = lun_mysql_auth_switch_decode(packet, &request);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, name);
  }
  lun_error error;
  lun_buffer answer = {0};
  status = lun_mysql_auth_choose(session->auth, request.auth_plugin, &error);
  if (status == LUN_OK) {
    status = lun_mysql_auth_begin(session->auth, request.data, &answer, &error);
  }
  if (status != LUN_OK) {
    lun_mysql_buffer_cleanse(&answer);
    return lun_mysql_session_fail_with(session, &error);
  }
  return reply_with(session, &answer);
}

static lun_status on_auth_switch(lun_mysql_session *session, lun_view packet) {
  if (packet.size == 1) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_AUTH,
                                  "the server asks for mysql_old_password, which is not safe: give "
                                  "the account a new password");
  }
  if (++session->auth->switches > MOST_SWITCHES) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server asked for another authentication plugin more than %d "
                                  "times during the login",
                                  MOST_SWITCHES);
  }
  session->auth->is_behind_parsec = session->auth->plugin == &LUN_MYSQL_PARSEC;
  return begin(session, packet, "Protocol::AuthSwitchRequest");
}

// Protocol::AuthNextFactor: the account has one more password.
static lun_status on_next_factor(lun_mysql_session *session, lun_view packet) {
  lun_mysql_auth *auth = session->auth;
  if (auth->factor + 1 >= LUN_MAX_FACTORS) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server asked for more than %d passwords during the login",
                                  LUN_MAX_FACTORS);
  }
  auth->password = session->options.more_passwords[auth->factor++];
  auth->switches = 0;
  if (auth->password.size == 0) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_AUTH,
                                  "the account has a further password: give option password%d",
                                  auth->factor + 1);
  }
  return begin(session, packet, "Protocol::AuthNextFactor");
}

static lun_status on_data(lun_mysql_session *session, lun_view data) {
  lun_mysql_auth *auth = session->auth;
  if (!auth->plugin->more) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "malformed packet: unexpected data in %s", auth->plugin->name);
  }
  lun_error error;
  lun_buffer answer = {0};
  bool has_answer = false;
  if (auth->plugin->more(auth, data, &answer, &has_answer, &error) != LUN_OK) {
    lun_mysql_buffer_cleanse(&answer);
    return lun_mysql_session_fail_with(session, &error);
  }
  return has_answer ? reply_with(session, &answer) : LUN_OK;
}

// Protocol::AuthMoreData: the plugin goes on. MariaDB puts its 0x01 in front only of what could be
// taken for something else.
static lun_status on_more_data(lun_mysql_session *session, lun_view packet) {
  if (packet.size > 0 && packet.data[0] == LUN_MYSQL_HEADER_MORE_DATA) {
    lun_view_drop(&packet, 1);
  } else if (packet.size == 0 || !session->auth->plugin->takes_raw_data) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "malformed packet from the server during the login");
  }
  return on_data(session, packet);
}

static lun_status on_login_ok(lun_mysql_session *session, lun_view packet) {
  lun_mysql_ok ok;
  lun_status status = lun_mysql_ok_decode(packet, session->capabilities, &ok);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "OK_Packet");
  }
  if (lun_mysql_check_proof(session, ok.info) != LUN_OK) {
    return session->base.status;
  }
  lun_mysql_session_note_status(session, ok.status_flags);
  if (lun_mysql_session_note_state(session, ok.session_state) != LUN_OK) {
    return session->base.status;
  }
  return lun_mysql_logged_in(session);
}

static lun_status on_login_error(lun_mysql_session *session, lun_view packet) {
  lun_mysql_err err;
  lun_error error;
  lun_status status = lun_mysql_err_decode(packet, &err);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "ERR_Packet");
  }
  lun_error_set_server(&error, err.code, err.sqlstate, err.message);
  return lun_mysql_session_fail_with(session, &error);
}

lun_status lun_mysql_on_auth(lun_mysql_session *session, lun_view packet) {
  if (++session->auth->rounds > session->options.limits.max_auth_rounds) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server asked more than %u times during the login",
                                  session->options.limits.max_auth_rounds);
  }
  switch (packet.size > 0 ? packet.data[0] : -1) {
  case LUN_MYSQL_HEADER_OK: return on_login_ok(session, packet);
  case LUN_MYSQL_HEADER_ERR: return on_login_error(session, packet);
  case LUN_MYSQL_HEADER_EOF: return on_auth_switch(session, packet);
  case LUN_MYSQL_HEADER_NEXT_FACTOR:
    if (session->capabilities & LUN_MYSQL_CLIENT_MULTI_FACTOR_AUTHENTICATION) {
      return on_next_factor(session, packet);
    }
    return on_more_data(session, packet); // of MariaDB's dialog, which begins so
  default: return on_more_data(session, packet);
  }
}

// All of them in one write: a login costs no round trip more for having them.
static lun_status queue_init_commands(lun_mysql_session *session) {
  uint32_t first = session->needs_set_names ? 0 : 1;
  for (uint32_t i = first; i < session->options.init_command_count; i++) {
    lun_error error;
    lun_command command = {
        .kind = LUN_COMMAND_QUERY,
        .text = session->options.init_commands[i],
    };
    if (lun_mysql_session_queue(session, &command, 0, &error) != LUN_OK) {
      return lun_mysql_session_fail_with(session, &error);
    }
  }
  return LUN_OK;
}

lun_status lun_mysql_logged_in(lun_mysql_session *session) {
  lun_facts *facts = &session->base.facts;
  facts->auth_plugin = session->auth->plugin->name;
  lun_mysql_session_forget_secrets(session);
  lun_mysql_session_enter(session, LUN_MYSQL_READY);
  if (lun_mysql_session_compress(session) != LUN_OK) {
    return session->base.status;
  }
  if (session->needs_set_names || session->options.init_command_count > 1) {
    return queue_init_commands(session);
  }
  return lun_mysql_session_connected(session);
}
