/// Memory of which large pieces are used again.
///
/// A fresh page costs more than copying what goes into it, so a program can have large blocks that
/// were freed kept for the next ones. Otherwise, and when they are small, blocks come from malloc.
/// A block has no head: whoever frees it says how large it is.
///
/// Each loadable module that uses blocks has its own: one module's are not freed by another.
#pragma once

#include <stddef.h>

enum { LUN_BLOCK_LARGE = 512 * 1024 }; // the least that is kept

/// Has up to `bytes` of freed blocks kept, from now on; while no large block is in use. Does
/// nothing under sanitizers, which watch malloc.
void lun_blocks_keep(size_t bytes);

/// Returns a block of `size` bytes, more than 0; NULL when out of memory.
void *lun_block_new(size_t size);

/// Makes a block of `old_size` bytes larger or smaller and returns where it is now. On failure,
/// which is NULL, the block stays as it was. A block that is NULL is made.
void *lun_block_resize(void *block, size_t old_size, size_t size);

/// Frees a block of `size` bytes. NULL does nothing.
void lun_block_free(void *block, size_t size);
