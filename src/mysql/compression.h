/// Compressed packets (manual: "Compression"): between the framer or the outbox and the wire.
///
/// They wrap the stream of bytes, not packets: three bytes of size, one of sequence, three of the
/// size before compression (0: stored as it is), then the bytes. A packet inside may begin in one
/// and end in another, but a command begins one of its own: servers lose count otherwise.
#pragma once

#include "base/error.h"
#include "base/outbox.h"
#include "base/ring.h"
#include "mysql/codec/codec.h"

enum { LUN_MYSQL_COMPRESSED_HEADER = 7 };

/// What goes out: its numbers, and those of its answer, follow from that.
typedef enum lun_mysql_out {
  LUN_MYSQL_OUT_COMMAND,
  LUN_MYSQL_OUT_SILENT, // a command without an answer
  LUN_MYSQL_OUT_REPLY,  // goes on with the server's numbers
} lun_mysql_out;

typedef struct lun_mysql_compression {
  const lun_mysql_codec *codec;
  int level;
  size_t threshold; // shorter pieces are stored as they are

  // Out.
  lun_buffer wire; // compressed packets
  size_t sent;     // of `wire`
  lun_buffer piece;
  size_t frame_left;  // bytes of the frame that goes out
  bool is_frame_full; // so the next frame goes on with the same packet
  lun_mysql_out outgoing;
  uint8_t out_sequence; // of the next compressed packet
  uint8_t *answers;     // with what number each answer to come begins, oldest first
  lun_ring answer_ring;

  // In.
  uint8_t in_sequence;  // expected next
  bool is_starting;     // the next compressed packet begins the answer to the oldest command
  bool is_out_of_order; // its number was not the one due: only last words may have such
  bool is_aligned;      // it begins where a packet inside does (the session says so)
  uint8_t header[LUN_MYSQL_COMPRESSED_HEADER];
  uint8_t header_size; // bytes of an unfinished header
  size_t left;         // bytes of the compressed packet still to come
  size_t declared;     // its size before compression, 0 when it is stored
  size_t produced;     // bytes of it decompressed so far
  size_t offset;       // of the plain bytes that were lent last, in the packet
  void *stream;
  lun_buffer plain;
  bool is_lent;    // `plain` was handed out and may go
  lun_buffer kept; // received and not looked at: a few bytes can hold many rows
} lun_mysql_compression;

/// Returns what a session needs, owned by the caller; NULL when out of memory. `level` 0 is the
/// codec's own.
lun_mysql_compression *
lun_mysql_compression_new(const lun_mysql_codec *codec, int level, size_t threshold);
void lun_mysql_compression_free(lun_mysql_compression *compression);

/// Gives back all memory but what the next small command needs. Nothing may be under way.
void lun_mysql_compression_rest(lun_mysql_compression *compression);

/// Turns some of what waits in `outbox` into compressed packets, unless enough of them wait.
lun_status lun_mysql_compression_fill(lun_mysql_compression *compression, lun_outbox *outbox);

/// Lends the compressed packets that wait. Valid until the next call.
lun_view lun_mysql_compression_output(const lun_mysql_compression *compression);
void lun_mysql_compression_sent(lun_mysql_compression *compression, size_t count);

/// The answer to the oldest command comes next: its numbers begin where those of the command end.
void lun_mysql_compression_await(lun_mysql_compression *compression);

/// Takes plain bytes out of `*received`; `*plain` is empty when those ran out. Valid until the next
/// call, or until the received bytes go. Never holds more than a bounded part of a packet.
lun_status lun_mysql_compression_next(lun_mysql_compression *compression,
                                      lun_view *received,
                                      lun_view *plain,
                                      lun_error *error);

/// Whether plain bytes may follow without more received ones.
bool lun_mysql_compression_has_more(const lun_mysql_compression *compression);
