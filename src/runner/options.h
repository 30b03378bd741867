/// The command line of the runner.
#pragma once

#include <stdbool.h>
#include <stddef.h>

/// One -e or -l.
typedef struct lun_runner_step {
  bool is_module; // -l
  const char *text;
} lun_runner_step;

typedef struct lun_runner_options {
  lun_runner_step *steps; // in the order given
  size_t step_count;
  const char *url;
  bool wants_server;
  bool wants_version;
  bool wants_help;
  bool ignores_environment;
  int script;          // index of the script, or of "-", in argv; argc when there is none
  const char *unknown; // the option that nobody knows, NULL when all is well
  const char *lacking; // the option whose value is missing, NULL when all is well
} lun_runner_options;

/// Reads a command line up to the first mistake, which it notes in `unknown` or `lacking`. Borrows
/// argv until lun_runner_options_deinit. Returns false when out of memory.
bool lun_runner_options_read(lun_runner_options *options, int argc, char **argv);

void lun_runner_options_deinit(lun_runner_options *options);
