/// The prepared statements of one session, by their text: a bounded number, the least recently used
/// goes first.
///
/// Nothing is sent from here. A statement that nobody needs any more leaves its number in
/// `closing`, for COM_STMT_CLOSE in front of the next command.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "base/list.h"
#include "driver/column.h"

typedef struct lun_mysql_statement {
  lun_list node;                     // by use, while it is kept
  struct lun_mysql_statement *chain; // next in its bucket
  uint64_t hash;
  uint32_t references; // one of the keeper, one of each command in flight that needs it
  uint32_t generation; // COM_RESET_CONNECTION ends all statements of the generations before it
  uint32_t id;         // the server's
  uint16_t parameter_count;
  bool is_prepared; // `id` and `parameter_count` are known
  bool is_kept;
  bool is_retried; // what failed has had its second chance
  bool was_executed;
  bool is_plain;          // neither SET nor CALL, as far as its beginning tells
  bool began_with_cursor; // its first execution asked for one
  lun_metadata *metadata; // of its rows, as told last; NULL for none; one reference
  lun_error *error;       // why it was not prepared, else NULL; owned
  lun_view text;          // behind the struct
} lun_mysql_statement;

typedef struct lun_mysql_statements {
  lun_mysql_statement **buckets;
  uint32_t bucket_count; // a power of two, 0 before the first
  uint32_t count;
  uint32_t max; // 0: none is kept
  uint32_t generation;
  lun_list by_use;    // the most recently used one first
  lun_buffer closing; // four bytes for each statement that is to be closed
} lun_mysql_statements;

void lun_mysql_statements_init(lun_mysql_statements *statements, uint32_t max);

/// No command may need a statement any more.
void lun_mysql_statements_deinit(lun_mysql_statements *statements);

/// Returns the statement of `text`, NULL when there is none; it counts as used.
lun_mysql_statement *lun_mysql_statements_find(lun_mysql_statements *statements, lun_view text);

/// Adds a statement that is not there yet, and returns it with one reference for the caller; NULL
/// when out of memory. A long text is not kept: its statement ends with its references.
lun_mysql_statement *lun_mysql_statements_add(lun_mysql_statements *statements, lun_view text);

/// Does not keep `statement` any longer.
void lun_mysql_statements_forget(lun_mysql_statements *statements, lun_mysql_statement *statement);

/// Gives one reference back. NULL does nothing.
void lun_mysql_statements_release(lun_mysql_statements *statements, lun_mysql_statement *statement);

/// The server forgets all statements: nothing is kept, nothing is to be closed.
void lun_mysql_statements_reset(lun_mysql_statements *statements);

/// Does not keep those that no command needs; returns whether there were any.
bool lun_mysql_statements_forget_idle(lun_mysql_statements *statements);
