/// What every database must provide: a session without I/O, as a table of functions.
///
/// A host opens a session, then serves its wants until the events say what it came for:
///
///     session = driver->open(&options, cache, &error);
///     READ    lun_session_feed(session, received)
///     WRITE   parts = lun_session_output(session, …); send them; lun_session_sent(session, count)
///     TLS     encrypt the stream, then lun_session_encrypted(session, &encryption)
///     each time: while (lun_session_next(session, &event)) …
#pragma once

#include "base/buffer.h"
#include "driver/encryption.h"
#include "driver/event.h"
#include "driver/options.h"
#include "driver/session_state.h"
#include "driver/value.h"
#include "driver/want.h"

/// Raised when the layout of anything that crosses loadable modules changes.
enum { LUN_DRIVER_ABI = 7, LUN_FACT_SIZE = 256, LUN_VERSION_SIZE = 128, LUN_CHARSET_SIZE = 32 };

/// What is known about the server and the session; kept current by the session.
typedef struct lun_facts {
  uint64_t connection_id;
  uint64_t capabilities;          // agreed with the server, in the bits of its protocol
  uint16_t server_status;         // of the last answer, in the bits of its protocol
  char *server_version;           // owned, as all that are not const; NULL is an empty one
  char *database;                 // as far as the server tells (session tracking)
  char charset[LUN_CHARSET_SIZE]; // of the statements we send
  const char *auth_plugin;        // the one that logged in; NULL before
  lun_compression compression;
  char *tls_version; // NULL without TLS
  char *tls_cipher;
  bool is_mariadb;
  bool is_encrypted;
  bool is_verified; // by an authority, a pin, or a proof of the password
  bool is_tls_resumed;
  bool is_autocommit;
  bool is_status_current; // a statement was answered since the login, which may say too little
  bool in_transaction;
  bool has_changes; // statements in it may have changed something, as far as answers tell
} lun_facts;

/// The text of a fact, which may be NULL.
static inline const char *lun_fact_text(const char *fact) {
  return fact ? fact : "";
}

/// Replaces an owned fact by a copy of `value`, up to its first NUL, cut at `most` bytes. Returns
/// false, and leaves it as it was, for want of memory.
bool lun_fact_set(char **fact, lun_view value, size_t most);

/// Frees what is owned.
void lun_facts_clear(lun_facts *facts);

/// The part of a session that all drivers share; a driver's own session starts with it.
typedef struct lun_session {
  const struct lun_driver *driver;
  lun_facts facts;
  lun_session_state state;
  lun_status status;  // of what closed it; LUN_OK when it is open, or was closed by us
  lun_error *error;   // what closed it, NULL for nothing, or want of memory; owned
  bool is_asking;     // the server waits for data that a command offered
  bool is_holding;    // commands wait for an answer before they are sent
  uint64_t discarded; // bytes of rows that came and that nobody wanted
} lun_session;

/// How placeholders are written: `?` for a list, `:name` for a map, or Python's `%s`, `%(name)s`.
typedef enum lun_placeholder_style {
  LUN_STYLE_QMARK,
  LUN_STYLE_NAMED,
  LUN_STYLE_PYFORMAT
} lun_placeholder_style;

/// Appends the literal for a placeholder: `name` for named ones, else `position` from 1.
typedef lun_status (*lun_place)(
    void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error);

/// The parts of an INSERT of one row: with its list many times, and commas between, it is one of
/// many rows.
typedef struct lun_insert {
  lun_view head; // up to the list
  lun_view list; // from "(" to ")"
  lun_view tail; // behind it, without what ends the statement
} lun_insert;

