#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

// The last index at which `text` may be cut to `size` bytes without halving a UTF-8 character.
static size_t cut_between_characters(const uint8_t *text, size_t size) {
  while (size > 0 && (text[size] & 0xc0) == 0x80) {
    size--;
  }
  return size;
}

lun_status lun_error_set(lun_error *error, lun_status status, const char *format, ...) {
  va_list arguments;
  *error = (lun_error){.status = status};
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return status;
}

lun_status
lun_error_set_server(lun_error *error, uint16_t code, lun_view sqlstate, lun_view message) {
  *error = (lun_error){.status = LUN_ERR_SERVER, .code = code};
  if (sqlstate.size == LUN_SQLSTATE_SIZE) {
    memcpy(error->sqlstate, sqlstate.data, LUN_SQLSTATE_SIZE);
  }
  size_t size = message.size;
  if (size >= sizeof error->message) {
    size = cut_between_characters(message.data, sizeof error->message - 1);
  }
  for (size_t i = 0; i < size; i++) {
    uint8_t byte = message.data[i];
    error->message[i] = (char)(byte < 0x20 && byte != '\n' && byte != '\t' ? '?' : byte);
  }
  error->message[size] = '\0';
  return LUN_ERR_SERVER;
}
