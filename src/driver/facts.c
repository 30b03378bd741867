#include "driver/driver.h"

#include <stdlib.h>

bool lun_fact_set(char **fact, lun_view value, size_t most) {
  char *copy = NULL;
  if (value.size > 0) {
    const char *text = (const char *)value.data;
    size_t size = strnlen(text, value.size < most ? value.size : most);
    if (!(copy = malloc(size + 1))) {
      return false;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
  }
  free(*fact);
  *fact = copy;
  return true;
}

void lun_facts_clear(lun_facts *facts) {
  char **owned[] = {
      &facts->server_version, &facts->database, &facts->tls_version, &facts->tls_cipher};
  for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) {
    free(*owned[i]);
    *owned[i] = NULL;
  }
}
