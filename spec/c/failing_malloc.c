// Plays the conversations of a folder again and again: each time another allocation fails, first it
// alone, then it and all behind it. Nothing may crash, leak, or leave a command without an answer;
// the target's own checks see to the last (fuzz_session.c).
//
// The linker turns malloc and its kin of our own objects into the functions here (--wrap).
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

static struct {
  long fails_at; // the number of the allocation that fails, 0 for none
  bool for_good; // and all behind it
  long count;    // allocations so far
  long live;     // blocks not yet freed
} heap;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static bool fails(void) {
  heap.count++;
  return heap.fails_at > 0
         && (heap.for_good ? heap.count >= heap.fails_at : heap.count == heap.fails_at);
}

static void *counted(void *block) {
  heap.live += block != NULL;
  return block;
}

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
  return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size) {
  if (fails()) {
    return NULL;
  }
  void *moved = __real_realloc(block, size);
  heap.live += !block && moved;
  return moved;
}

void __wrap_free(void *block) {
  heap.live -= block != NULL;
  __real_free(block);
}

// Returns whether the failure was reached.
static bool
play(const char *name, const uint8_t *bytes, size_t size, long fails_at, bool for_good) {
  heap.fails_at = fails_at;
  heap.for_good = for_good;
  heap.count = 0;
  heap.live = 0;
  LLVMFuzzerTestOneInput(bytes, size);
  if (heap.live != 0) {
    fprintf(stderr, "%s: %ld blocks leak when allocation %ld fails\n", name, heap.live, fails_at);
    abort();
  }
  return heap.count >= fails_at;
}

static void play_file(const char *path, const char *name) {
  static uint8_t bytes[1 << 17];
  FILE *file = fopen(path, "rb");
  FUZZ_CHECK(file);
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  long most = 0;
  for (long n = 1; play(name, bytes, size, n, false); n++) {
    play(name, bytes, size, n, true);
    most = n;
  }
  printf("%s: %ld allocations\n", name, most);
}

int main(int argc, char **argv) {
  FUZZ_CHECK(argc == 2);
  DIR *folder = opendir(argv[1]);
  FUZZ_CHECK(folder);
  const struct dirent *entry;
  while ((entry = readdir(folder))) {
    char path[4096];
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
      play_file(path, entry->d_name);
    }
  }
  closedir(folder);
  return 0;
}
