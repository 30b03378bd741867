// COM_QUERY: what stands in front of its text.
#include "mysql/capability.h"
#include "mysql/session.h"

lun_status lun_mysql_session_check_attributes(const lun_mysql_session *session,
                                              const lun_command *command,
                                              lun_error *error) {
  if (command->attribute_count == 0
      || (session->capabilities & LUN_MYSQL_CLIENT_QUERY_ATTRIBUTES) != 0) {
    return LUN_OK;
  }
  const lun_facts *facts = &session->base.facts;
  return lun_error_set(error,
                       LUN_ERR_UNSUPPORTED,
                       "the server (%s %s) has no query attributes: MySQL has them from 8.0.23 on",
                       facts->is_mariadb ? "MariaDB" : "MySQL",
                       lun_fact_text(facts->server_version));
}

static lun_status put(lun_mysql_session *session,
                      const lun_command *command,
                      lun_token token,
                      lun_view head,
                      lun_error *error) {
  lun_mysql_pending pending = {
      .token = token,
      .kind = LUN_COMMAND_QUERY,
      .is_streamed = command->is_streamed,
  };
  lun_mysql_foresee(session, command, &pending);
  lun_mysql_outgoing outgoing = {
      .head = head,
      .text = command->text,
      .is_lent = command->is_lent,
  };
  return lun_mysql_session_put(session, &pending, &outgoing, false, error);
}

lun_status lun_mysql_session_queue_query(lun_mysql_session *session,
                                         const lun_command *command,
                                         lun_token token,
                                         lun_error *error) {
  static const uint8_t none[] = {LUN_MYSQL_COM_QUERY, 0, 1}; // no attributes, one set of them
  bool has_head = (session->capabilities & LUN_MYSQL_CLIENT_QUERY_ATTRIBUTES) != 0;
  if (lun_mysql_session_check_attributes(session, command, error) != LUN_OK) {
    return error->status;
  }
  if (!lun_mysql_session_make_room(session, 1)) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  if (command->attribute_count == 0) {
    lun_view head = {none, has_head ? sizeof none : 1};
    return put(session, command, token, head, error);
  }
  lun_buffer head = {0};
  lun_buffer_u8(&head, LUN_MYSQL_COM_QUERY);
  lun_mysql_query_attributes_encode(command->attributes, command->attribute_count, &head);
  lun_status status = head.status == LUN_OK
                          ? put(session, command, token, lun_buffer_bytes(&head), error)
                          : lun_error_set(error, LUN_ERR_NOMEM, "out of memory for attributes");
  lun_buffer_deinit(&head);
  return status;
}
