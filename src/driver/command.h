/// What a caller may ask of a session.
#pragma once

#include "base/view.h"

/// Names one command of a session, so that several may be in flight. Never 0, never reused.
typedef uint64_t lun_token;

typedef enum lun_command_kind {
  LUN_COMMAND_QUERY, // `text` is SQL
  LUN_COMMAND_PING,
  LUN_COMMAND_SELECT_DATABASE, // `text` is its name
  LUN_COMMAND_RESET,           // the session state back to what it was after login
  LUN_COMMAND_QUIT,            // says good-bye; the session closes when it is sent
} lun_command_kind;

typedef struct lun_command {
  lun_command_kind kind;
  lun_view text; // copied, unless `is_lent`
  bool is_lent;  // `text` is borrowed until the command is answered
} lun_command;
