/// Eight decimal digits at a time: the loads and the arithmetic that the parsers of number.h share.
///
/// A word holds eight bytes of text, the first one in its lowest byte on every machine. No load
/// reads outside the text: short ones are put together from loads that overlap.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const uint64_t LUN_EIGHT_ZEROS = 0x3030303030303030; // "00000000"

static inline uint64_t lun_load64(const uint8_t *text) {
  uint64_t word;
  memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static inline uint64_t lun_load32(const uint8_t *text) {
  uint32_t word;
  memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap32(word);
#endif
  return word;
}

/// Returns the `size` bytes at `text`, 1 to 8, and NUL bytes after them.
static inline uint64_t lun_load_short(const uint8_t *text, size_t size) {
  if (size >= 4) {
    return lun_load32(text) | lun_load32(text + size - 4) << (8 * (size - 4));
  }
  size_t middle = size / 2;
  return text[0] | (uint64_t)text[middle] << (8 * middle)
         | (uint64_t)text[size - 1] << (8 * (size - 1));
}

/// Moves the first `count` bytes of `word`, 1 to 8, to its end, behind digits zero.
static inline uint64_t lun_align_digits(uint64_t word, size_t count) {
  return word << (8 * (8 - count)) | LUN_EIGHT_ZEROS >> (4 * count) >> (4 * count);
}

/// Returns a word with bits only in bytes that are no digit. The lowest such byte is exact; those
/// above it may be wrong.
static inline uint64_t lun_other_than_digits(uint64_t word) {
  uint64_t values = word ^ LUN_EIGHT_ZEROS;
  return ((values + 0x7676767676767676) | values) & 0x8080808080808080;
}

/// Returns the value of eight digits.
static inline uint32_t lun_eight_digits(uint64_t word) {
  // Neighbours are joined three times: to pairs, to fours, to eight.
  word = (word & 0x0f0f0f0f0f0f0f0f) * (1 + (10 << 8)) >> 8;
  word = (word & 0x00ff00ff00ff00ff) * (1 + (100 << 16)) >> 16;
  return (uint32_t)((word & 0x0000ffff0000ffff) * (1 + (UINT64_C(10000) << 32)) >> 32);
}
