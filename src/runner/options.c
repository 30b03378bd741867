#include "runner/options.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
  int argc;
  char **argv;
  int next; // the first that has not been looked at
} arguments;

static bool is_flag(lun_runner_options *options, const char *argument) {
  struct {
    const char *names[2];
    bool *flag;
  } flags[] = {
      {{"-v", "--version"}, &options->wants_version},
      {{"-h", "--help"}, &options->wants_help},
      {{"-E", "-E"}, &options->ignores_environment},
      {{"--server", "--server"}, &options->wants_server},
  };
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    if (strcmp(argument, flags[i].names[0]) == 0 || strcmp(argument, flags[i].names[1]) == 0) {
      *flags[i].flag = true;
      return true;
    }
  }
  return false;
}

// The value of an option: what is left of its own argument, or the next one.
static const char *value_of(lun_runner_options *options, arguments *from, const char *rest) {
  if (*rest != '\0') {
    return rest;
  }
  if (from->next == from->argc) {
    options->lacking = from->argv[from->next - 1];
    return NULL;
  }
  return from->argv[from->next++];
}

static bool has_value(lun_runner_options *options, arguments *from, const char *argument) {
  static const char url[] = "--url";
  size_t url_size = sizeof url - 1;
  if (strncmp(argument, url, url_size) == 0
      && (argument[url_size] == '=' || argument[url_size] == '\0')) {
    const char *rest = argument + url_size;
    options->url = *rest == '=' ? rest + 1 : value_of(options, from, rest);
    return true;
  }
  if (strncmp(argument, "-e", 2) == 0 || strncmp(argument, "-l", 2) == 0) {
    const char *text = value_of(options, from, argument + 2);
    if (text) {
      options->steps[options->step_count++] =
          (lun_runner_step){.is_module = argument[1] == 'l', .text = text};
    }
    return true;
  }
  return false;
}

bool lun_runner_options_read(lun_runner_options *options, int argc, char **argv) {
  arguments from = {.argc = argc, .argv = argv, .next = argc > 0 ? 1 : 0};
  *options = (lun_runner_options){.script = argc};
  options->steps = calloc((size_t)argc + 1, sizeof *options->steps);
  if (!options->steps) {
    return false;
  }
  while (from.next < argc && !options->lacking) {
    const char *argument = argv[from.next];
    if (argument[0] != '-' || strcmp(argument, "-") == 0) {
      options->script = from.next;
      return true;
    }
    from.next++;
    if (strcmp(argument, "--") == 0) {
      options->script = from.next;
      return true;
    }
    if (!is_flag(options, argument) && !has_value(options, &from, argument)) {
      options->unknown = argument;
      return true;
    }
  }
  return true;
}

void lun_runner_options_deinit(lun_runner_options *options) {
  free(options->steps);
  options->steps = NULL;
}
