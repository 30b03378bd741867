#include "base/error.h"

#include <stdio.h>

// The last index at which `text` may be cut to `size` bytes without halving a UTF-8 character.
static size_t cut_between_characters(const uint8_t *text, size_t size) {
  while (size > 0 && (text[size] & 0xc0) == 0x80) {
    size--;
  }
  return size;
}

static void set_message(lun_error *error, lun_view message) {
  enum { DELETE = 0x7f };
  size_t size = message.size;
  if (size >= sizeof error->message) {
    size = cut_between_characters(message.data, sizeof error->message - 1);
  }
  for (size_t i = 0; i < size; i++) {
    uint8_t byte = message.data[i];
    bool is_control = (byte < ' ' && byte != '\n' && byte != '\t') || byte == DELETE;
    error->message[i] = (char)(is_control ? '?' : byte);
  }
  error->message[size] = '\0';
}

lun_status
lun_error_set_list(lun_error *error, lun_status status, const char *format, va_list arguments) {
  char text[sizeof error->message + 4]; // with the start of a character that goes over the end
  int size = vsnprintf(text, sizeof text, format, arguments);
  *error = (lun_error){.status = status};
  size_t held = size < 0 ? 0 : (size_t)size < sizeof text ? (size_t)size : sizeof text - 1;
  set_message(error, (lun_view){(const uint8_t *)text, held});
  return status;
}

lun_status lun_error_set(lun_error *error, lun_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lun_error_set_list(error, status, format, arguments);
  va_end(arguments);
  return status;
}

lun_status
lun_error_set_server(lun_error *error, uint16_t code, lun_view sqlstate, lun_view message) {
  *error = (lun_error){.status = LUN_ERR_SERVER, .code = code};
  if (sqlstate.size == LUN_SQLSTATE_SIZE) {
    memcpy(error->sqlstate, sqlstate.data, LUN_SQLSTATE_SIZE);
  }
  set_message(error, message);
  return LUN_ERR_SERVER;
}
