#include "base/block.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Sanitizers watch what comes from malloc; other systems have no mremap().
#if defined(__linux__) && !defined(LUNASA_SANITIZED)
#  include <sys/mman.h>

enum { GRAIN = 64 * 1024, MOST_PIECES = 40, HUGE_PAGE = 2 * 1024 * 1024 };

typedef struct piece {
  uint8_t *start;
  size_t size;
} piece;

// Shared by all threads that use the module. Who finds it busy does without.
static struct {
  atomic_flag is_busy;
  size_t most; // bytes that may be kept
  size_t count;
  size_t bytes;
  piece pieces[MOST_PIECES];
} kept = {.is_busy = ATOMIC_FLAG_INIT};

static bool lock(void) {
  return !atomic_flag_test_and_set_explicit(&kept.is_busy, memory_order_acquire);
}

static void unlock(void) {
  atomic_flag_clear_explicit(&kept.is_busy, memory_order_release);
}

static bool is_large(size_t size) {
  return size >= LUN_BLOCK_LARGE && kept.most > 0 && size <= SIZE_MAX - GRAIN;
}

static size_t rounded(size_t size) {
  return (size + GRAIN - 1) / GRAIN * GRAIN;
}

// Takes out the smallest piece that holds `size` bytes, else the largest; none is empty.
static piece take_piece(size_t size) {
  piece found = {0};
  if (!lock()) {
    return found;
  }
  size_t best = 0;
  for (size_t i = 1; i < kept.count; i++) {
    size_t is = kept.pieces[i].size;
    size_t was = kept.pieces[best].size;
    if (was < size ? is > was : is >= size && is < was) {
      best = i;
    }
  }
  if (kept.count > 0) {
    found = kept.pieces[best];
    kept.bytes -= found.size;
    kept.pieces[best] = kept.pieces[--kept.count];
  }
  unlock();
  return found;
}

// Keeps a piece, unless it is small or there are too many.
static bool keep_piece(piece given) {
  if (!lock()) {
    return false;
  }
  bool fits = kept.count < MOST_PIECES && given.size >= LUN_BLOCK_LARGE
              && kept.bytes + given.size <= kept.most;
  if (fits) {
    kept.pieces[kept.count++] = given;
    kept.bytes += given.size;
  }
  unlock();
  return fits;
}

static void give_back(piece given) {
  if (given.size > 0 && !keep_piece(given)) {
    munmap(given.start, given.size);
  }
}

void lun_blocks_keep(size_t bytes) {
  while (!lock()) {
  }
  kept.most = bytes;
  while (kept.bytes > bytes) {
    piece dropped = kept.pieces[--kept.count];
    kept.bytes -= dropped.size;
    munmap(dropped.start, dropped.size);
  }
  unlock();
}

static void *large_new(size_t size) {
  size = rounded(size);
  piece found = take_piece(size);
  if (found.size > size) {
    give_back((piece){found.start + size, found.size - size});
  } else if (found.size > 0 && found.size < size) {
    void *grown = mremap(found.start, found.size, size, MREMAP_MAYMOVE);
    if (grown != MAP_FAILED) {
      return grown;
    }
    give_back(found);
    found.size = 0;
  }
  if (found.size > 0) {
    return found.start;
  }
  void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) {
    return NULL;
  }
#  ifdef MADV_HUGEPAGE
  if (size >= HUGE_PAGE) { // the kernel clears a huge page far quicker than its 512 small ones
    madvise(made, size, MADV_HUGEPAGE);
  }
#  endif
  return made;
}

static void *large_resize(uint8_t *block, size_t old_size, size_t size) {
  old_size = rounded(old_size);
  size = rounded(size);
  if (size < old_size) {
    munmap(block + size, old_size - size); // it may never have been touched
  } else if (size > old_size) {
    void *grown = mremap(block, old_size, size, MREMAP_MAYMOVE);
    return grown == MAP_FAILED ? NULL : grown;
  }
  return block;
}

static void large_free(uint8_t *block, size_t size) {
  give_back((piece){block, rounded(size)});
}
#else
void lun_blocks_keep(size_t bytes) {
  (void)bytes;
}

static bool is_large(size_t size) {
  (void)size;
  return false;
}

static void *large_new(size_t size) {
  return malloc(size);
}

static void *large_resize(uint8_t *block, size_t old_size, size_t size) {
  (void)old_size;
  return realloc(block, size);
}

static void large_free(uint8_t *block, size_t size) {
  (void)size;
  free(block);
}
#endif

void *lun_block_new(size_t size) {
  return is_large(size) ? large_new(size) : malloc(size);
}

void lun_block_free(void *block, size_t size) {
  if (block && is_large(size)) {
    large_free(block, size);
  } else {
    free(block);
  }
}

void *lun_block_resize(void *block, size_t old_size, size_t size) {
  if (block && is_large(old_size) && is_large(size)) {
    return large_resize(block, old_size, size);
  }
  if (!is_large(old_size) && !is_large(size)) {
    return realloc(block, size);
  }
  void *moved = lun_block_new(size);
  if (moved && block) {
    memcpy(moved, block, old_size < size ? old_size : size);
    lun_block_free(block, old_size);
  }
  return moved;
}
