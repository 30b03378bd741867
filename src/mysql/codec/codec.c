#include "mysql/codec/codec.h"

const lun_mysql_codec *lun_mysql_codec_of(lun_compression compression) {
  switch (compression) {
  case LUN_COMPRESSION_ZLIB: return &LUN_MYSQL_ZLIB;
  case LUN_COMPRESSION_ZSTD:
#ifdef LUNASA_ZSTD
    return &LUN_MYSQL_ZSTD;
#endif
  case LUN_COMPRESSION_NONE: break;
  }
  return NULL;
}
