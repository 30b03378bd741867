// A session whose bytes travel compressed.
#include "mysql/capability.h"
#include "mysql/session.h"

static lun_compression agreed(const lun_mysql_session *session) {
  if (session->capabilities & LUN_MYSQL_CLIENT_ZSTD_COMPRESSION_ALGORITHM) {
    return LUN_COMPRESSION_ZSTD;
  }
  return session->capabilities & LUN_MYSQL_CLIENT_COMPRESS ? LUN_COMPRESSION_ZLIB
                                                           : LUN_COMPRESSION_NONE;
}

lun_status lun_mysql_session_compress(lun_mysql_session *session) {
  const lun_options *options = &session->options;
  lun_compression algorithm = agreed(session);
  const lun_mysql_codec *codec = lun_mysql_codec_of(algorithm);
  if (!codec || session->compression) {
    return LUN_OK;
  }
  if (!lun_outbox_is_empty(&session->outbox)) {
    return lun_mysql_session_fail(
        session, LUN_ERR_PROTOCOL, "the server ended the login before all of it was sent");
  }
  int level = options->compression_level < codec->highest_level ? options->compression_level
                                                                : codec->highest_level;
  session->compression = lun_mysql_compression_new(codec, level, options->compress_threshold);
  if (!session->compression) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  session->base.facts.compression = algorithm;
  return LUN_OK;
}

// Servers do not count the packets inside on their own: where they flush, they begin with the
// number of the compressed packet that it comes in.
static void follow_sequence(lun_mysql_session *session, lun_view plain) {
  enum { SEQUENCE_AT = 3 };
  const lun_mysql_compression *compression = session->compression;
  if (compression->is_aligned && compression->offset <= SEQUENCE_AT
      && SEQUENCE_AT - compression->offset < plain.size
      && plain.data[SEQUENCE_AT - compression->offset] == compression->header[3]) {
    session->framer.sequence = compression->header[3];
  }
}

// Feeds the session with the plain bytes that come next, of which there may be none.
static lun_status feed_some(lun_mysql_session *session, lun_view *received) {
  lun_mysql_compression *compression = session->compression;
  lun_error error;
  lun_view plain;
  bool was_in_order = !compression->is_out_of_order;
  bool is_empty = lun_mysql_framer_is_empty(&session->framer);
  if (lun_mysql_compression_next(compression, received, &plain, &error) != LUN_OK) {
    return lun_mysql_session_fail_with(session, &error);
  }
  if (was_in_order && compression->is_out_of_order && !is_empty) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_PROTOCOL,
                                  "packets out of order: the server sent compressed packet %u "
                                  "inside a packet that others began",
                                  compression->header[3]);
  }
  session->framer.is_unsolicited |= compression->is_out_of_order;
  if (plain.size > 0 && compression->offset == 0) {
    compression->is_aligned = is_empty;
  }
  follow_sequence(session, plain);
  lun_status status = lun_mysql_session_feed_packets(session, &plain);
  while (status == LUN_OK && plain.size > 0 && session->phase != LUN_MYSQL_CLOSED) {
    status = lun_mysql_session_feed_packets(session, &plain); // behind another login
  }
  return status == LUN_OK ? lun_mysql_session_tell_batch(session) : status;
}

// Stops where a stream is full: its rows would take far more memory than the bytes they come in.
static lun_status feed_until_full(lun_mysql_session *session, lun_view *received) {
  const lun_mysql_compression *compression = session->compression;
  while ((received->size > 0 || lun_mysql_compression_has_more(compression))
         && session->phase != LUN_MYSQL_CLOSED && !lun_mysql_session_is_full(session)) {
    lun_status status = feed_some(session, received);
    if (status != LUN_OK) {
      return status;
    }
  }
  return LUN_OK;
}

static void rest_when_idle(lun_mysql_session *session) {
  lun_mysql_compression *compression = session->compression;
  if (session->phase == LUN_MYSQL_READY && compression->header_size == 0
      && compression->kept.size == 0) {
    lun_mysql_compression_rest(compression);
    lun_mysql_framer_rest(&session->framer);
  }
}

void lun_mysql_session_feed_kept(lun_mysql_session *session) {
  lun_buffer *kept = &session->compression->kept;
  if (session->phase == LUN_MYSQL_CLOSED
      || (kept->size == 0 && !lun_mysql_compression_has_more(session->compression))) {
    return;
  }
  lun_view rest = lun_buffer_bytes(kept);
  feed_until_full(session, &rest);
  lun_buffer_consume(kept, kept->size - rest.size);
  rest_when_idle(session);
}

lun_status lun_mysql_session_feed_compressed(lun_mysql_session *session, lun_view *received) {
  lun_buffer *kept = &session->compression->kept;
  if (kept->size == 0 && feed_until_full(session, received) != LUN_OK) {
    return session->base.status;
  }
  lun_buffer_view(kept, *received);
  if (kept->status != LUN_OK) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for compressed packets");
  }
  lun_view_drop(received, received->size);
  rest_when_idle(session);
  return LUN_OK;
}

size_t
lun_mysql_session_compressed_output(lun_mysql_session *session, lun_view *parts, size_t max) {
  lun_mysql_compression *compression = session->compression;
  if (session->phase == LUN_MYSQL_CLOSED || max == 0) {
    return 0;
  }
  if (lun_mysql_compression_fill(compression, &session->outbox) != LUN_OK) {
    lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory for compressed packets");
    return 0;
  }
  parts[0] = lun_mysql_compression_output(compression);
  return parts[0].size > 0 ? 1 : 0;
}
