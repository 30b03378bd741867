/// The socket addresses that a server may have, in the order in which they are tried.
#pragma once

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { LUN_MOST_ADDRESSES = 16 };

typedef struct lun_socket_address {
  socklen_t size;
  struct sockaddr_storage socket;
} lun_socket_address;

/// Empty when `count` is 0, whatever the rest is. Holds no memory of its own.
typedef struct lun_addresses {
  size_t count;
  lun_socket_address list[LUN_MOST_ADDRESSES];
} lun_addresses;

/// Appends what a resolver found, which stays the caller's: the families take turns, that of the
/// first one begins, and within a family the resolver's order stays. No address comes twice; those
/// beyond the most are left out.
void lun_addresses_interleave(lun_addresses *addresses, const struct addrinfo *found);

/// Appends `host` when it is an address in numbers. Returns whether it is.
bool lun_addresses_append_numeric(lun_addresses *addresses, const char *host, const char *port);

/// Appends the unix socket at `path`. Returns false when the path is longer than a socket's may be,
/// which is LUN_LONGEST_PATH.
bool lun_addresses_append_path(lun_addresses *addresses, const char *path);

extern const size_t LUN_LONGEST_PATH; // bytes

/// Writes the address in numbers, without its port, ended by a zero.
void lun_socket_address_print(const lun_socket_address *address, char *text, size_t size);
