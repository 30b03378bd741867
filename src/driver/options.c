#include "driver/options.h"

const lun_limits LUN_DEFAULT_LIMITS = {
    .max_packet = (uint64_t)1024 * 1024 * 1024, // the protocol's own limit (max_allowed_packet)
    .max_columns = 4096, // a table's limit; a SELECT of more fails on the server
    .max_metadata = 16 * 1024 * 1024,
    .max_results = 64 * 1024,
    .max_auth_rounds = 16,
    .max_pipeline = 4096,
    .max_session_track = 1024 * 1024,
    .max_statements = 256,
    .stream_window = 256 * 1024,
};
