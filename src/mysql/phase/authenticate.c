// The dialogue of the authentication plugins, and what follows a successful login.
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

static lun_status on_auth_switch(lun_mysql_session *session, lun_view packet) {
  if (packet.size == 1) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_AUTH,
                                  "the server asks for mysql_old_password, which is not safe: give "
                                  "the account a new password");
  }
  lun_mysql_auth_switch request;
  lun_status status = lun_mysql_auth_switch_decode(packet, &request);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "Protocol::AuthSwitchRequest");
  }
  lun_mysql_auth *auth = &session->auth;
  auth->plugin = lun_mysql_auth_plugin_find(request.auth_plugin);
  if (!auth->plugin) {
    return lun_mysql_session_fail(
        session,
        LUN_ERR_AUTH,
        "the account uses authentication plugin '%.*s', which is not supported",
        (int)(request.auth_plugin.size < 64 ? request.auth_plugin.size : 64),
        (const char *)request.auth_plugin.data);
  }
  lun_error error;
  lun_buffer answer = {0};
  status = lun_mysql_auth_set_scramble(auth, request.data, &error);
  if (status == LUN_OK) {
    status = auth->plugin->begin(auth, &answer, &error);
  }
  if (status != LUN_OK) {
    lun_mysql_buffer_cleanse(&answer);
    return lun_mysql_session_fail_with(session, &error);
  }
  return reply_with(session, &answer);
}

// Protocol::AuthMoreData: the plugin goes on.
static lun_status on_more_data(lun_mysql_session *session, lun_view packet) {
  lun_mysql_auth *auth = &session->auth;
  if (!auth->plugin->more) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "malformed packet: unexpected data in %s", auth->plugin->name);
  }
  lun_error error;
  lun_buffer answer = {0};
  bool has_answer = false;
  lun_view data = {packet.data + 1, packet.size - 1};
  if (auth->plugin->more(auth, data, &answer, &has_answer, &error) != LUN_OK) {
    lun_mysql_buffer_cleanse(&answer);
    return lun_mysql_session_fail_with(session, &error);
  }
  return has_answer ? reply_with(session, &answer) : LUN_OK;
}

static lun_status on_login_ok(lun_mysql_session *session, lun_view packet) {
  lun_mysql_ok ok;
  lun_status status = lun_mysql_ok_decode(packet, session->capabilities, &ok);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "OK_Packet");
  }
  lun_mysql_session_note_status(session, ok.status_flags);
  if (lun_mysql_session_note_state(session, ok.session_state) != LUN_OK) {
    return session->base.error.status;
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
  if (++session->auth.rounds > session->options.limits.max_auth_rounds) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_LIMIT,
                                  "the server asked more than %u times during the login",
                                  session->options.limits.max_auth_rounds);
  }
  switch (packet.size > 0 ? packet.data[0] : -1) {
  case LUN_MYSQL_HEADER_OK: return on_login_ok(session, packet);
  case LUN_MYSQL_HEADER_ERR: return on_login_error(session, packet);
  case LUN_MYSQL_HEADER_EOF: return on_auth_switch(session, packet);
  case LUN_MYSQL_HEADER_MORE_DATA: return on_more_data(session, packet);
  default:
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "malformed packet from the server during the login");
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
  strncpy(facts->auth_plugin, session->auth.plugin->name, sizeof facts->auth_plugin - 1);
  lun_mysql_session_forget_secrets(session);
  lun_mysql_session_enter(session, LUN_MYSQL_READY);
  if (session->needs_set_names || session->options.init_command_count > 1) {
    return queue_init_commands(session);
  }
  return lun_mysql_session_connected(session);
}
