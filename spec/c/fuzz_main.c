// Runs a fuzz target once for each file named, or in a folder named, where there is no libFuzzer.
// Its options, such as -runs=0, are ignored.
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

static int run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return 1;
  }
  size_t capacity = 1 << 20;
  uint8_t *bytes = malloc(capacity);
  size_t size = bytes ? fread(bytes, 1, capacity, file) : 0;
  fclose(file);
  // In memory of just its size, so that a sanitizer sees a read behind its end.
  uint8_t *exact = malloc(size > 0 ? size : 1);
  if (bytes && exact) {
    memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
  }
  free(exact);
  free(bytes);
  return 0;
}

// Returns how many files could not be read; `*count` counts all.
static int run_folder(const char *path, int *count) {
  DIR *folder = opendir(path);
  if (!folder) {
    (*count)++;
    return run_file(path);
  }
  int failures = 0;
  const struct dirent *entry;
  while ((entry = readdir(folder))) {
    char name[4096];
    if (entry->d_name[0] != '.') {
      snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
      failures += run_file(name);
      (*count)++;
    }
  }
  closedir(folder);
  return failures;
}

int main(int argc, char **argv) {
  int failures = 0;
  int count = 0;
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] != '-') {
      failures += run_folder(argv[i], &count);
    }
  }
  printf("%d inputs\n", count);
  return failures > 0 || count == 0;
}
