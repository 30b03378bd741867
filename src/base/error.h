/// What went wrong, in words that a user can act on.
#pragma once

#include "base/status.h"
#include "base/view.h"

#include <stdarg.h>

enum { LUN_SQLSTATE_SIZE = 5, LUN_ERROR_MESSAGE_SIZE = 512 };

/// An error with room for its own message: copying one copies everything. Never holds a password
/// or a parameter value of ours; a server's message is cut at the size and made printable.
typedef struct lun_error {
  lun_status status;
  uint16_t code;                        // the server's error number, 0 when it is not a server's
  char sqlstate[LUN_SQLSTATE_SIZE + 1]; // empty when the server sent none
  char message[LUN_ERROR_MESSAGE_SIZE];
} lun_error;

/// Makes `error` none: its message, which is eight cache lines, is left as it is.
static inline void lun_error_clear(lun_error *error) {
  error->status = LUN_OK;
}

/// Fills `error` and returns `status`, so that a function can end in `return lun_error_set(…)`.
///
/// Whatever made it, a message is cut at the size between two UTF-8 characters, and its control
/// bytes become '?': names and words of a hostile server cannot steer a terminal or forge a log.
///
/// What makes errors is cold: compilers keep the ways there out of the others' cache lines.
lun_status lun_error_set(lun_error *error, lun_status status, const char *format, ...)
    __attribute__((cold, format(printf, 3, 4)));

lun_status
lun_error_set_list(lun_error *error, lun_status status, const char *format, va_list arguments)
    __attribute__((cold, format(printf, 3, 0)));

/// Fills `error` from ERR_Packet.
lun_status
lun_error_set_server(lun_error *error, uint16_t code, lun_view sqlstate, lun_view message)
    __attribute__((cold));
