#include "lua/core/pool_lease.h"

#include <lauxlib.h>

#include <stdlib.h>

static const char LEASE[] = "lunasa.core.pool.lease";

enum { SMALLEST_CAPACITY = 16 };

typedef struct lease {
  lun_lua_pool *shared; // NULL once disarmed or collected
  lun_pool_slot slot;
  uint32_t serial;
} lease;

void lun_lua_pool_unref(lun_lua_pool *shared) {
  if (shared && --shared->references == 0) {
    lun_pool_free(shared->pool);
    free(shared->leases);
    free(shared);
  }
}

static lease *check_lease(lua_State *L) {
  return luaL_checkudata(L, 1, LEASE);
}

static void disarm(lease *self) {
  lun_lua_pool_unref(self->shared);
  self->shared = NULL;
}

static void list(lun_lua_pool *shared, lun_pool_slot slot, lun_lua_pool_lease_state *state) {
  if (!state->is_listed) {
    state->is_listed = true;
    state->next_abandoned = shared->first_abandoned;
    shared->first_abandoned = slot;
  }
}

static int lease_gc(lua_State *L) {
  lease *self = check_lease(L);
  lun_lua_pool *shared = self->shared;
  if (shared) {
    lun_lua_pool_lease_state *state = &shared->leases[self->slot - 1];
    if (state->serial == self->serial) {
      state->abandoned = self->serial;
      list(shared, self->slot, state);
    }
  }
  disarm(self);
  return 0;
}

// lease:release(): its collection means nothing from now on.
static int lease_release(lua_State *L) {
  disarm(check_lease(L));
  return 0;
}

static const luaL_Reg METHODS[] = {
    {"__gc", lease_gc},
    {"release", lease_release},
    {NULL, NULL},
};

static bool reserve_state(lun_lua_pool *shared, lun_pool_slot slot) {
  if (slot <= shared->lease_capacity) {
    return true;
  }
  uint32_t capacity =
      shared->lease_capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : shared->lease_capacity;
  while (capacity < slot) {
    capacity = capacity > UINT32_MAX / 2 ? UINT32_MAX : capacity * 2;
  }
  lun_lua_pool_lease_state *grown = realloc(shared->leases, capacity * sizeof *grown);
  if (!grown) {
    return false;
  }
  memset(grown + shared->lease_capacity, 0, (capacity - shared->lease_capacity) * sizeof *grown);
  shared->leases = grown;
  shared->lease_capacity = capacity;
  return true;
}

int lun_lua_pool_lease_new(lua_State *L, lun_lua_pool *shared, lun_pool_slot slot) {
  lease *self = lua_newuserdata(L, sizeof *self);
  *self = (lease){.slot = slot};
  if (luaL_newmetatable(L, LEASE)) {
    luaL_setfuncs(L, METHODS, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, LEASE);
    lua_setfield(L, -2, "__name");
  }
  lua_setmetatable(L, -2);
  if (!reserve_state(shared, slot)) {
    return luaL_error(L, "out of memory");
  }
  self->serial = ++shared->leases[slot - 1].serial;
  self->shared = shared;
  shared->references++;
  return 1;
}

lun_pool_slot lun_lua_pool_lease_abandoned(lun_lua_pool *shared) {
  while (shared->first_abandoned != 0) {
    lun_pool_slot slot = shared->first_abandoned;
    lun_lua_pool_lease_state *state = &shared->leases[slot - 1];
    state->is_listed = false;
    shared->first_abandoned = state->next_abandoned;
    if (state->abandoned == state->serial) {
      return slot; // else it got a new lease meanwhile
    }
  }
  return 0;
}
