#include "mysql/packet.h"

// MariaDB may put several variables into one entry.
static void read_variables(lun_reader *entry,
                           lun_mysql_track *change,
                           lun_mysql_track_handler handler,
                           void *context) {
  while (entry->status == LUN_OK && entry->rest.size > 0) {
    change->name = lun_reader_lenenc_view(entry);
    change->value = lun_reader_lenenc_view(entry);
    if (handler && entry->status == LUN_OK) {
      handler(context, change);
    }
  }
}

static void read_entry(lun_reader *entry,
                       lun_mysql_track *change,
                       lun_mysql_track_handler handler,
                       void *context) {
  switch (change->type) {
  case LUN_MYSQL_TRACK_SYSTEM_VARIABLES: read_variables(entry, change, handler, context); return;
  case LUN_MYSQL_TRACK_GTIDS:
    lun_reader_u8(entry); // encoding specification, always 0
    change->value = lun_reader_lenenc_view(entry);
    break;
  case LUN_MYSQL_TRACK_SCHEMA:
  case LUN_MYSQL_TRACK_TRANSACTION_CHARACTERISTICS:
  case LUN_MYSQL_TRACK_TRANSACTION_STATE: change->value = lun_reader_lenenc_view(entry); break;
  // The manual calls it a string with a length; servers send the bare digit.
  case LUN_MYSQL_TRACK_STATE_CHANGE:
  default: change->value = lun_reader_rest(entry); break;
  }
  if (handler && lun_reader_finish(entry) == LUN_OK) {
    handler(context, change);
  }
}

static lun_status walk(lun_view state, lun_mysql_track_handler handler, void *context) {
  lun_reader reader = lun_reader_over(state);
  while (reader.status == LUN_OK && reader.rest.size > 0) {
    lun_mysql_track change = {.type = lun_reader_u8(&reader)};
    lun_reader entry = lun_reader_over(lun_reader_lenenc_view(&reader));
    if (reader.status != LUN_OK) {
      break;
    }
    read_entry(&entry, &change, handler, context);
    if (lun_reader_finish(&entry) != LUN_OK) {
      return lun_reader_finish(&entry);
    }
  }
  return lun_reader_finish(&reader);
}

lun_status
lun_mysql_session_state_decode(lun_view state, lun_mysql_track_handler handler, void *context) {
  lun_status status = walk(state, NULL, NULL);
  return status == LUN_OK ? walk(state, handler, context) : status;
}
