#include "mysql/field_type.h"
#include "mysql/packet.h"

enum { FIXED_FIELDS = 0x0c, EXTENDED_TYPE_NAME = 0, EXTENDED_FORMAT = 1 };

// MariaDB's EXTENDED_METADATA: entries of a number, a length and text.
static void read_extended(lun_reader *reader, lun_column *column) {
  lun_reader entries = lun_reader_over(lun_reader_lenenc_view(reader));
  while (entries.rest.size > 0 && entries.status == LUN_OK) {
    uint8_t number = lun_reader_u8(&entries);
    lun_view text = lun_reader_lenenc_view(&entries);
    if (number == EXTENDED_TYPE_NAME) {
      column->type_name = text;
    } else if (number == EXTENDED_FORMAT) {
      column->format = text;
    }
  }
  if (entries.status != LUN_OK) {
    lun_reader_fail(reader, entries.status);
  }
}

// Only of strings: what the type says of other columns is how their cells are read.
static lun_column_class extended_class(const lun_column *column) {
  static const char *const texts[] = {"uuid", "inet4", "inet6"};
  bool is_string = column->class == LUN_COLUMN_TEXT || column->class == LUN_COLUMN_BINARY;
  if (is_string && lun_view_equal(column->format, lun_view_of("json"))) {
    return LUN_COLUMN_JSON;
  }
  for (size_t i = 0; is_string && i < sizeof texts / sizeof texts[0]; i++) {
    if (lun_view_equal(column->type_name, lun_view_of(texts[i]))) {
      return LUN_COLUMN_TEXT;
    }
  }
  return column->class;
}

lun_status lun_mysql_column_decode(lun_reader *reader, bool is_extended, lun_column *column) {
  lun_reader_lenenc_view(reader); // catalog, always "def"
  column->schema = lun_reader_lenenc_view(reader);
  column->table = lun_reader_lenenc_view(reader);
  column->original_table = lun_reader_lenenc_view(reader);
  column->name = lun_reader_lenenc_view(reader);
  column->original_name = lun_reader_lenenc_view(reader);
  column->type_name = (lun_view){0};
  column->format = (lun_view){0};
  if (is_extended) {
    read_extended(reader, column);
  }
  if (lun_reader_lenenc(reader) != FIXED_FIELDS) {
    lun_reader_fail(reader, LUN_ERR_PROTOCOL);
  }
  column->charset = lun_reader_u16(reader);
  column->length = lun_reader_u32(reader);
  column->type = lun_reader_u8(reader);
  column->flags = lun_reader_u16(reader);
  column->decimals = lun_reader_u8(reader);
  lun_reader_u16(reader); // filler
  column->class = lun_mysql_column_class(column->type, column->flags, column->charset);
  column->class = extended_class(column);
  return reader->status;
}
