#include "floor.h"

static const struct {
  const char *name;
  void (*work)(void);
} WORKLOADS[] = {
    {"point", point},
    {"point_ps", point_ps},
    {"point_narrow", point_narrow},
    {"point_bare", point_bare},
    {"scan_narrow", scan},
    {"scan_dict", scan},
    {"tls_scan", scan},
    {"scan_ps", scan_ps},
    {"scan_wide", scan_wide},
    {"stream", stream},
    {"insert_one", insert_one},
    {"insert_many", insert_many},
    {"concurrent", concurrent},
    {"concurrent_bare", concurrent_bare},
    {"connect_tcp", connect_and_close},
    {"connect_unix", connect_and_close},
    {"blob", blob},
};

int main(void) {
  for (size_t i = 0; i < sizeof WORKLOADS / sizeof WORKLOADS[0]; i++) {
    if (is_workload(WORKLOADS[i].name)) {
      WORKLOADS[i].work();
      return 0;
    }
  }
  skip(is_workload("pool") ? "libmariadb has no pool" : "not for this peer");
  return 0;
}
