#include "base/hash.h"
#include "driver/column.h"

#include <stdlib.h>

enum {
  LARGEST = 16 * 1024
};                    // bytes of what is kept: a cache of hundreds must not hold megabytes each
enum { SLOTS = 256 }; // direct-mapped: a newcomer replaces what stood in its slot

struct lun_metadata_cache {
  uint64_t last_id;
  lun_metadata *slots[SLOTS];
};

lun_metadata_cache *lun_metadata_cache_new(void) {
  return calloc(1, sizeof(lun_metadata_cache));
}

void lun_metadata_cache_free(lun_metadata_cache *cache) {
  if (!cache) {
    return;
  }
  for (size_t i = 0; i < SLOTS; i++) {
    lun_metadata_release(cache->slots[i]);
  }
  free(cache);
}

lun_metadata *lun_metadata_retain(lun_metadata *metadata) {
  metadata->references++;
  return metadata;
}

void lun_metadata_release(lun_metadata *metadata) {
  if (metadata && --metadata->references == 0) {
    free(metadata);
  }
}

static lun_status
metadata_new(lun_view raw, uint32_t count, lun_metadata_parse parse, lun_metadata **made) {
  lun_metadata *metadata =
      calloc(1, sizeof *metadata + count * sizeof metadata->columns[0] + raw.size);
  if (!metadata) {
    return LUN_ERR_NOMEM;
  }
  uint8_t *copy = (uint8_t *)(metadata->columns + count);
  if (raw.size > 0) {
    memcpy(copy, raw.data, raw.size);
  }
  metadata->references = 1;
  metadata->count = count;
  metadata->raw = (lun_view){copy, raw.size};
  lun_status status = parse(metadata->raw, metadata->columns, count);
  if (status != LUN_OK) {
    free(metadata);
    return status;
  }
  *made = metadata;
  return LUN_OK;
}

lun_status lun_metadata_cache_get(lun_metadata_cache *cache,
                                  lun_view raw,
                                  uint32_t count,
                                  lun_metadata_parse parse,
                                  lun_metadata **metadata) {
  uint64_t hash = lun_hash(raw);
  lun_metadata **slot = &cache->slots[hash % SLOTS];
  lun_metadata *found = *slot;
  *metadata = NULL;
  if (found && found->hash == hash && found->count == count && lun_view_equal(found->raw, raw)) {
    found->references++;
    *metadata = found;
    return LUN_OK;
  }
  lun_status status = metadata_new(raw, count, parse, metadata);
  if (status != LUN_OK) {
    return status;
  }
  (*metadata)->hash = hash;
  (*metadata)->id = ++cache->last_id;
  if (raw.size > LARGEST) {
    return LUN_OK;
  }
  (*metadata)->references++; // one for the cache, one for the caller
  lun_metadata_release(found);
  *slot = *metadata;
  return LUN_OK;
}
