/// From a name to a connected socket: resolves, then races the addresses.
#pragma once

#include "base/error.h"
#include "uv/loop.h"

#include <stddef.h>

typedef struct lun_dial lun_dial;

/// Told once: a connected, non-blocking socket that the handler takes, or -1 and an error that says
/// which addresses were tried, and why each failed.
typedef void (*lun_dial_handler)(void *context, int socket, const lun_error *error);

/// Where to: a unix socket when `path` is set, else TCP.
typedef struct lun_address {
  const char *host;
  const char *port;
  const char *path;
  const char *local;          // address in numbers to connect from; NULL: any
  const char *const *numbers; // addresses of `host` that are known already: nothing is resolved
  size_t number_count;
} lun_address;

/// Starts; copies `address`. The handler may be called before this returns, and `*owner` is NULL
/// from then on. Does not tell the handler on failure.
lun_status lun_dial_start(lun_loop *loop,
                          const lun_address *address,
                          lun_dial_handler handler,
                          void *context,
                          lun_dial **owner,
                          lun_error *error);

/// Writes what it waits for, for messages, ended by a zero. lun_dial_describe(NULL, …) writes that
/// there is a connection.
void lun_dial_describe(const lun_dial *dial, char *text, size_t size);

/// Gives up; the handler is not called. lun_dial_cancel(NULL) does nothing.
void lun_dial_cancel(lun_dial *dial);
