/// What a session tells its host.
#pragma once

#include "driver/command.h"
#include "driver/result.h"

typedef enum lun_event_kind {
  LUN_EVENT_CONNECTED, // logged in, and the initial commands are done
  LUN_EVENT_RESULT,    // one result of `token`; `is_last` says whether more follow
  LUN_EVENT_DATA,      // `token` offered data, and the server asks for it: lun_session_data()
  LUN_EVENT_ERROR,     // `token` failed; nothing more comes for it
  LUN_EVENT_CLOSED,    // the session is over, with or without `error`; always the last event
} lun_event_kind;

typedef struct lun_event {
  lun_event_kind kind;
  bool is_last;
  bool is_partial; // RESULT of a streamed command: its rows go on in the next one
  lun_token token;
  lun_view name;      // DATA: the file that the statement names; lent until `token` is answered
  lun_result *result; // RESULT: the receiver takes it
  lun_error *error;   // ERROR, CLOSED: the receiver takes it and frees it; NULL for a clean close
} lun_event;
