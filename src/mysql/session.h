/// The protocol state of one connection: which packet may come next, and who is told about it.
///
/// Rule: everything that affects the phase lives in session.c (lun_mysql_session_enter) and in the
/// table from phase to packet handler; the handlers are in mysql/phase/, one file per phase. The
/// diagram in docs/mysql-session.md uses these names.
#pragma once

#include "base/ring.h"
#include "driver/driver.h"
#include "mysql/auth/plugin.h"
#include "mysql/compression.h"
#include "mysql/frame.h"
#include "mysql/literal.h"
#include "mysql/packet.h"
#include "mysql/statements.h"

enum {
  LUN_MYSQL_CHARSET_SIZE = 32,               // of the names that servers have, and their NUL
  LUN_MYSQL_MAX_PACKET = 1024 * 1024 * 1024, // announced to the server; our limit is in options
  LUN_MYSQL_HANDSHAKE_FIXED = 128,           // bytes of a handshake response besides its strings
  LUN_MYSQL_ER_UNKNOWN_STMT_HANDLER = 1243,
  LUN_MYSQL_ER_MAX_PREPARED_STMT_COUNT_REACHED = 1461,
};

typedef enum lun_mysql_phase {
  LUN_MYSQL_GREETING,   // the server speaks first
  LUN_MYSQL_TLS,        // SSL request sent; the host encrypts the stream
  LUN_MYSQL_AUTH,       // handshake response sent; plugins talk
  LUN_MYSQL_READY,      // no command is outstanding
  LUN_MYSQL_RESPONSE,   // OK, ERR or a column count comes next, for the oldest command
  LUN_MYSQL_PARAMETERS, // definitions of a prepared statement's parameters
  LUN_MYSQL_COLUMNS,    // column definitions
  LUN_MYSQL_DATA,       // our data, up to its end; the server may give up before
  LUN_MYSQL_ROWS,       // rows, up to EOF, OK or ERR
  LUN_MYSQL_CURSOR,     // the server keeps rows that nobody has asked for yet
  LUN_MYSQL_CLOSED,     // over; the error says why
} lun_mysql_phase;

/// What waits to be sent until an answer is there: see queue.c.
typedef struct lun_mysql_held lun_mysql_held;

/// A command that is not yet answered. Token 0 marks the session's own ones: init commands, whose
/// results nobody sees and whose failure ends the login, and PREPARE in front of an EXECUTE.
typedef struct lun_mysql_pending {
  lun_token token;
  lun_command_kind kind;
  uint8_t sequence;                   // of the first packet of its answer
  bool is_unsettling;                 // it may change how text is escaped
  bool is_set;                        // a SET that may change the character set in ways of its own
  char names[LUN_MYSQL_CHARSET_SIZE]; // what its SET NAMES says, empty for other statements
  bool is_call;
  bool is_streamed;
  bool is_discarded;              // nobody wants its rows
  bool has_cursor;                // the server keeps its rows
  bool is_closing_cursor;         // COM_STMT_RESET is sent
  uint32_t fetch_size;            // rows of a cursor that was asked for; 0: none was
  lun_mysql_statement *statement; // PREPARE, EXECUTE: one reference
  lun_mysql_held *held;           // not sent yet; owned
  lun_error *error;               // why it is not sent at all; owned
} lun_mysql_pending;

