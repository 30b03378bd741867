/// Inside a channel: for channel.c, which receives, and channel_send.c.
#pragma once

#include "uv/channel.h"

struct lun_channel {
  lun_stream stream;
  lun_session *session;
  lun_dial *dial; // while connecting
  lun_timer deadline;
  lun_silence silence;
  double connect_timeout;
  lun_tls_context *tls_context;
  char *server_name;
  lun_tls *tls;
  bool is_encrypted;    // the TLS handshake is done
  bool has_cipher_left; // received cipher text may still have to be decrypted
  bool has_silence_limits;
  bool is_opening; // inside lun_channel_open()
  lun_channel_handler on_change;
  void *context;
  lun_list link; // in loop->channels
};

/// The session wants TLS: begins it. A failure hangs up the session.
void lun_channel_begin_tls(lun_channel *channel);

/// Goes on with the TLS handshake. A failure hangs up the session.
void lun_channel_shake_hands(lun_channel *channel);

/// Sends what the session has, as far as the socket takes it: else the stream is blocked.
void lun_channel_send(lun_channel *channel, lun_error *error);

/// The session may be done with its output while the last of it still waits as cipher text.
bool lun_channel_has_cipher(const lun_channel *channel);
