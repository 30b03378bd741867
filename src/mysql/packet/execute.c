#include "mysql/capability.h"
#include "mysql/packet.h"
#include "mysql/packet/parameter.h"

enum { PARAMETER_COUNT_AVAILABLE = 0x08, ITERATIONS = 1 };

void lun_mysql_execute_encode(const lun_mysql_execute *execute, lun_buffer *out) {
  bool has_names = (execute->capabilities & LUN_MYSQL_CLIENT_QUERY_ATTRIBUTES) != 0;
  lun_mysql_parameters parameters = {
      .values = execute->values,
      .value_count = execute->value_count,
      .is_long = execute->is_long,
      .attributes = execute->attributes,
      .attribute_count = has_names ? execute->attribute_count : 0,
      .has_names = has_names,
  };
  lun_buffer_u8(out, LUN_MYSQL_COM_STMT_EXECUTE);
  lun_buffer_u32(out, execute->statement_id);
  lun_buffer_u8(out, (uint8_t)(execute->flags | (has_names ? PARAMETER_COUNT_AVAILABLE : 0)));
  lun_buffer_u32(out, ITERATIONS);
  if (has_names) {
    lun_buffer_lenenc(out, parameters.value_count + parameters.attribute_count);
  }
  lun_mysql_parameters_encode(&parameters, out);
}
