// src/mysql/codec.
#include "mysql/codec/codec.h"
#include "spec_module.h"

#include <stdlib.h>

// compress(algorithm, plain, level): compressed bytes; nil without the algorithm.
static int compress(lua_State *L) {
  bool is_zstd = strcmp(luaL_checkstring(L, 1), "zstd") == 0;
  const lun_mysql_codec *codec =
      lun_mysql_codec_of(is_zstd ? LUN_COMPRESSION_ZSTD : LUN_COMPRESSION_ZLIB);
  lun_view plain = lun_spec_view(L, 2);
  if (!codec) {
    return 0;
  }
  int level = (int)luaL_optinteger(L, 3, codec->default_level);
  size_t room = plain.size + 1024;
  size_t size = 0;
  uint8_t *out = lua_newuserdata(L, room);
  lun_status status = codec->encode(plain, level, out, room, &size);
  if (status != LUN_OK) {
    return luaL_error(L, "%s", lun_status_phrase(status));
  }
  lua_pushlstring(L, (const char *)out, size);
  return 1;
}

// decompress(algorithm, bytes, room): the plain bytes; nil and a phrase when they are no such
// stream.
static int decompress(lua_State *L) {
  bool is_zstd = strcmp(luaL_checkstring(L, 1), "zstd") == 0;
  const lun_mysql_codec *codec =
      lun_mysql_codec_of(is_zstd ? LUN_COMPRESSION_ZSTD : LUN_COMPRESSION_ZLIB);
  lun_view bytes = lun_spec_view(L, 2);
  size_t room = (size_t)luaL_checknumber(L, 3);
  uint8_t *out = lua_newuserdata(L, room + 1);
  void *stream = codec->open();
  size_t size = 0;
  bool is_end = false;
  lun_status status = codec->decode(stream, &bytes, out, room + 1, &size, &is_end);
  codec->close(stream);
  if (status != LUN_OK || !is_end) {
    return lun_spec_fail(L, status);
  }
  lua_pushlstring(L, (const char *)out, size);
  return 1;
}

const luaL_Reg LUN_SPEC_COMPRESSION[] = {
    {"compress", compress},
    {"decompress", decompress},
    {NULL, NULL},
};