typedef struct lun_mysql_session {
  lun_session base;
  lun_mysql_phase phase;
  uint64_t capabilities;                     // agreed with the server
  uint8_t charset;                           // announced in the handshake
  uint8_t server_charset;                    // of the greeting
  uint8_t scramble[LUN_MYSQL_SCRAMBLE];      // of the greeting
  uint16_t status_flags;                     // of the last OK or EOF
  const lun_mysql_auth_plugin *first_plugin; // that a login begins with

  lun_options options; // its views point into `strings`, secrets into `secrets`
  lun_buffer strings;
  lun_buffer secrets;                        // password and key; cleansed when the login is over
  lun_mysql_auth *auth;                      // of the login under way, NULL behind it; owned
  uint8_t fingerprint[LUN_FINGERPRINT_SIZE]; // of the certificate
  char *doubt;                               // why the certificate is not verified; owned

  lun_mysql_framer framer;
  lun_outbox outbox;
  lun_mysql_compression *compression; // NULL without, and until the login is over

  lun_mysql_pending *pending; // commands in flight, oldest first
  lun_ring pending_ring;
  lun_token last_token;
  lun_token change_token; // the CHANGE_USER under way, 0 for none
  uint32_t held_count;    // of those in flight, the last ones, which wait to be sent
  uint32_t preparing;     // PREPARE commands sent and not answered
  lun_mysql_statements statements;
  lun_buffer scratch;      // the payload of an EXECUTE, of …
  lun_token scratch_token; // … this command: it can be sent again; 0 for none
  size_t scratch_values;   // and its number of values
  uint32_t last_prepared;  // number of the statement that the server takes -1 for, 0: not known
  uint32_t unsettling;     // commands in flight that may change how text is escaped
  bool is_last_closed;     // the server takes -1 for no statement
  bool holds_quit;         // QUIT is held back behind the commands that are
  bool is_logged_in;       // CONNECTED was told
  bool is_line_verified;   // by the server's certificate
  bool is_quitting;        // QUIT is queued: the session ends when it is sent
  bool needs_set_names;    // the handshake does not settle the character set
  bool is_untracked;       // the server does not tell when the character set changes
  bool was_charset_told;   // in the OK or EOF being read
  bool tells_variables;    // a system variable was told, so they are tracked
  bool is_data_asked;      // for the data on offer: once is enough
  bool has_column_eof;     // the EOF behind the definitions is still to come
  bool has_known_columns;  // they are the statement's, and are not sent
  bool has_out_parameters; // the EOF behind the definitions said so

  lun_token data_token; // the command that offers data, 0: none; it is the last one in flight
  lun_buffer data_name; // the file that it names
  lun_error *refusal;   // what the oldest command is told in place of its answer; owned

  lun_result *result;    // being received
  uint64_t columns_left; // definitions still to come
  uint32_t column_count;
  uint32_t results;         // of the oldest command so far
  uint32_t parameters_left; // definitions still to come, of a prepared statement
  uint64_t row_count;       // rows since the columns, or since COM_STMT_FETCH
  uint64_t untaken;         // bytes of streamed rows that were told and not taken
  lun_buffer column_bytes;  // definitions so far, the key of the metadata cache
  lun_metadata *expected;   // what the definitions were last time, if they are few; one reference
  size_t matched;           // bytes of it that came again …
  bool is_matching;         // … and nothing else; `column_bytes` is empty then
  lun_metadata_cache *cache;

  lun_event *events; // told when the host asks; always with room for the end of all in flight
  lun_ring event_ring;
} lun_mysql_session;

static inline lun_mysql_session *lun_mysql_session_of(lun_session *session) {
  return (lun_mysql_session *)session;
}

/// The oldest command in flight; there is one in every phase that reads an answer.
static inline lun_mysql_pending *lun_mysql_session_oldest(const lun_mysql_session *session) {
  return &session->pending[lun_ring_index(&session->pending_ring, 0)];
}

/// Moves the session to `phase`; the only place that assigns it. Asserts that the move is legal.
void lun_mysql_session_enter(lun_mysql_session *session, lun_mysql_phase phase);

/// Ends the session with an error: every command in flight gets its ERROR event, then CLOSED.
/// Returns `status`, so that a handler can end in `return lun_mysql_session_fail(…)`.
lun_status
lun_mysql_session_fail(lun_mysql_session *session, lun_status status, const char *format, ...)
    __attribute__((cold, format(printf, 3, 4)));

/// The same with an error made elsewhere.
lun_status lun_mysql_session_fail_with(lun_mysql_session *session, const lun_error *error);

