/// What fuzz targets share: reading structure out of bytes, and failing loudly.
///
/// A target is a function LLVMFuzzerTestOneInput. With clang's -fsanitize=fuzzer libFuzzer calls
/// it; elsewhere fuzz_main.c calls it once for each file of the corpus.
#pragma once

#include "base/view.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Ends the process when a property does not hold; asserts may be compiled away, this is not.
#define FUZZ_CHECK(condition)                                                   \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                  \
    }                                                                           \
  } while (0)

/// Takes the next byte, 0 when there is none.
static inline uint8_t fuzz_u8(lun_view *input) {
  if (input->size == 0) {
    return 0;
  }
  uint8_t byte = *input->data;
  lun_view_drop(input, 1);
  return byte;
}

/// Takes bytes whose size the next two say, as many as there are.
static inline lun_view fuzz_bytes(lun_view *input) {
  size_t size = fuzz_u8(input);
  size |= (size_t)fuzz_u8(input) << 8;
  size = size < input->size ? size : input->size;
  lun_view bytes = {input->data, size};
  lun_view_drop(input, size);
  return bytes;
}
