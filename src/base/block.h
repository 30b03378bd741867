/// Memory of which large pieces are used again.
///
/// A fresh page costs more than copying what goes into it, so large blocks that were freed are kept
/// for the next ones, up to a limit; the system may take their pages while nobody uses them. Small
/// blocks come from malloc. A block has no head: whoever frees it says how large it is.
#pragma once

#include <stddef.h>

enum {
  LUN_BLOCK_LARGE = 512 * 1024,      // the least that is kept
  LUN_BLOCKS_KEPT = 48 * 1024 * 1024 // bytes in all, per module that is loaded
};

/// Returns a block of `size` bytes, more than 0; NULL when out of memory.
void *lun_block_new(size_t size);

/// Makes a block of `old_size` bytes larger or smaller and returns where it is now. On failure,
/// which is NULL, the block stays as it was. A block that is NULL is made.
void *lun_block_resize(void *block, size_t old_size, size_t size);

/// Frees a block of `size` bytes. NULL does nothing.
void lun_block_free(void *block, size_t size);