/// The same for want of memory, in a function that has an error to fill.
lun_status
lun_mysql_session_exhausted(lun_mysql_session *session, const char *what, lun_error *error);

/// The same for a packet that could not be decoded; `name` is the manual's.
lun_status
lun_mysql_session_malformed(lun_mysql_session *session, lun_status status, const char *name);

/// Fills `error` with what closed the session, and returns its status.
lun_status lun_mysql_session_why(const lun_mysql_session *session, lun_error *error);

/// Sends `payload` as the next packet of the login.
lun_status lun_mysql_session_reply(lun_mysql_session *session, lun_view payload);

/// phase/infile.c: notes the file that a command names which is about to be queued.
lun_status lun_mysql_session_offer(lun_mysql_session *session,
                                   const lun_mysql_quoting *quoting,
                                   const lun_command *command,
                                   lun_error *error);

/// Queues a command for sending and its place among the answers.
lun_status lun_mysql_session_queue(lun_mysql_session *session,
                                   const lun_command *command,
                                   lun_token token,
                                   lun_error *error);

/// query.c: queues a QUERY, with its attributes.
lun_status lun_mysql_session_queue_query(lun_mysql_session *session,
                                         const lun_command *command,
                                         lun_token token,
                                         lun_error *error);

/// LUN_ERR_UNSUPPORTED when a command has attributes and the server does not take them.
lun_status lun_mysql_session_check_attributes(const lun_mysql_session *session,
                                              const lun_command *command,
                                              lun_error *error);

/// A command's bytes: `head`, copied, and `text`, copied unless `is_lent`.
typedef struct lun_mysql_outgoing {
  lun_view head; // of an EXECUTE, all of it: its statement's number is filled in
  lun_view text;
  bool is_lent;
  const lun_value *values; // those that …
  const bool *is_long;     // … go ahead as long data, lent; NULL for none
  size_t value_count;      // EXECUTE
} lun_mysql_outgoing;

/// queue.c: makes room for `more` commands and the events that end them.
bool lun_mysql_session_make_room(lun_mysql_session *session, uint32_t more);

/// Sends a command for which there is room, or holds it back: behind others that are, or when
/// `waits`. Takes over what `pending` owns, also on failure, which ends the session.
lun_status lun_mysql_session_put(lun_mysql_session *session,
                                 const lun_mysql_pending *pending,
                                 const lun_mysql_outgoing *outgoing,
                                 bool waits,
                                 lun_error *error);

/// Sends COM_STMT_CLOSE for the statements that nobody needs: something must follow.
void lun_mysql_session_close_statements(lun_mysql_session *session);

/// Sends what was held back and can be sent now. Fails for want of memory only, which ends the
/// session.
lun_status lun_mysql_session_release_held(lun_mysql_session *session);

/// Forgets the oldest command.
void lun_mysql_session_drop_oldest(lun_mysql_session *session);

/// The answer to the oldest command comes next.
void lun_mysql_session_await(lun_mysql_session *session);

/// Sends the oldest command, a PREPARE, once more.
lun_status lun_mysql_session_prepare_again(lun_mysql_session *session);

/// Sends a further command for the oldest one, whose answer is that one's.
lun_status lun_mysql_session_send_more(lun_mysql_session *session, lun_view payload);

/// Fails when bytes have come that nobody asked for, short of a packet.
lun_status lun_mysql_session_check_rest(lun_mysql_session *session);

/// Whether what is queued behind the first `count` commands waits for a cursor: COM_STMT_FETCH
/// would come behind it.
bool lun_mysql_session_is_behind_cursor(const lun_mysql_session *session, uint32_t count);

/// Puts PREPARE of `statement` in front of the oldest command, which is the only one and waits for
/// it to be sent again, as `outgoing`. There is room. False when out of memory, and all is as it
/// was. Takes over one reference of `statement`, also on failure.
bool lun_mysql_session_put_back(lun_mysql_session *session,
                                lun_mysql_statement *statement,
                                const lun_mysql_outgoing *outgoing);

