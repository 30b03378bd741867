/// Connects to the first of several addresses that answers (RFC 8305, section 5): an attempt starts
/// when the one before failed, or has taken a while, and the first that is connected ends the rest.
#pragma once

#include "uv/addresses.h"
#include "uv/timer.h"

/// Told once: a connected, non-blocking socket that the handler takes, or -1 when every address
/// failed. The race is over by then, and its memory may go.
typedef void (*lun_race_handler)(void *context, int socket);

typedef struct lun_attempt lun_attempt;

/// The caller keeps the memory. A zeroed one is not running.
typedef struct lun_race {
  lun_loop *loop;
  const lun_addresses *addresses;  // borrowed
  const lun_socket_address *local; // to connect from, NULL: any; borrowed
  lun_race_handler handler;
  void *context;
  size_t next;    // address that is tried next
  size_t pending; // attempts that wait
  lun_attempt *attempts[LUN_MOST_ADDRESSES];
  int codes[LUN_MOST_ADDRESSES]; // errno of the attempt that failed, else 0
  lun_timer delay;
} lun_race;

/// Starts; borrows `addresses` and `local` until the race is over. The handler may be called before
/// this returns.
void lun_race_start(lun_race *race,
                    lun_loop *loop,
                    const lun_addresses *addresses,
                    const lun_socket_address *local,
                    lun_race_handler handler,
                    void *context);

/// Gives up; the handler is not called. Nothing happens when the race is over or never began.
void lun_race_stop(lun_race *race);

/// Writes what became of each address so far, as in "::1: connection refused; 10.0.0.1: no answer",
/// ended by a zero. What does not fit in `size` is counted, as in "and 3 more".
void lun_race_describe(const lun_race *race, char *text, size_t size);
