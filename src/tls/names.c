#include "tls/internal.h"

#include <openssl/x509v3.h>

#include <stdio.h>

typedef struct printer {
  char *text; // LUN_TLS_NAMES_SIZE bytes, always ended by a NUL
  size_t size;
  bool is_cut;
} printer;

// The certificate is a stranger's: what is not plain text is shown as '?'.
static void print_bytes(printer *out, const unsigned char *bytes, size_t size) {
  size_t room = (size_t)LUN_TLS_NAMES_SIZE - sizeof ", …" - out->size;
  if (size > room) {
    out->is_cut = true;
    return;
  }
  for (size_t i = 0; i < size; i++) {
    out->text[out->size++] = (char)(bytes[i] < 0x20 || bytes[i] > 0x7e ? '?' : bytes[i]);
  }
  out->text[out->size] = '\0';
}

static void print_string(printer *out, const ASN1_STRING *string) {
  print_bytes(out, ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

static void print_address(printer *out, const ASN1_OCTET_STRING *address) {
  const unsigned char *bytes = ASN1_STRING_get0_data(address);
  int size = ASN1_STRING_length(address);
  char text[48] = "";
  int count = 0;
  if (size == 4) {
    count = snprintf(text, sizeof text, "%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
  } else if (size == 16) {
    for (int i = 0; i < 16; i += 2) {
      count += snprintf(text + count,
                        sizeof text - (size_t)count,
                        "%s%x",
                        i == 0 ? "" : ":",
                        (unsigned)(bytes[i] << 8 | bytes[i + 1]));
    }
  }
  print_bytes(out, (const unsigned char *)text, (size_t)count);
}

static void print_alternative_names(printer *out, const GENERAL_NAMES *names) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && !out->is_cut; i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) {
      continue;
    }
    if (out->size > 0) {
      print_bytes(out, (const unsigned char *)", ", 2);
    }
    if (name->type == GEN_DNS) {
      print_string(out, name->d.dNSName);
    } else {
      print_address(out, name->d.iPAddress);
    }
  }
  if (out->is_cut) {
    memcpy(out->text + out->size, "…", sizeof "…");
  }
}

void lun_tls_print_name(const X509_NAME *name, char text[LUN_TLS_NAMES_SIZE]) {
  printer out = {.text = text};
  text[0] = '\0';
  int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index >= 0) {
    print_string(&out, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  }
  if (out.size == 0) {
    X509_NAME_oneline(name, text, LUN_TLS_NAMES_SIZE);
  }
}

void lun_tls_print_names(const X509 *certificate, char names[LUN_TLS_NAMES_SIZE]) {
  printer out = {.text = names};
  names[0] = '\0';
  GENERAL_NAMES *alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  if (alternatives) {
    print_alternative_names(&out, alternatives);
    GENERAL_NAMES_free(alternatives);
  } else {
    lun_tls_print_name(X509_get_subject_name(certificate), names);
  }
  if (names[0] == '\0') {
    snprintf(names, LUN_TLS_NAMES_SIZE, "no name at all");
  }
}
