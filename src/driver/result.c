#include "driver/result.h"

#include <stdlib.h>

lun_result *lun_result_new(const lun_decoder *decoder) {
  lun_result *result = malloc(sizeof *result + (decoder ? LUN_ROWS_ROOM : 0));
  if (result) {
    *result = (lun_result){.decoder = decoder, .rows.room = decoder ? result + 1 : NULL};
  }
  return result;
}

void lun_result_free(lun_result *result) {
  while (result) {
    lun_result *next = result->next;
    lun_metadata_release(result->metadata);
    lun_rows_deinit(&result->rows);
    free((void *)result->info.data);
    free(result->error);
    free(result);
    result = next;
  }
}
