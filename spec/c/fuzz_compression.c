// Compressed packets: the same plain bytes come out however they are cut, never more than they say;
// and what we compress is what we read.
#include "fuzz.h"
#include "mysql/compression.h"
#include "mysql/frame.h"

typedef struct outcome {
  lun_buffer plain;
  lun_error error;
  bool is_unfinished; // more of the last packet was to come
} outcome;

enum { MOST = 1 << 20 };

static void feed(const lun_mysql_codec *codec, lun_view bytes, size_t step, outcome *result) {
  lun_mysql_compression *compression = lun_mysql_compression_new(codec, 0, 0);
  if (!compression) {
    return;
  }
  while (bytes.size > 0 && result->error.status == LUN_OK && result->plain.size < MOST) {
    size_t size = step > 0 && step < bytes.size ? step : bytes.size;
    lun_view part = {bytes.data, size};
    lun_view_drop(&bytes, size);
    while ((part.size > 0 || lun_mysql_compression_has_more(compression))
           && result->error.status == LUN_OK && result->plain.size < MOST) {
      lun_view plain;
      if (lun_mysql_compression_next(compression, &part, &plain, &result->error) == LUN_OK) {
        FUZZ_CHECK(compression->produced <= 0xffffff);
        lun_buffer_view(&result->plain, plain);
      }
    }
  }
  result->is_unfinished = compression->left > 0;
  lun_mysql_compression_free(compression);
}

static void read_hostile(const lun_mysql_codec *codec, lun_view input, size_t step) {
  outcome at_once = {0};
  outcome in_steps = {0};
  feed(codec, input, 0, &at_once);
  feed(codec, input, step + 1, &in_steps);
  // zstd finds a bad frame early or late, as it gets its bytes; but find it must.
  bool is_unfinished = at_once.is_unfinished || in_steps.is_unfinished;
  if (at_once.plain.size < MOST && in_steps.plain.size < MOST && !is_unfinished) {
    FUZZ_CHECK(at_once.error.status == in_steps.error.status);
    FUZZ_CHECK(
        at_once.error.status != LUN_OK
        || lun_view_equal(lun_buffer_bytes(&at_once.plain), lun_buffer_bytes(&in_steps.plain)));
  }
  lun_buffer_deinit(&at_once.plain);
  lun_buffer_deinit(&in_steps.plain);
}

// Commands of the input's bytes, sent in steps of any size, read by the other side.
static void write_and_read(const lun_mysql_codec *codec, lun_view input, size_t step) {
  lun_outbox outbox = {0};
  lun_buffer wire = {0};
  lun_buffer expected = {0};
  outcome result = {0};
  lun_mysql_compression *compression = lun_mysql_compression_new(codec, 1, step);
  while (compression && input.size > 0) {
    uint8_t sequence;
    lun_view text = fuzz_bytes(&input);
    static const uint8_t query = 3;
    lun_mysql_frame_command(&outbox, (lun_view){&query, 1}, text, text.size % 2 == 0, &sequence);
    lun_buffer_u24(&expected, (uint32_t)text.size + 1);
    lun_buffer_u8(&expected, 0);
    lun_buffer_u8(&expected, 3);
    lun_buffer_view(&expected, text);
  }
  while (compression && lun_mysql_compression_fill(compression, &outbox) == LUN_OK) {
    lun_view out = lun_mysql_compression_output(compression);
    if (out.size == 0) {
      break;
    }
    size_t size = step > 0 && step < out.size ? step : out.size;
    lun_buffer_append(&wire, out.data, size);
    lun_mysql_compression_sent(compression, size);
  }
  feed(codec, lun_buffer_bytes(&wire), step, &result);
  FUZZ_CHECK(result.error.status == LUN_OK);
  FUZZ_CHECK(lun_view_equal(lun_buffer_bytes(&expected), lun_buffer_bytes(&result.plain)));
  lun_mysql_compression_free(compression);
  lun_outbox_deinit(&outbox);
  lun_buffer_deinit(&wire);
  lun_buffer_deinit(&expected);
  lun_buffer_deinit(&result.plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lun_view input = {data, size};
  uint8_t bits = fuzz_u8(&input);
  size_t step = fuzz_u8(&input);
  const lun_mysql_codec *codec =
      lun_mysql_codec_of(bits & 1 ? LUN_COMPRESSION_ZSTD : LUN_COMPRESSION_ZLIB);
  if (codec && (bits & 2)) {
    write_and_read(codec, input, step);
  } else if (codec) {
    read_hostile(codec, input, step);
  }
  return 0;
}
