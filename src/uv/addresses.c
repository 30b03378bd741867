#include "uv/addresses.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

const size_t LUN_LONGEST_PATH = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;

static bool contains(const lun_addresses *addresses, const struct addrinfo *found) {
  for (size_t i = 0; i < addresses->count; i++) {
    const lun_socket_address *known = &addresses->list[i];
    if (known->size == found->ai_addrlen
        && memcmp(&known->socket, found->ai_addr, known->size) == 0) {
      return true;
    }
  }
  return false;
}

static void append(lun_addresses *addresses, const struct addrinfo *found) {
  if (addresses->count == LUN_MOST_ADDRESSES || found->ai_addrlen > sizeof(struct sockaddr_storage)
      || contains(addresses, found)) {
    return;
  }
  lun_socket_address *added = &addresses->list[addresses->count++];
  added->size = found->ai_addrlen;
  memcpy(&added->socket, found->ai_addr, found->ai_addrlen);
}

// Returns the first one from `found` on that is, or is not, of the family.
static const struct addrinfo *find(const struct addrinfo *found, int family, bool is_wanted) {
  while (found && (found->ai_family == family) != is_wanted) {
    found = found->ai_next;
  }
  return found;
}

void lun_addresses_interleave(lun_addresses *addresses, const struct addrinfo *found) {
  if (!found) {
    return;
  }
  int family = found->ai_family;
  const struct addrinfo *first = found;
  const struct addrinfo *second = find(found, family, false);
  while (first || second) {
    if (first) {
      append(addresses, first);
      first = find(first->ai_next, family, true);
    }
    if (second) {
      append(addresses, second);
      second = find(second->ai_next, family, false);
    }
  }
}

bool lun_addresses_append_numeric(lun_addresses *addresses, const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  if (getaddrinfo(host, port, &hints, &found) != 0) {
    return false;
  }
  lun_addresses_interleave(addresses, found);
  freeaddrinfo(found);
  return true;
}

bool lun_addresses_append_path(lun_addresses *addresses, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length > LUN_LONGEST_PATH) {
    return false;
  }
  memcpy(address.sun_path, path, length);
  append(addresses,
         &(struct addrinfo){.ai_addr = (struct sockaddr *)&address, .ai_addrlen = sizeof address});
  return true;
}

void lun_socket_address_print(const lun_socket_address *address, char *text, size_t size) {
  const struct sockaddr *socket = (const struct sockaddr *)&address->socket;
  if (getnameinfo(socket, address->size, text, (socklen_t)size, NULL, 0, NI_NUMERICHOST) != 0) {
    snprintf(text, size, "?");
  }
}
