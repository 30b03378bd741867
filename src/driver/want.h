/// What a session needs from its host next.
#pragma once

typedef enum lun_want {
  LUN_WANT_NOTHING, // idle: no command is outstanding
  LUN_WANT_READ,    // bytes from the peer
  LUN_WANT_PAUSE,   // no bytes from the peer, until what was told has been taken
  LUN_WANT_WRITE,   // its output sent; it may want bytes as well, so keep reading
  LUN_WANT_TLS,     // the stream encrypted, then lun_session_encrypted()
  LUN_WANT_WORK,    // blocking work done on a thread (drivers that call a library)
  LUN_WANT_CLOSED,  // the stream closed; the session is over
} lun_want;
