// Column definitions and rows: a cell is the same alone and with its row, and no byte is made up.
#include "base/buffer.h"
#include "fuzz.h"
#include "mysql/decode.h"
#include "mysql/packet.h"

enum { MOST_COLUMNS = 8, STRINGS = 6 };

static bool is_within(lun_view part, lun_view whole) {
  return part.size == 0
         || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static bool is_same_moment(const lun_value *a, const lun_value *b) {
  char one[LUN_MOMENT_SIZE];
  char other[LUN_MOMENT_SIZE];
  size_t size = lun_moment_format(a, one);
  FUZZ_CHECK(size <= sizeof one);
  return size == lun_moment_format(b, other) && memcmp(one, other, size) == 0;
}

static bool is_same(const lun_value *a, const lun_value *b) {
  if (a->kind != b->kind) {
    return false;
  }
  switch (a->kind) {
  case LUN_VALUE_NULL: return true;
  case LUN_VALUE_INTEGER: return a->integer == b->integer;
  case LUN_VALUE_UNSIGNED: return a->natural == b->natural;
  case LUN_VALUE_REAL: return memcmp(&a->real, &b->real, sizeof a->real) == 0;
  case LUN_VALUE_DATE:
  case LUN_VALUE_DATETIME:
  case LUN_VALUE_TIME: return is_same_moment(a, b);
  case LUN_VALUE_TEXT:
  case LUN_VALUE_BINARY:
  case LUN_VALUE_LITERAL: return lun_view_equal(a->bytes, b->bytes);
  }
  return false;
}

static void decode_rows(const lun_decoder *decoder,
                        const lun_metadata *metadata,
                        lun_view row,
                        const lun_value *cells,
                        lun_status alone) {
  lun_value many[2 * MOST_COLUMNS];
  lun_rows store = {0};
  if (lun_rows_append(&store, row) == LUN_OK && lun_rows_append(&store, row) == LUN_OK) {
    FUZZ_CHECK(decoder->rows(metadata, &store, 0, store.count, many) == alone);
    for (uint32_t i = 0; i < 2 * metadata->count && alone == LUN_OK; i++) {
      FUZZ_CHECK(is_same(&many[i], &cells[i % metadata->count]));
    }
  }
  lun_rows_deinit(&store);
}

static void decode_row(const lun_decoder *decoder, const lun_metadata *metadata, lun_view row) {
  lun_value cells[MOST_COLUMNS];
  lun_status status = decoder->row(metadata, row, cells);
  FUZZ_CHECK(status == LUN_OK || status == LUN_ERR_PROTOCOL);
  decode_rows(decoder, metadata, row, cells, status);
  lun_mark mark = {0};
  for (uint32_t i = 0; i < metadata->count; i++) {
    lun_value cell = {0};
    lun_value again = {0};
    lun_status alone = decoder->cell(metadata, row, i, NULL, &cell);
    FUZZ_CHECK(decoder->cell(metadata, row, i, &mark, &again) == alone);
    if (status != LUN_OK) {
      continue;
    }
    FUZZ_CHECK(alone == LUN_OK && is_same(&cell, &cells[i]) && is_same(&again, &cells[i]));
    if (cell.kind == LUN_VALUE_TEXT || cell.kind == LUN_VALUE_BINARY) {
      FUZZ_CHECK(is_within(cell.bytes, row));
    }
  }
}

// In memory that ends with the row, so that a sanitizer sees a read behind it.
static void check_row(const lun_metadata *metadata, lun_view bytes) {
  uint8_t *copy = malloc(LUN_ROWS_BEFORE + bytes.size);
  if (!copy) {
    return;
  }
  memset(copy, '1', LUN_ROWS_BEFORE);
  lun_view row = {copy + LUN_ROWS_BEFORE, bytes.size};
  if (bytes.size > 0) {
    memcpy(copy + LUN_ROWS_BEFORE, bytes.data, bytes.size);
  }
  if (lun_mysql_text_row_check(row, metadata->count) == LUN_OK) {
    decode_row(&LUN_MYSQL_TEXT_DECODER, metadata, row);
  }
  if (lun_mysql_binary_row_check(row, metadata) == LUN_OK) {
    decode_row(&LUN_MYSQL_BINARY_DECODER, metadata, row);
  }
  free(copy);
}

// Well-formed definitions of `count` columns whose types the input says.
static void write_columns(lun_view *input, uint32_t count, lun_buffer *raw) {
  for (uint32_t i = 0; i < count; i++) {
    lun_buffer packet = {0};
    for (int s = 0; s < STRINGS; s++) {
      lun_buffer_lenenc_view(&packet, lun_view_of("a"));
    }
    lun_buffer_u8(&packet, 0x0c);
    lun_buffer_u16(&packet, fuzz_u8(input));
    lun_buffer_u32(&packet, 0);
    lun_buffer_u8(&packet, fuzz_u8(input));
    lun_buffer_u16(&packet, fuzz_u8(input));
    lun_buffer_u24(&packet, 0);
    lun_buffer_lenenc_view(raw, lun_buffer_bytes(&packet));
    lun_buffer_deinit(&packet);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lun_view input = {data, size};
  uint8_t first = fuzz_u8(&input);
  uint32_t count = first % MOST_COLUMNS + 1;
  lun_buffer raw = {0};
  if (first & 0x80) {
    lun_buffer_view(&raw, fuzz_bytes(&input)); // hostile definitions
  } else {
    write_columns(&input, count, &raw);
  }
  lun_metadata_cache *cache = lun_metadata_cache_new();
  lun_metadata *metadata = NULL;
  lun_status status = cache ? lun_metadata_cache_get(
                          cache, lun_buffer_bytes(&raw), count, lun_mysql_parse_columns, &metadata)
                            : LUN_ERR_NOMEM;
  FUZZ_CHECK((status == LUN_OK) == (metadata != NULL));
  FUZZ_CHECK((first & 0x80) || status == LUN_OK);
  while (metadata && input.size > 0) {
    check_row(metadata, fuzz_bytes(&input));
  }
  lun_metadata_release(metadata);
  lun_metadata_cache_free(cache);
  lun_buffer_deinit(&raw);
  return 0;
}
