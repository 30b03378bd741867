/* Preloaded into MariaDB's auth_pam_tool: PAM's services are files of $LUNASA_PAM_FOLDER, so that
   a test neither needs root nor writes to /etc/pam.d. */

#include <stdlib.h>

struct pam_conv;
struct pam_handle;

int pam_start_confdir(const char *service,
                      const char *user,
                      const struct pam_conv *conversation,
                      const char *folder,
                      struct pam_handle **handle);
int pam_start(const char *service,
              const char *user,
              const struct pam_conv *conversation,
              struct pam_handle **handle);

int pam_start(const char *service,
              const char *user,
              const struct pam_conv *conversation,
              struct pam_handle **handle) {
  return pam_start_confdir(service, user, conversation, getenv("LUNASA_PAM_FOLDER"), handle);
}
