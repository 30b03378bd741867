/// Memory for the Lua state: objects of one size stand side by side.
///
/// Lua says how large what it frees was, so nothing is kept beside an object: strings and tables
/// lie closer together than malloc could lay them, and freeing one touches nothing else. Memory of
/// which nothing is used goes back to the system. One thread only.
#pragma once

#include <stddef.h>

typedef struct lun_heap lun_heap;

/// Returns a heap owned by the caller, NULL when out of memory.
lun_heap *lun_heap_new(void);

/// Frees the heap; objects of more than 1 KB must have been freed. NULL does nothing.
void lun_heap_free(lun_heap *heap);

/// Returns how much memory it has for objects of up to 1 KB, used or not.
size_t lun_heap_size(const lun_heap *heap);

/// Is a lua_Alloc; `context` is the heap. `old_size` is exact.
void *lun_heap_allocate(void *context, void *block, size_t old_size, size_t size);
