#include "base/status.h"

#include <string.h>

const char *lun_status_phrase(lun_status status) {
  switch (status) {
#define X(name, number, phrase) \
  case name: return phrase;
    LUN_STATUS_MAP(X)
#undef X
  }
  return "unknown status";
}

const char *lun_status_name(lun_status status) {
  const char *name = "UNKNOWN";
  switch (status) {
#define X(code, number, phrase) \
  case code: name = #code; break;
    LUN_STATUS_MAP(X)
#undef X
  }
  const char *last = strstr(name, "ERR_");
  return last ? last + strlen("ERR_") : name;
}
