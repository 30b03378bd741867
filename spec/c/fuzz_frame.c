// Frames: the same packets come out however the bytes are cut.
#include "fuzz.h"
#include "mysql/frame.h"

typedef struct outcome {
  lun_buffer packets; // each behind its size
  lun_error error;
} outcome;

static void feed(lun_view bytes, size_t step, uint64_t max_packet, outcome *result) {
  lun_mysql_framer framer = {.max_packet = max_packet};
  while (bytes.size > 0 && result->error.status == LUN_OK) {
    size_t size = step > 0 && step < bytes.size ? step : bytes.size;
    lun_view part = {bytes.data, size};
    bytes.data += size;
    bytes.size -= size;
    while (part.size > 0 && result->error.status == LUN_OK) {
      lun_view packet;
      bool is_whole;
      if (lun_mysql_framer_next(&framer, &part, &packet, &is_whole, &result->error) == LUN_OK
          && is_whole) {
        FUZZ_CHECK(packet.size <= max_packet);
        lun_buffer_u32(&result->packets, (uint32_t)packet.size);
        lun_buffer_view(&result->packets, packet);
        framer.is_unsolicited = false;
      }
    }
    lun_mysql_framer_rest(&framer);
    FUZZ_CHECK(framer.body.size <= max_packet + LUN_ROWS_HEADROOM);
  }
  lun_mysql_framer_deinit(&framer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lun_view input = {data, size};
  size_t step = fuzz_u8(&input);
  uint64_t max_packet = (uint64_t)fuzz_u8(&input) * 64;
  outcome at_once = {0};
  outcome in_steps = {0};
  feed(input, 0, max_packet, &at_once);
  feed(input, step + 1, max_packet, &in_steps);
  FUZZ_CHECK(at_once.error.status == in_steps.error.status);
  FUZZ_CHECK(
      lun_view_equal(lun_buffer_bytes(&at_once.packets), lun_buffer_bytes(&in_steps.packets)));
  lun_buffer_deinit(&at_once.packets);
  lun_buffer_deinit(&in_steps.packets);
  return 0;
}
