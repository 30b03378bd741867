#include "base/reader.h"

lun_view lun_reader_rest(lun_reader *reader) {
  return lun_reader_take(reader, reader->rest.size);
}

static uint64_t read_uint(lun_reader *reader, size_t width) {
  lun_view bytes = lun_reader_take(reader, width);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size; i++) {
    value |= (uint64_t)bytes.data[i] << (8 * i);
  }
  return value;
}

uint32_t lun_reader_u32(lun_reader *reader) {
  return (uint32_t)read_uint(reader, 4);
}

uint64_t lun_reader_long_lenenc(lun_reader *reader) {
  uint8_t first = lun_reader_u8(reader);
  switch (first) {
  case 0xfc: return read_uint(reader, 2);
  case 0xfd: return read_uint(reader, 3);
  case 0xfe: return read_uint(reader, 8);
  case 0xfb:
  case 0xff: lun_reader_fail(reader, LUN_ERR_PROTOCOL); return 0;
  default: return first;
  }
}

lun_view lun_reader_lenenc_view(lun_reader *reader) {
  uint64_t size = lun_reader_lenenc(reader);
  if (size > reader->rest.size) { // compared before the cast: a size_t may be narrower
    lun_reader_fail(reader, LUN_ERR_TRUNCATED);
    return (lun_view){0};
  }
  return lun_reader_take(reader, (size_t)size);
}

lun_view lun_reader_nul_view(lun_reader *reader) {
  const uint8_t *end =
      reader->rest.size > 0 ? memchr(reader->rest.data, 0, reader->rest.size) : NULL;
  if (!end) {
    lun_reader_fail(reader, LUN_ERR_TRUNCATED);
    return (lun_view){0};
  }
  lun_view text = lun_reader_take(reader, (size_t)(end - reader->rest.data));
  lun_reader_take(reader, 1);
  return text;
}

lun_status lun_reader_finish(const lun_reader *reader) {
  if (reader->status == LUN_OK && reader->rest.size > 0) {
    return LUN_ERR_TRAILING;
  }
  return reader->status;
}
