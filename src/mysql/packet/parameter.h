/// What the packets that carry values have in common (manual: "Binary Protocol Value").
#pragma once

#include "base/buffer.h"
#include "driver/command.h"

/// Values, then attributes.
typedef struct lun_mysql_parameters {
  const lun_value *values;
  size_t value_count;
  const bool *is_long; // NULL, or per value: it was sent before
  const lun_attribute *attributes;
  size_t attribute_count;
  bool has_names; // each type is followed by a name, which values leave empty
} lun_mysql_parameters;

/// Appends the NULL bitmap, the types and the values; nothing when there are none.
void lun_mysql_parameters_encode(const lun_mysql_parameters *all, lun_buffer *out);

/// Returns the type, with the flag of unsigned ones, that parameters of this kind are sent as.
uint16_t lun_mysql_parameter_type(lun_value_kind kind);

/// Appends the value, nothing for NULL.
void lun_mysql_parameter_value(const lun_value *value, lun_buffer *out);

/// Appends the value as a string, numbers by their digits; nothing for NULL.
void lun_mysql_parameter_text(const lun_value *value, lun_buffer *out);
