#include "base/outbox.h"

#include <stdlib.h>

enum { KEPT_CAPACITY = 4096, WORTH_MOVING = 16 * 1024 };

// A view that is sent before the byte at offset `at` of the copied ones.
struct lun_outbox_loan {
  size_t at;
  lun_view rest;
};

void lun_outbox_deinit(lun_outbox *outbox) {
  lun_buffer_deinit(&outbox->bytes);
  free(outbox->loans);
  *outbox = (lun_outbox){0};
}

lun_status lun_outbox_lend(lun_outbox *outbox, lun_view view) {
  if (view.size == 0) {
    return LUN_OK;
  }
  if (outbox->loan_count == outbox->loan_capacity) {
    size_t capacity = outbox->loan_capacity ? outbox->loan_capacity * 2 : 4;
    lun_outbox_loan *grown = realloc(outbox->loans, capacity * sizeof *grown);
    if (!grown) {
      return LUN_ERR_NOMEM;
    }
    outbox->loans = grown;
    outbox->loan_capacity = capacity;
  }
  outbox->loans[outbox->loan_count++] = (lun_outbox_loan){outbox->bytes.size, view};
  return LUN_OK;
}

size_t lun_outbox_parts(const lun_outbox *outbox, lun_view *parts, size_t max) {
  size_t count = 0;
  size_t from = outbox->sent;
  for (size_t i = outbox->loan_first; i < outbox->loan_count && count < max; i++) {
    const lun_outbox_loan *loan = &outbox->loans[i];
    if (loan->at > from) {
      parts[count++] = (lun_view){outbox->bytes.data + from, loan->at - from};
      from = loan->at;
    }
    if (count < max) {
      parts[count++] = loan->rest;
    } else {
      return count;
    }
  }
  if (count < max && outbox->bytes.size > from) {
    parts[count++] = (lun_view){outbox->bytes.data + from, outbox->bytes.size - from};
  }
  return count;
}

// Forgets up to `count` bytes of the part that is sent next; returns how many.
static size_t forget_part(lun_outbox *outbox, size_t count) {
  lun_outbox_loan *loan =
      outbox->loan_first < outbox->loan_count ? &outbox->loans[outbox->loan_first] : NULL;
  if (loan && loan->at == outbox->sent) {
    size_t size = count < loan->rest.size ? count : loan->rest.size;
    loan->rest.data += size;
    loan->rest.size -= size;
    if (loan->rest.size == 0) {
      outbox->loan_first++;
    }
    return size;
  }
  size_t end = loan ? loan->at : outbox->bytes.size;
  size_t size = count < end - outbox->sent ? count : end - outbox->sent;
  outbox->sent += size;
  return size;
}

// Moves what is unsent to the front: a host that queues faster than it sends would else keep all
// that it ever sent.
static void forget_sent(lun_outbox *outbox) {
  lun_buffer_consume(&outbox->bytes, outbox->sent);
  outbox->loan_count -= outbox->loan_first;
  for (size_t i = 0; i < outbox->loan_count; i++) {
    outbox->loans[i] = outbox->loans[i + outbox->loan_first];
    outbox->loans[i].at -= outbox->sent;
  }
  outbox->loan_first = 0;
  outbox->sent = 0;
}

void lun_outbox_sent(lun_outbox *outbox, size_t count) {
  while (count > 0 && !lun_outbox_is_empty(outbox)) {
    count -= forget_part(outbox, count);
  }
  if (!lun_outbox_is_empty(outbox)) {
    size_t loans_left = outbox->loan_count - outbox->loan_first;
    if ((outbox->sent >= WORTH_MOVING && outbox->sent >= outbox->bytes.size / 2)
        || (outbox->loan_first >= WORTH_MOVING && outbox->loan_first >= loans_left)) {
      forget_sent(outbox);
    }
    return;
  }
  if (outbox->bytes.capacity > KEPT_CAPACITY || outbox->bytes.status != LUN_OK) {
    lun_outbox_deinit(outbox);
  }
  lun_buffer_clear(&outbox->bytes);
  outbox->sent = 0;
  outbox->loan_first = 0;
  outbox->loan_count = 0;
}

bool lun_outbox_is_empty(const lun_outbox *outbox) {
  return outbox->sent == outbox->bytes.size && outbox->loan_first == outbox->loan_count;
}
