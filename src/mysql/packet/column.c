#include "mysql/field_type.h"
#include "mysql/packet.h"

enum { FIXED_FIELDS = 0x0c };

lun_status lun_mysql_column_decode(lun_reader *reader, lun_column *column) {
  lun_reader_lenenc_view(reader); // catalog, always "def"
  column->schema = lun_reader_lenenc_view(reader);
  column->table = lun_reader_lenenc_view(reader);
  column->original_table = lun_reader_lenenc_view(reader);
  column->name = lun_reader_lenenc_view(reader);
  column->original_name = lun_reader_lenenc_view(reader);
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
  return reader->status;
}
