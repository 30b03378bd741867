// LOCAL INFILE Request, and the data that the command offered.
#include "mysql/infile.h"

#include "mysql/capability.h"
#include "mysql/session.h"

#include <stdlib.h>

// Packets of their own, well below what any server's max_allowed_packet allows.
enum { DATA_PACKET = 64 * 1024 };

lun_status lun_mysql_session_offer(lun_mysql_session *session,
                                   const lun_mysql_quoting *quoting,
                                   const lun_command *command,
                                   lun_error *error) {
  if ((session->capabilities & LUN_MYSQL_CLIENT_LOCAL_FILES) == 0) {
    return lun_error_set(error,
                         LUN_ERR_UNSUPPORTED,
                         "the connection sends no local data: it needs local_infile = true, and a "
                         "server that offers it");
  }
  lun_buffer_clear(&session->data_name);
  lun_status status = lun_mysql_infile_name(quoting, command->text, &session->data_name);
  if (status == LUN_ERR_ARGUMENT) {
    lun_error_set(error, status, "the statement has no LOCAL INFILE 'name' to send data for");
  } else if (status != LUN_OK) {
    lun_error_set(error, status, "out of memory");
  }
  return status;
}

// Answers with no data at all. Whatever the statement comes to, its sender is told that it went
// wrong.
static lun_status refuse(lun_mysql_session *session) {
  if (session->pending_ring.count > 1) {
    // What was sent behind it would be read as data.
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server asked for a local file with commands in flight");
  }
  if (!session->refusal && !(session->refusal = malloc(sizeof *session->refusal))) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  lun_error_set(session->refusal,
                LUN_ERR_ARGUMENT,
                "the server asked for a local file that was not offered with the statement: give "
                "the call the option infile, such as { infile = true }");
  return lun_mysql_session_reply(session, (lun_view){0});
}

lun_status lun_mysql_on_infile_request(lun_mysql_session *session, lun_view packet) {
  const lun_mysql_pending *oldest = lun_mysql_session_oldest(session);
  if ((session->capabilities & LUN_MYSQL_CLIENT_LOCAL_FILES) == 0
      || oldest->kind != LUN_COMMAND_QUERY) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server asked for a local file that no command offered");
  }
  bool is_offered = oldest->token != 0 && oldest->token == session->data_token;
  if (!is_offered || session->is_data_asked || oldest->is_discarded) {
    return refuse(session);
  }
  lun_view name = {packet.data + 1, packet.size - 1};
  if (!lun_view_equal(name, lun_buffer_bytes(&session->data_name))) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server asked for another file than the statement names");
  }
  session->is_data_asked = true;
  session->framer.is_sending = true;
  lun_mysql_session_enter(session, LUN_MYSQL_DATA);
  return lun_mysql_session_tell(session,
                                &(lun_event){.kind = LUN_EVENT_DATA,
                                             .token = oldest->token,
                                             .name = lun_buffer_bytes(&session->data_name)});
}

// The server may give up before it has all. The number of its packet is the one due only when it
// has read all that was sent: any other is for session.c, and ends the session.
lun_status lun_mysql_on_data(lun_mysql_session *session, lun_view packet) {
  bool is_err = packet.size > 0 && packet.data[0] == LUN_MYSQL_HEADER_ERR;
  if (!is_err || !lun_outbox_is_empty(&session->outbox)) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server answered before the data it asked for was sent");
  }
  session->framer.is_sending = false;
  return lun_mysql_session_command_failed(session, packet);
}

lun_status
lun_mysql_session_data(lun_session *base, lun_token token, lun_view chunk, lun_error *error) {
  lun_mysql_session *session = lun_mysql_session_of(base);
  lun_mysql_framer *framer = &session->framer;
  if (session->phase != LUN_MYSQL_DATA || lun_mysql_session_oldest(session)->token != token) {
    return lun_error_set(error, LUN_ERR_STATE, "the server asks for no data");
  }
  if (chunk.size == 0) {
    framer->sequence = lun_mysql_frame_write(&session->outbox, framer->sequence, chunk);
    framer->is_sending = false;
    lun_mysql_session_enter(session, LUN_MYSQL_RESPONSE);
  }
  while (chunk.size > 0) {
    lun_view part = {chunk.data, chunk.size < DATA_PACKET ? chunk.size : (size_t)DATA_PACKET};
    framer->sequence = lun_mysql_frame_lend(&session->outbox, framer->sequence, part);
    lun_view_drop(&chunk, part.size);
  }
  if (session->outbox.bytes.status != LUN_OK) {
    lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for data to be sent");
    return lun_mysql_session_why(session, error);
  }
  return LUN_OK;
}