/// execute.c: queues PREPARE, EXECUTE or FORGET.
lun_status lun_mysql_session_queue_statement(lun_mysql_session *session,
                                             const lun_command *command,
                                             lun_token token,
                                             lun_error *error);

/// Whether the oldest command, an EXECUTE that failed in the way of `error`, was sent once more
/// instead: nothing of it has happened yet.
bool lun_mysql_session_execute_again(lun_mysql_session *session, const lun_error *error);

/// phase/prepare.c: PREPARE is answered with OK, with all definitions, with an error.
lun_status lun_mysql_on_prepare_ok(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_prepared(lun_mysql_session *session);
lun_status lun_mysql_prepare_failed(lun_mysql_session *session, const lun_error *error);

/// session_compression.c: the functions below for a session that compresses.
lun_status lun_mysql_session_feed_compressed(lun_mysql_session *session, lun_view *received);
size_t lun_mysql_session_compressed_output(lun_mysql_session *session, lun_view *parts, size_t max);

/// Goes on with what came while a stream was full.
void lun_mysql_session_feed_kept(lun_mysql_session *session);

/// Whether the rows of a stream should be taken before more of them are read.
bool lun_mysql_session_is_full(const lun_mysql_session *session);

/// Reads packets until the bytes run out, or the login that they were part of is over.
lun_status lun_mysql_session_feed_packets(lun_mysql_session *session, lun_view *received);

/// The login is over: from here on all is compressed, if that was agreed. It has left nothing to
/// send.
lun_status lun_mysql_session_compress(lun_mysql_session *session);

/// Makes room for `more` events besides those that tell the end: one for each command in flight,
/// and CLOSED. So the end can be told even when there is no memory left.
lun_status lun_mysql_session_reserve_events(lun_mysql_session *session, uint32_t more);

/// Tells the host. LUN_ERR_NOMEM ends the session.
lun_status lun_mysql_session_tell(lun_mysql_session *session, const lun_event *event);

/// The oldest command is answered for good: the next one's response, or READY, comes.
lun_status lun_mysql_session_answered(lun_mysql_session *session);

/// Tells the host that the login, with its init commands, is over.
lun_status lun_mysql_session_connected(lun_mysql_session *session);

/// One result of the oldest command is complete: `ok` says how. Takes `result`.
lun_status lun_mysql_session_finish_result(lun_mysql_session *session,
                                           lun_result *result,
                                           const lun_mysql_ok *ok);

/// phase/result_set.c: definitions of `session->column_count` columns come next.
void lun_mysql_session_expect_columns(lun_mysql_session *session);

/// phase/result_set.c: parses the column definitions that have come, or finds them in the cache.
lun_status lun_mysql_session_take_columns(lun_mysql_session *session, lun_metadata **metadata);

/// phase/result_set.c: the columns are known, rows come next.
lun_status lun_mysql_session_begin_rows(lun_mysql_session *session);

/// Tells the rows of a streamed command that have come so far, if there are any.
lun_status lun_mysql_session_tell_batch(lun_mysql_session *session);

/// The oldest command ended with ERR_Packet.
lun_status lun_mysql_session_command_failed(lun_mysql_session *session, lun_view packet);

/// Closes a session that has said good-bye and has nothing left to do.
void lun_mysql_session_quit_if_done(lun_mysql_session *session);

/// Takes over what every OK and EOF carries.
void lun_mysql_session_note_status(lun_mysql_session *session, uint16_t status_flags);

/// Takes over what an answer says about the transaction: whether anything may have changed in it.
void lun_mysql_session_note_changes(lun_mysql_session *session,
                                    const lun_result *result,
                                    const lun_mysql_ok *ok);

/// Looks at a statement about to be sent: where the server does not tell when the client's
/// character set changes, one that may change it makes it unknown.
void lun_mysql_session_note_statement(lun_mysql_session *session, lun_view text);

/// Whether `text` holds `word`, in any case.
bool lun_mysql_holds(lun_view text, const char *word);
/// Keeps a fact. Too long a value is cut: facts are for people, nothing is decided by them but the
/// charset, where a cut name is an unknown one and therefore refused for escaping.
void lun_mysql_session_copy_fact(char *fact, size_t room, lun_view value);

/// Takes over the session state of an OK, within its limit.
lun_status lun_mysql_session_note_state(lun_mysql_session *session, lun_view state);

/// Marks a command about to be queued with what it may change once it is answered.
void lun_mysql_foresee(const lun_mysql_session *session,
                       const lun_command *command,
                       lun_mysql_pending *pending);

/// The oldest command succeeded: what it was foreseen to change is so now.
void lun_mysql_session_note_success(lun_mysql_session *session);

bool lun_mysql_session_is_settled(const lun_session *base);

/// Overwrites the bytes of `buffer` (OPENSSL_cleanse), then frees them.
void lun_mysql_buffer_cleanse(lun_buffer *buffer);

/// Overwrites and frees password and keys.
void lun_mysql_session_forget_secrets(lun_mysql_session *session);

// Handlers of mysql/phase/: each reads one packet in its phase.
lun_status lun_mysql_on_greeting(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_auth(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_ready(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_response(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_parameter(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_column(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_data(lun_mysql_session *session, lun_view packet);
lun_status lun_mysql_on_row(lun_mysql_session *session, lun_view packet);

/// phase/rows.c: takes plain rows out of `*received` that lie there whole and are as they must be.
/// Any other packet is left for lun_mysql_on_row(), which says what is wrong with it, if anything.
void lun_mysql_session_take_rows(lun_mysql_session *session, lun_view *received);

/// phase/cursor.c: EXECUTE was answered with a cursor instead of rows; rows of it ended; more of
/// them are asked for, or nobody wants them.
lun_status lun_mysql_cursor_opened(lun_mysql_session *session, const lun_mysql_ok *ok);
lun_status lun_mysql_cursor_rows_end(lun_mysql_session *session, const lun_mysql_ok *ok);
void lun_mysql_cursor_resume(lun_mysql_session *session);

/// phase/infile.c: the response is a LOCAL INFILE Request.
lun_status lun_mysql_on_infile_request(lun_mysql_session *session, lun_view packet);

/// phase/connect.c: sends the handshake response, in clear or inside TLS.
lun_status lun_mysql_send_handshake_response(lun_mysql_session *session);

/// phase/connect.c: decides from the options what is said about the character set, and whether SET
/// NAMES has to be said as well.
void lun_mysql_settle_charset(lun_mysql_session *session);

/// phase/change_user.c: logs in again on the same line. Nothing else may be in flight, and nothing
/// is taken until it is answered, by a result when `login` is in force. Its failure ends the
/// session: whose it would be then, servers disagree about.
lun_status lun_mysql_change_user(lun_mysql_session *session,
                                 const lun_options *login,
                                 lun_token token,
                                 lun_error *error);

/// phase/authenticate.c: the login succeeded; init commands go out, or CONNECTED is told.
lun_status lun_mysql_logged_in(lun_mysql_session *session);

// The functions of the driver's table that session.c holds (driver/driver.h says what they do).
bool lun_mysql_session_next(lun_session *base, lun_event *event);
void lun_mysql_session_resume(lun_session *base);
void lun_mysql_session_discard(lun_session *base, lun_token token);
lun_status
lun_mysql_session_data(lun_session *base, lun_token token, lun_view chunk, lun_error *error);
void lun_mysql_session_hangup(lun_session *base, const lun_error *cause);
lun_status lun_mysql_session_feed(lun_session *base, lun_view received);
lun_want lun_mysql_session_want(const lun_session *base);
size_t lun_mysql_session_output(lun_session *base, lun_view *parts, size_t max);
void lun_mysql_session_sent(lun_session *base, size_t count);
lun_status lun_mysql_session_encrypted(lun_session *base, const lun_encryption *encryption);
