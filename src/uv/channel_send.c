// What a channel sends: the session's output, in clear or inside TLS.
#include "uv/channel_parts.h"

void lun_channel_begin_tls(lun_channel *channel) {
  lun_error error;
  if (!channel->tls_context) {
    lun_error_set(&error, LUN_ERR_TLS, "no TLS context was given");
    lun_session_hangup(channel->session, &error);
    return;
  }
  channel->tls = lun_tls_new(channel->tls_context, channel->server_name, &error);
  if (!channel->tls) {
    lun_session_hangup(channel->session, &error);
  }
}

// Sends the cipher text that waits. Returns whether all of it went out.
static bool send_cipher(lun_channel *channel, lun_error *error) {
  lun_view cipher = lun_tls_output(channel->tls);
  while (cipher.size > 0) {
    size_t count = 0;
    if (lun_stream_send(&channel->stream, &cipher, 1, &count, error) != LUN_OK || count == 0) {
      return false;
    }
    lun_tls_sent(channel->tls, count);
    cipher = lun_tls_output(channel->tls);
  }
  return true;
}

static void tell_encrypted(lun_channel *channel) {
  const lun_tls *tls = channel->tls;
  lun_encryption encryption = {
      .is_verified = lun_tls_is_verified(tls),
      .is_resumed = lun_tls_is_resumed(tls),
      .doubt = lun_tls_doubt(tls),
      .version = lun_tls_version(tls),
      .cipher = lun_tls_cipher(tls),
  };
  encryption.needs_proof = encryption.doubt != NULL;
  lun_tls_fingerprint(tls, encryption.fingerprint);
  lun_session_encrypted(channel->session, &encryption);
}

void lun_channel_shake_hands(lun_channel *channel) {
  lun_error error = {.status = LUN_OK};
  bool is_done = false;
  lun_status status = lun_tls_handshake(channel->tls, &is_done, &error);
  // An alert for the server may wait even when the handshake failed.
  lun_error ignored = {.status = LUN_OK};
  channel->stream.is_blocked = !send_cipher(channel, status == LUN_OK ? &error : &ignored);
  if (status != LUN_OK || error.status != LUN_OK) {
    lun_session_hangup(channel->session, &error);
  } else if (is_done) {
    channel->is_encrypted = true;
    tell_encrypted(channel);
  }
}

static bool send_plain(lun_channel *channel, lun_error *error) {
  enum { PARTS = 16 };
  lun_view parts[PARTS];
  size_t count;
  while ((count = lun_session_output(channel->session, parts, PARTS)) > 0) {
    size_t sent = 0;
    if (lun_stream_send(&channel->stream, parts, count, &sent, error) != LUN_OK || sent == 0) {
      return false;
    }
    lun_session_sent(channel->session, sent);
  }
  return true;
}

// Encrypts one read buffer's worth at a time, so that a large statement is never held twice.
static bool send_encrypted(lun_channel *channel, lun_error *error) {
  lun_view part;
  while (send_cipher(channel, error)) {
    if (lun_session_output(channel->session, &part, 1) == 0) {
      return true;
    }
    part.size = part.size < LUN_READ_SIZE ? part.size : LUN_READ_SIZE;
    if (lun_tls_write(channel->tls, part, error) != LUN_OK) {
      return false;
    }
    lun_session_sent(channel->session, part.size);
  }
  return false;
}

void lun_channel_send(lun_channel *channel, lun_error *error) {
  bool is_all_sent =
      channel->is_encrypted ? send_encrypted(channel, error) : send_plain(channel, error);
  channel->stream.is_blocked = !is_all_sent;
}

bool lun_channel_has_cipher(const lun_channel *channel) {
  return channel->is_encrypted && lun_tls_output(channel->tls).size > 0;
}
