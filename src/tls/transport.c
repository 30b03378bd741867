#include "tls/internal.h"

// OpenSSL's own memory BIO never gives memory back; this one leaves that to the buffers' owner.

static int read_input(BIO *bio, char *buffer, int size) {
  lun_tls *tls = BIO_get_data(bio);
  size_t left = tls->input.size - tls->input_taken;
  BIO_clear_retry_flags(bio);
  if (size <= 0) {
    return 0;
  }
  if (left == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t count = left < (size_t)size ? left : (size_t)size;
  memcpy(buffer, tls->input.data + tls->input_taken, count);
  tls->input_taken += count;
  return (int)count;
}

static int write_output(BIO *bio, const char *bytes, int size) {
  lun_tls *tls = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (size <= 0) {
    return 0;
  }
  lun_buffer_append(&tls->output, bytes, (size_t)size);
  return tls->output.status == LUN_OK ? size : -1;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  const lun_tls *tls = BIO_get_data(bio);
  (void)number;
  (void)pointer;
  switch (command) {
  case BIO_CTRL_FLUSH: return 1;
  case BIO_CTRL_PENDING: return (long)(tls->input.size - tls->input_taken);
  case BIO_CTRL_WPENDING: return (long)(tls->output.size - tls->output_sent);
  default: return 0;
  }
}

BIO_METHOD *lun_tls_transport_new(void) {
  // Without an index of its own: those are numbered for the whole process, and few.
  BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "lunasa");
  if (method && BIO_meth_set_read(method, read_input) && BIO_meth_set_write(method, write_output)
      && BIO_meth_set_ctrl(method, control)) {
    return method;
  }
  BIO_meth_free(method);
  return NULL;
}

bool lun_tls_transport_attach(lun_tls *tls) {
  BIO *bio = BIO_new(tls->context->transport);
  if (!bio) {
    return false;
  }
  BIO_set_data(bio, tls);
  BIO_set_init(bio, 1);
  SSL_set_bio(tls->ssl, bio, bio);
  return true;
}