typedef struct lun_driver {
  uint32_t abi;
  const char *name;
  lun_session *(*open)(const lun_options *options, lun_metadata_cache *cache, lun_error *error);
  void (*free)(lun_session *session);
  lun_want (*want)(const lun_session *session);
  uint8_t *(*room)(const lun_session *session, size_t *size);
  lun_status (*feed)(lun_session *session, lun_view received);
  size_t (*output)(lun_session *session, lun_view *parts, size_t max);
  void (*sent)(lun_session *session, size_t count);
  lun_status (*encrypted)(lun_session *session, const lun_encryption *encryption);
  void (*hangup)(lun_session *session, const lun_error *cause);
  lun_status (*command)(lun_session *session,
                        const lun_command *command,
                        lun_token *token,
                        lun_error *error);
  bool (*next)(lun_session *session, lun_event *event);
  bool (*is_settled)(const lun_session *session);
  void (*resume)(lun_session *session);
  void (*discard)(lun_session *session, lun_token token);
  lun_status (*data)(lun_session *session, lun_token token, lun_view chunk, lun_error *error);
  lun_status (*interpolate)(lun_session *session,
                            lun_view sql,
                            lun_placeholder_style style,
                            lun_place place,
                            void *context,
                            lun_buffer *out,
                            lun_error *error);
  lun_status (*literal)(lun_session *session,
                        const lun_value *value,
                        lun_buffer *out,
                        lun_error *error);
  lun_status (*redact)(lun_session *session, lun_view sql, lun_buffer *out);
  bool (*split_insert)(const lun_session *session, lun_view sql, lun_insert *insert);
} lun_driver;

static inline void lun_session_free(lun_session *session) {
  if (session) {
    session->driver->free(session);
  }
}

static inline lun_want lun_session_want(const lun_session *session) {
  return session->driver->want(session);
}

/// Returns where the session would put the bytes that come next, and how many of them: it spares a
/// copy to receive them there. NULL when it does not matter, which is mostly so. What was received
/// there is fed before anything else is asked of the session.
static inline uint8_t *lun_session_room(const lun_session *session, size_t *size) {
  return session->driver->room(session, size);
}

/// Parses what was received, in place; keeps a copy of an unfinished tail only. On failure the
/// session is closed, its error says why, and every command in flight gets its ERROR event.
static inline lun_status lun_session_feed(lun_session *session, lun_view received) {
  return session->driver->feed(session, received);
}

/// Lends up to `max` parts to send. Valid until the next call on `session`.
static inline size_t lun_session_output(lun_session *session, lun_view *parts, size_t max) {
  return session->driver->output(session, parts, max);
}

static inline void lun_session_sent(lun_session *session, size_t count) {
  session->driver->sent(session, count);
}

static inline lun_status lun_session_encrypted(lun_session *session,
                                               const lun_encryption *encryption) {
  return session->driver->encrypted(session, encryption);
}

/// The stream ended, or the host gave up: closes the session. `cause` NULL means an orderly end.
static inline void lun_session_hangup(lun_session *session, const lun_error *cause) {
  session->driver->hangup(session, cause);
}

/// Queues a command. Nothing is queued on failure. `*token` is 0 for one that is never answered.
static inline lun_status lun_session_command(lun_session *session,
                                             const lun_command *command,
                                             lun_token *token,
                                             lun_error *error) {
  return session->driver->command(session, command, token, error);
}

/// Whether no command in flight may change how text is escaped. Until then nothing is: what a
/// literal means would depend on an answer that is still to come.
static inline bool lun_session_is_settled(const lun_session *session) {
  return session->driver->is_settled(session);
}

/// Takes the next event; false when there is none.
static inline bool lun_session_next(lun_session *session, lun_event *event) {
  return session->driver->next(session, event);
}

/// The rows of streamed commands that were told so far have been taken: a pause ends.
static inline void lun_session_resume(lun_session *session) {
  session->driver->resume(session);
}

/// Nobody wants what is left of `token`: its rows are dropped as they come, and counted in
/// `session->discarded`. Its last event is told as ever. A token that is answered is no mistake.
static inline void lun_session_discard(lun_session *session, lun_token token) {
  session->driver->discard(session, token);
}

/// Sends a piece of the data that the server asked `token` for; an empty one is the end. `chunk` is
/// borrowed until it is sent. Send what is queued before the next piece, and memory stays bounded.
/// LUN_ERR_STATE when the server does not ask, or no longer: an ERROR event says why.
static inline lun_status
lun_session_data(lun_session *session, lun_token token, lun_view chunk, lun_error *error) {
  return session->driver->data(session, token, chunk, error);
}
