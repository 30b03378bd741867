// Whether the files of a context are still those that it was made of.
#include "tls/internal.h"

#include <stdlib.h>
#include <sys/stat.h>

static void look_at(lun_tls_file *file) {
  struct stat facts;
  bool is_there = stat(file->path, &facts) == 0;
  file->inode = is_there ? facts.st_ino : 0;
  file->size = is_there ? facts.st_size : -1;
  file->changed = is_there ? facts.st_mtim : (struct timespec){0};
}

bool lun_tls_remember_files(lun_tls_context *context, const lun_tls_options *options) {
  const char *paths[LUN_TLS_MOST_FILES] = {
      options->ca_file,
      options->ca_path,
      options->crl_file,
      options->crl_path,
      options->cert_file,
      options->key_file,
  };
  for (size_t i = 0; i < LUN_TLS_MOST_FILES; i++) {
    lun_tls_file *file = &context->files[i];
    if (!paths[i]) {
      continue;
    }
    file->path = strdup(paths[i]);
    if (!file->path) {
      return false;
    }
    look_at(file);
  }
  return true;
}

void lun_tls_forget_files(lun_tls_context *context) {
  for (size_t i = 0; i < LUN_TLS_MOST_FILES; i++) {
    free(context->files[i].path);
    context->files[i].path = NULL;
  }
}

static bool is_same(const lun_tls_file *was, const lun_tls_file *is) {
  return was->inode == is->inode && was->size == is->size
         && was->changed.tv_sec == is->changed.tv_sec
         && was->changed.tv_nsec == is->changed.tv_nsec;
}

bool lun_tls_context_is_stale(const lun_tls_context *context) {
  for (size_t i = 0; i < LUN_TLS_MOST_FILES; i++) {
    lun_tls_file now = context->files[i];
    if (now.path) {
      look_at(&now);
    }
    if (!is_same(&context->files[i], &now)) {
      return true;
    }
  }
  return false;
}
