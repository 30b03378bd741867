/// What a caller may ask of a session.
#pragma once

#include "driver/options.h"
#include "driver/value.h"

/// Names one command of a session, so that several may be in flight. Never 0, never reused.
typedef uint64_t lun_token;

typedef enum lun_command_kind {
  LUN_COMMAND_QUERY,   // `text` is SQL, sent as it is
  LUN_COMMAND_PREPARE, // `text` is SQL with `?`: checked and kept for EXECUTE, see below
  LUN_COMMAND_EXECUTE, // `text` is SQL with `?`, run with `values` as a prepared statement
  LUN_COMMAND_FORGET,  // the prepared statement of `text` is given back; no answer
  LUN_COMMAND_PING,
  LUN_COMMAND_SELECT_DATABASE, // `text` is its name
  LUN_COMMAND_RESET,           // the session state back to what it was after login
  LUN_COMMAND_CHANGE_USER,     // logs in again, as `login` says
  LUN_COMMAND_QUIT,            // says good-bye; the session closes when it is sent
} lun_command_kind;

/// A name and a value that travel beside a statement (MySQL: query attributes).
typedef struct lun_attribute {
  lun_view name;
  lun_value value;
} lun_attribute;

/// Prepared statements belong to the session: it keeps them by their text, a bounded number, the
/// least recently used one goes first, and prepares again what the server no longer knows. So a
/// caller has no handle to lose: EXECUTE prepares a text that is not known yet. The result of
/// PREPARE has the statement's columns and no rows; its `affected_rows` is the number of
/// parameters.
typedef struct lun_command {
  lun_command_kind kind;
  bool is_lent;     // `text` and the bytes of `values` are borrowed until the command is answered
  bool is_streamed; // rows are told in batches, as they come; else all at once
  bool is_piped;    // QUERY, EXECUTE: more may be queued before its answer has come
  bool is_known;    // EXECUTE: refused unless the statement is prepared
  bool offers_data; // QUERY: the server may ask for data (LOAD DATA LOCAL), see LUN_EVENT_DATA
  lun_view text;    // copied, unless `is_lent`
  const lun_value *values;         // EXECUTE: row after row
  size_t value_count;              // of one row
  size_t row_count;                // EXECUTE: 1, or more for the same statement in bulk
  uint32_t fetch_size;             // EXECUTE, streamed: rows that a cursor gives at a time; 0: none
  const lun_attribute *attributes; // QUERY, EXECUTE: copied; refused where the server has none
  size_t attribute_count;
  const lun_options *login; // CHANGE_USER: user, password, database, charset, attributes; copied
} lun_command;
