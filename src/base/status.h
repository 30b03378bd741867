/// Status codes: what every function that can fail returns.
#pragma once

/// Each code, its number and the phrase shown to users.
///
/// Zero is success and every failure is negative. Progress ("want more bytes", "rows follow") is
/// never a status: it is a value of its own type, so that `status != LUN_OK` always means failure.
#define LUN_STATUS_MAP(X)                                                \
  X(LUN_OK, 0, "ok")                                                     \
  X(LUN_ERR_NOMEM, -1, "out of memory")                                  \
  X(LUN_ERR_TRUNCATED, -2, "packet ends before its last field")          \
  X(LUN_ERR_TRAILING, -3, "packet goes on after its last field")         \
  X(LUN_ERR_PROTOCOL, -4, "the server broke the protocol")               \
  X(LUN_ERR_LIMIT, -5, "a limit was exceeded")                           \
  X(LUN_ERR_AUTH, -6, "authentication failed")                           \
  X(LUN_ERR_TLS, -7, "TLS failed")                                       \
  X(LUN_ERR_IO, -8, "connection lost")                                   \
  X(LUN_ERR_STATE, -9, "the object is in the wrong state for this call") \
  X(LUN_ERR_ARGUMENT, -10, "bad argument")                               \
  X(LUN_ERR_SERVER, -11, "the server reported an error")                 \
  X(LUN_ERR_TIMEOUT, -12, "timed out")                                   \
  X(LUN_ERR_CANCELLED, -13, "cancelled")                                 \
  X(LUN_ERR_UNSUPPORTED, -14, "not supported")

typedef enum lun_status {
#define X(name, number, phrase) name = (number),
  LUN_STATUS_MAP(X)
#undef X
} lun_status;

/// Returns the phrase for `status`, a static string.
const char *lun_status_phrase(lun_status status);

/// Returns the code as users see it in error.code, such as "NOMEM"; a static string.
const char *lun_status_name(lun_status status);
