#include "mysql/packet.h"
#include "mysql/packet/parameter.h"

enum { PARAMETER_SETS = 1 };

void lun_mysql_query_attributes_encode(const lun_attribute *attributes,
                                       size_t count,
                                       lun_buffer *out) {
  lun_mysql_parameters parameters = {
      .attributes = attributes,
      .attribute_count = count,
      .has_names = true,
  };
  lun_buffer_lenenc(out, count);
  lun_buffer_lenenc(out, PARAMETER_SETS);
  lun_mysql_parameters_encode(&parameters, out);
}
