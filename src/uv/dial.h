/// From a name to a connected socket: resolves, then tries every address in turn.
#pragma once

#include "base/error.h"
#include "uv/loop.h"

typedef struct lun_dial lun_dial;

/// Told once: a connected, non-blocking socket that the handler takes, or -1 and the error of the
/// last address tried.
typedef void (*lun_dial_handler)(void *context, int socket, const lun_error *error);

/// Where to: a unix socket when `path` is set, else TCP.
typedef struct lun_address {
  const char *host;
  const char *port;
  const char *path;
} lun_address;

/// Starts; copies `address`. The handler may be called before this returns, and `*owner` is NULL
/// from then on. Does not tell the handler on failure.
lun_status lun_dial_start(lun_loop *loop,
                          const lun_address *address,
                          lun_dial_handler handler,
                          void *context,
                          lun_dial **owner,
                          lun_error *error);

/// Gives up; the handler is not called. lun_dial_cancel(NULL) does nothing.
void lun_dial_cancel(lun_dial *dial);
