#include "uv/dial.h"

#include "uv/race.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lun_dial {
  lun_loop *loop;
  lun_dial_handler handler;
  void *context;
  lun_dial **owner; // the caller's pointer, cleared when this ends
  uv_getaddrinfo_t request;
  bool is_resolving;
  bool is_cancelled;
  bool is_named; // messages say which addresses the name has
  lun_addresses addresses;
  lun_addresses local; // to connect from; none: any
  lun_race race;
  char where[300]; // for messages
};

static void finish(lun_dial *dial, int socket, const lun_error *error) {
  lun_dial_handler handler = dial->handler;
  void *context = dial->context;
  *dial->owner = NULL;
  free(dial);
  handler(context, socket, error);
}

static void fail(lun_dial *dial) {
  lun_error error;
  if (dial->is_named) {
    char fates[LUN_ERROR_MESSAGE_SIZE];
    size_t rest = sizeof fates - strlen(dial->where) - sizeof "cannot connect to : ";
    lun_race_describe(&dial->race, fates, rest);
    lun_error_set(&error, LUN_ERR_IO, "cannot connect to %s: %s", dial->where, fates);
  } else {
    const char *reason = uv_strerror(-dial->race.codes[0]);
    lun_error_set(&error, LUN_ERR_IO, "cannot connect to %s: %s", dial->where, reason);
  }
  finish(dial, -1, &error);
}

static void on_raced(void *context, int socket) {
  if (socket < 0) {
    fail(context);
  } else {
    finish(context, socket, NULL);
  }
}

static void race(lun_dial *dial) {
  const lun_socket_address *local = dial->local.count > 0 ? &dial->local.list[0] : NULL;
  lun_race_start(&dial->race, dial->loop, &dial->addresses, local, on_raced, dial);
}

static lun_status fail_to_resolve(const lun_dial *dial, lun_error *error, const char *reason) {
  return lun_error_set(error, LUN_ERR_IO, "cannot resolve the name in %s: %s", dial->where, reason);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found) {
  lun_dial *dial = request->data;
  dial->is_resolving = false;
  if (dial->is_cancelled) {
    freeaddrinfo(found);
    free(dial);
    return;
  }
  lun_addresses_interleave(&dial->addresses, found);
  freeaddrinfo(found);
  if (dial->addresses.count == 0) {
    lun_error error;
    fail_to_resolve(dial, &error, uv_strerror(status != 0 ? status : UV_EAI_NODATA));
    finish(dial, -1, &error);
    return;
  }
  race(dial);
}

static lun_status dial_unix(lun_dial *dial, const char *path, lun_error *error) {
  if (!lun_addresses_append_path(&dial->addresses, path)) {
    return lun_error_set(error,
                         LUN_ERR_ARGUMENT,
                         "the unix socket's path is longer than %zu bytes: %s",
                         LUN_LONGEST_PATH,
                         path);
  }
  race(dial);
  return LUN_OK;
}

static lun_status resolve(lun_dial *dial, const lun_address *to, lun_error *error) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
  dial->request.data = dial;
  int code =
      uv_getaddrinfo(&dial->loop->uv, &dial->request, on_resolved, to->host, to->port, &hints);
  if (code != 0) {
    return fail_to_resolve(dial, error, uv_strerror(code));
  }
  dial->is_resolving = true;
  return LUN_OK;
}

// An address in numbers needs no thread to resolve it.
static lun_status dial_tcp(lun_dial *dial, const lun_address *to, lun_error *error) {
  if (to->local && !lun_addresses_append_numeric(&dial->local, to->local, "0")) {
    return lun_error_set(
        error, LUN_ERR_ARGUMENT, "bind_address is not an address in numbers: %s", to->local);
  }
  for (size_t i = 0; i < to->number_count; i++) {
    if (!lun_addresses_append_numeric(&dial->addresses, to->numbers[i], to->port)) {
      return lun_error_set(
          error, LUN_ERR_ARGUMENT, "not an address in numbers: %s", to->numbers[i]);
    }
  }
  dial->is_named = dial->addresses.count > 0
                   || !lun_addresses_append_numeric(&dial->addresses, to->host, to->port);
  if (dial->addresses.count == 0) {
    return resolve(dial, to, error);
  }
  race(dial);
  return LUN_OK;
}

static void describe_address(lun_dial *dial, const lun_address *address) {
  if (address->path) {
    snprintf(dial->where, sizeof dial->where, "unix socket %s", address->path);
    return;
  }
  const char *brackets = strchr(address->host, ':') ? "[]" : "";
  snprintf(dial->where,
           sizeof dial->where,
           "%.1s%s%s:%s",
           brackets,
           address->host,
           brackets[0] != '\0' ? "]" : "",
           address->port);
}

lun_status lun_dial_start(lun_loop *loop,
                          const lun_address *address,
                          lun_dial_handler handler,
                          void *context,
                          lun_dial **owner,
                          lun_error *error) {
  lun_dial *dial = malloc(sizeof *dial);
  if (!dial) {
    return lun_error_set(error, LUN_ERR_NOMEM, "out of memory");
  }
  // The room for addresses is large, and clearing it would be most of the work.
  dial->loop = loop;
  dial->handler = handler;
  dial->context = context;
  dial->owner = owner;
  dial->is_resolving = false;
  dial->is_cancelled = false;
  dial->is_named = false;
  dial->addresses.count = 0;
  dial->local.count = 0;
  dial->race = (lun_race){0};
  *owner = dial;
  describe_address(dial, address);
  lun_status status =
      address->path ? dial_unix(dial, address->path, error) : dial_tcp(dial, address, error);
  if (status != LUN_OK) {
    *owner = NULL;
    free(dial);
  }
  return status;
}

void lun_dial_describe(const lun_dial *dial, char *text, size_t size) {
  if (!dial) {
    snprintf(text, size, "connected, but the login is not over");
  } else if (dial->is_resolving) {
    snprintf(text, size, "the name is not resolved yet");
  } else {
    lun_race_describe(&dial->race, text, size);
  }
}

void lun_dial_cancel(lun_dial *dial) {
  if (!dial) {
    return;
  }
  *dial->owner = NULL;
  lun_race_stop(&dial->race);
  if (dial->is_resolving) {
    // The thread may be inside the resolver: it cannot be stopped, only ignored.
    dial->is_cancelled = true;
    uv_cancel((uv_req_t *)&dial->request);
    return;
  }
  free(dial);
}
