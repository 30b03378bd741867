/// Who forgot to give a slot back: a lease is a userdata that notices its own collection.
///
/// The finalizer of a lease does no I/O and allocates nothing: it notes the slot, and
/// `pool:abandoned()` hands the noted slots out.
#pragma once

#include "lua/kind.h"
#include "pool/pool.h"

typedef struct lun_lua_pool_lease_state {
  uint32_t serial;              // of the newest lease of the slot; older ones mean nothing
  uint32_t abandoned;           // the serial of the lease that was collected last
  bool is_listed;               // in the chain below
  lun_pool_slot next_abandoned; // 0: the last
} lun_lua_pool_lease_state;

/// A pool that its userdata and its leases share, since a closing state collects them in any order.
typedef struct lun_lua_pool {
  lun_pool *pool;
  uint32_t references;
  lun_lua_pool_lease_state *leases; // by slot - 1
  uint32_t lease_capacity;
  lun_pool_slot first_abandoned; // 0: none
} lun_lua_pool;

/// Userdata "lunasa.core.pool".
typedef struct lun_lua_pool_holder {
  lun_lua_kind kind;
  lun_lua_pool *shared; // NULL once collected
} lun_lua_pool_holder;

/// The name of its metatable, and its kind.
extern const char LUN_LUA_POOL_KIND[];

/// Gives up one reference; the last one frees. NULL does nothing.
void lun_lua_pool_unref(lun_lua_pool *shared);

/// Pushes a new lease of `slot`, which ends earlier ones. Raises when out of memory. [-0, +1]
int lun_lua_pool_lease_new(lua_State *L, lun_lua_pool *shared, lun_pool_slot slot);

/// Takes a slot whose lease was collected, 0 when there is none.
lun_pool_slot lun_lua_pool_lease_abandoned(lun_lua_pool *shared);
