/// Bytes on their way out: small ones are copied in, large ones are only referenced.
///
/// The host asks for the parts, sends what the socket takes, and says how much that was.
#pragma once

#include "base/buffer.h"

typedef struct lun_outbox_loan lun_outbox_loan;

typedef struct lun_outbox {
  lun_buffer bytes;       // everything copied in and not yet forgotten
  size_t sent;            // how much of `bytes` is sent
  lun_outbox_loan *loans; // referenced views, in order
  size_t loan_count;
  size_t loan_capacity;
  size_t loan_first; // loans before it are sent
} lun_outbox;

void lun_outbox_deinit(lun_outbox *outbox);

/// Queues `view` after everything queued so far. Borrows it until it is sent or the outbox ends.
/// Copied bytes are appended to `outbox->bytes` with the writers of base/buffer.h.
lun_status lun_outbox_lend(lun_outbox *outbox, lun_view view);

/// Lends up to `max` parts of what is to be sent, in order, and returns how many. Valid until the
/// outbox changes.
size_t lun_outbox_parts(const lun_outbox *outbox, lun_view *parts, size_t max);

/// Forgets the first `count` bytes; an empty outbox gives back memory above a few kilobytes.
void lun_outbox_sent(lun_outbox *outbox, size_t count);

bool lun_outbox_is_empty(const lun_outbox *outbox);
