#include "mysql/collation.h"

#include <strings.h>

typedef struct collation {
  uint8_t id;
  bool is_default;
  const char *charset;
  const char *name;
} collation;

// INFORMATION_SCHEMA.COLLATIONS, ids up to 255; both servers agree on them.
static const collation COLLATIONS[] = {
    {45, true, "utf8mb4", "utf8mb4_general_ci"},
    {46, false, "utf8mb4", "utf8mb4_bin"},
    {224, false, "utf8mb4", "utf8mb4_unicode_ci"},
    {246, false, "utf8mb4", "utf8mb4_unicode_520_ci"},
    {255, false, "utf8mb4", "utf8mb4_0900_ai_ci"},
    {33, true, "utf8mb3", "utf8mb3_general_ci"},
    {33, true, "utf8", "utf8_general_ci"},
    {83, false, "utf8mb3", "utf8mb3_bin"},
    {83, false, "utf8", "utf8_bin"},
    {192, false, "utf8mb3", "utf8mb3_unicode_ci"},
    {192, false, "utf8", "utf8_unicode_ci"},
    {8, true, "latin1", "latin1_swedish_ci"},
    {5, false, "latin1", "latin1_german1_ci"},
    {15, false, "latin1", "latin1_danish_ci"},
    {31, false, "latin1", "latin1_german2_ci"},
    {47, false, "latin1", "latin1_bin"},
    {48, false, "latin1", "latin1_general_ci"},
    {49, false, "latin1", "latin1_general_cs"},
    {94, false, "latin1", "latin1_spanish_ci"},
    {9, true, "latin2", "latin2_general_ci"},
    {11, true, "ascii", "ascii_general_ci"},
    {65, false, "ascii", "ascii_bin"},
    {63, true, "binary", "binary"},
    {51, true, "cp1251", "cp1251_general_ci"},
    {26, true, "cp1250", "cp1250_general_ci"},
    {57, true, "cp1256", "cp1256_general_ci"},
    {7, true, "koi8r", "koi8r_general_ci"},
    {22, true, "koi8u", "koi8u_general_ci"},
    {25, true, "greek", "greek_general_ci"},
    {16, true, "hebrew", "hebrew_general_ci"},
    {30, true, "latin5", "latin5_turkish_ci"},
    {41, true, "latin7", "latin7_general_ci"},
    {12, true, "ujis", "ujis_japanese_ci"},
    {97, true, "eucjpms", "eucjpms_japanese_ci"},
    {19, true, "euckr", "euckr_korean_ci"},
};

// MySQL's alone. MariaDB does not refuse an id that it does not know: it takes the server's default
// character set without a word, and escaping for another one would not be safe.
enum { MYSQL_ONLY = 255 };

enum { COLLATION_COUNT = sizeof COLLATIONS / sizeof COLLATIONS[0] };

static bool is_name(lun_view view, const char *name) {
  return view.size == strlen(name) && strncasecmp((const char *)view.data, name, view.size) == 0;
}

uint8_t lun_mysql_handshake_collation(lun_view charset, lun_view wanted, uint8_t server_default) {
  uint8_t fallback = 0;
  for (size_t i = 0; i < COLLATION_COUNT; i++) {
    const collation *known = &COLLATIONS[i];
    if (!is_name(charset, known->charset)) {
      continue;
    }
    if (wanted.size > 0 ? is_name(wanted, known->name) : known->id == server_default) {
      return known->id == MYSQL_ONLY && server_default != MYSQL_ONLY ? 0 : known->id;
    }
    if (wanted.size == 0 && known->is_default) {
      fallback = known->id;
    }
  }
  return fallback;
}

bool lun_mysql_collation_is_of(uint8_t id, lun_view charset) {
  for (size_t i = 0; i < COLLATION_COUNT; i++) {
    if (COLLATIONS[i].id == id && is_name(charset, COLLATIONS[i].charset)) {
      return true;
    }
  }
  return false;
}

bool lun_mysql_charset_is_escapable(lun_view charset) {
  for (size_t i = 0; i < COLLATION_COUNT; i++) {
    if (is_name(charset, COLLATIONS[i].charset)) {
      return true;
    }
  }
  return false;
}
