// A whole session against a hostile server and a busy host. The input is a script: options, then
// steps of the server and of the host.
#include "fuzz.h"
#include "mysql/driver.h"
#include "mysql/session.h"

enum {
  MOST_TOKENS = 64,
  MOST_CELLS = 64,
  MAX_PACKET = 1 << 18,
  CHANGE_USER = 252,
  PREPARED = 16,
  LARGE_VALUE = 1 << 20
};

typedef struct fuzz_host {
  lun_session *session;
  size_t step; // bytes fed at a time, 0 for all
  lun_token tokens[MOST_TOKENS];
  size_t in_flight;
  bool is_closed;
} fuzz_host;

static void look_at(const lun_result *result) {
  lun_value cells[MOST_CELLS];
  if (!result->metadata || result->metadata->count > MOST_CELLS) {
    return;
  }
  for (size_t i = 0; i < result->rows.count; i++) {
    lun_view row = lun_rows_at(&result->rows, i);
    lun_status status = result->decoder->row(result->metadata, row, cells);
    FUZZ_CHECK(status == LUN_OK || status == LUN_ERR_PROTOCOL);
    FUZZ_CHECK(result->decoder->rows(result->metadata, &result->rows, i, i + 1, cells) == status);
  }
}

// Answers come in the order of the commands; nothing comes after the end.
static void collect(fuzz_host *host) {
  lun_event event;
  while (lun_session_next(host->session, &event)) {
    FUZZ_CHECK(!host->is_closed);
    FUZZ_CHECK(!event.is_partial || (event.kind == LUN_EVENT_RESULT && !event.is_last));
    bool is_answer = event.kind == LUN_EVENT_RESULT || event.kind == LUN_EVENT_ERROR;
    FUZZ_CHECK(!is_answer || (host->in_flight > 0 && event.token == host->tokens[0]));
    if (event.kind == LUN_EVENT_DATA) {
      lun_error error;
      lun_session_data(host->session, event.token, lun_view_of("1\n"), &error);
      lun_session_data(host->session, event.token, (lun_view){0}, &error);
    }
    if (event.kind == LUN_EVENT_RESULT) {
      look_at(event.result);
    }
    if (is_answer && event.is_last) {
      host->in_flight--;
      memmove(host->tokens, host->tokens + 1, host->in_flight * sizeof host->tokens[0]);
    }
    if (event.kind == LUN_EVENT_CLOSED) {
      FUZZ_CHECK(host->in_flight == 0);
      host->is_closed = true;
    }
    lun_result_free(event.result);
    free(event.error);
  }
  FUZZ_CHECK(host->is_closed == (lun_session_want(host->session) == LUN_WANT_CLOSED));
}

// In memory of its own that goes at once, so that nobody may keep a view of it.
static void feed(fuzz_host *host, lun_view bytes) {
  while (bytes.size > 0) {
    size_t size = host->step > 0 && host->step < bytes.size ? host->step : bytes.size;
    uint8_t *copy = malloc(size);
    if (!copy) {
      return;
    }
    memcpy(copy, bytes.data, size);
    lun_session_feed(host->session, (lun_view){copy, size});
    free(copy);
    bytes.data += size;
    bytes.size -= size;
  }
}

static uint8_t due(const lun_mysql_compression *compression) {
  const lun_ring *answers = &compression->answer_ring;
  return compression->is_starting && answers->count > 0
             ? compression->answers[lun_ring_index(answers, 0)]
             : compression->in_sequence;
}

// Makes a compressed packet of `frame`, or of frames.
static void wrap(const lun_mysql_compression *compression, lun_buffer *frame, bool is_packed) {
  lun_buffer packet = {0};
  size_t room = frame->size + 1024;
  size_t size = 0;
  uint8_t *packed = malloc(room);
  if (packed && is_packed) {
    compression->codec->encode(lun_buffer_bytes(frame), 1, packed, room, &size);
  }
  lun_buffer_u24(&packet, (uint32_t)(size > 0 ? size : frame->size));
  lun_buffer_u8(&packet, due(compression));
  lun_buffer_u24(&packet, (uint32_t)(size > 0 ? frame->size : 0));
  lun_buffer_append(&packet, size > 0 ? packed : frame->data, size > 0 ? size : frame->size);
  free(packed);
  lun_buffer_deinit(frame);
  *frame = packet;
}

// Frames with the numbers that are due, which a fuzzer would not find; several come together.
static void feed_packets(fuzz_host *host, lun_view payload, unsigned count, bool is_packed) {
  lun_buffer frames = {0};
  const lun_mysql_session *session = lun_mysql_session_of(host->session);
  for (unsigned i = 0; i < count; i++) {
    lun_buffer_u24(&frames, (uint32_t)payload.size);
    lun_buffer_u8(&frames, (uint8_t)(session->framer.sequence + i));
    lun_buffer_view(&frames, payload);
  }
  if (session->compression) {
    wrap(session->compression, &frames, is_packed);
  }
  feed(host, lun_buffer_bytes(&frames));
  lun_buffer_deinit(&frames);
}

static void put(fuzz_host *host, const lun_command *command) {
  bool has_answer = command->kind != LUN_COMMAND_QUIT && command->kind != LUN_COMMAND_FORGET;
  lun_error error = {0};
  lun_token token = 0;
  if (host->in_flight == MOST_TOKENS) {
    return;
  }
  lun_status status = lun_session_command(host->session, command, &token, &error);
  FUZZ_CHECK(status == LUN_OK ? (token != 0) == has_answer : error.status == status);
  if (token != 0) {
    host->tokens[host->in_flight++] = token;
  }
}

static void ask(fuzz_host *host, lun_command_kind kind, lun_view text, bool is_streamed) {
  lun_command command = {.kind = kind, .text = text, .is_streamed = is_streamed};
  command.offers_data = is_streamed && text.size > 0 && memmem(text.data, text.size, "INFILE", 6);
  put(host, &command);
}

// Statements of up to three parameters, the last one large enough to travel alone.
static void ask_prepared(fuzz_host *host, lun_view sql, uint8_t what) {
  static uint8_t large[LARGE_VALUE];
  static const lun_command_kind KINDS[] = {
      LUN_COMMAND_EXECUTE, LUN_COMMAND_EXECUTE, LUN_COMMAND_PREPARE, LUN_COMMAND_FORGET};
  const lun_value values[] = {
      {.kind = LUN_VALUE_INTEGER, .integer = -1},
      {.kind = LUN_VALUE_TEXT, .bytes = sql},
      {.kind = LUN_VALUE_BINARY, .bytes = {large, sizeof large}},
  };
  lun_command command = {
      .kind = KINDS[what % 4],
      .text = sql,
      .values = values,
      .value_count = what / 4,
      .row_count = 1,
      .is_lent = what / 4 == 3,
      .is_streamed = what % 4 == 1,
  };
  put(host, &command);
}

static lun_status
place(void *context, size_t position, lun_view name, lun_buffer *out, lun_error *error) {
  fuzz_host *host = context;
  lun_value value = {.kind = LUN_VALUE_TEXT, .bytes = name};
  (void)position;
  return host->session->driver->literal(host->session, &value, out, error);
}

static void ask_with_parameters(fuzz_host *host, lun_view sql, uint8_t style) {
  lun_buffer text = {0};
  lun_error error;
  lun_placeholder_style styles[] = {LUN_STYLE_QMARK, LUN_STYLE_NAMED, LUN_STYLE_PYFORMAT};
  lun_status status = host->session->driver->interpolate(
      host->session, sql, styles[style % 3], place, host, &text, &error);
  if (status == LUN_OK) {
    ask(host, LUN_COMMAND_QUERY, lun_buffer_bytes(&text), style > 8);
  }
  lun_buffer_deinit(&text);
}

static void send_some(fuzz_host *host, size_t most) {
  enum { PARTS = 4 };
  lun_view parts[PARTS];
  size_t count = lun_session_output(host->session, parts, PARTS);
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    size += parts[i].size;
  }
  lun_session_sent(host->session, most > 0 && most < size ? most : size);
}

static void encrypt(lun_session *session, uint8_t what) {
  lun_encryption encryption = {
      .is_verified = what % 6 == 1,
      .needs_proof = what >= 128,
      .doubt = what >= 128 ? "nobody vouches for it" : NULL,
  };
  lun_session_encrypted(session, &encryption);
}

static void host_step(fuzz_host *host, uint8_t what) {
  lun_error cause;
  lun_error_set(&cause, LUN_ERR_TIMEOUT, "took too long");
  switch (what % 6) {
  case 0:
  case 1: encrypt(host->session, what); break;
  case 2: lun_session_hangup(host->session, NULL); break;
  case 4: lun_session_resume(host->session); break;
  case 5: lun_session_discard(host->session, host->in_flight > 0 ? host->tokens[0] : 0); break;
  default: lun_session_hangup(host->session, &cause); break;
  }
}

static void change_user(fuzz_host *host) {
  lun_options login = {
      .user = lun_view_of("other"),
      .password = lun_view_of("secret"),
      .charset = lun_view_of("utf8mb4"),
  };
  lun_command command = {.kind = LUN_COMMAND_CHANGE_USER, .login = &login};
  lun_error error = {0};
  lun_token token = 0;
  if (host->in_flight < MOST_TOKENS
      && lun_session_command(host->session, &command, &token, &error) == LUN_OK) {
    host->tokens[host->in_flight++] = token;
  }
}

static void step(fuzz_host *host, lun_view *input) {
  static const lun_command_kind KINDS[] = {
      LUN_COMMAND_PING, LUN_COMMAND_SELECT_DATABASE, LUN_COMMAND_RESET, LUN_COMMAND_QUIT};
  uint8_t what = fuzz_u8(input);
  switch (what % 8) {
  case 0:
  case 1: feed_packets(host, fuzz_bytes(input), 1 + what / 8, what % 8 == 1); break;
  case 2: feed(host, fuzz_bytes(input)); break;
  case 3: ask(host, LUN_COMMAND_QUERY, fuzz_bytes(input), what / 8 % 2 == 1); break;
  case 4:
    if (what == CHANGE_USER) {
      change_user(host);
    } else {
      ask(host, KINDS[what / 8 % 4], lun_view_of("test"), false);
    }
    break;
  case 5: send_some(host, what / 8); break;
  case 6: host_step(host, what / 8); break;
  default:
    if (what / 8 < PREPARED) {
      ask_with_parameters(host, fuzz_bytes(input), what / 8);
    } else {
      ask_prepared(host, fuzz_bytes(input), what / 8 - PREPARED);
    }
    break;
  }
  collect(host);
}

static lun_options read_options(uint8_t bits) {
  lun_options options = {
      .user = lun_view_of("root"),
      .password = lun_view_of(bits & 1 ? "secret" : ""),
      .database = lun_view_of("test"),
      .charset = lun_view_of(bits & 2 ? "gbk" : "utf8mb4"),
      .tls = bits & 4 ? LUN_TLS_PREFERRED : LUN_TLS_DISABLED,
      .is_local = (bits & 8) != 0,
      .asks_server_public_key = (bits & 16) != 0,
      .has_multi_statements = true,
      .has_local_files = true,
      .limits = LUN_DEFAULT_LIMITS,
  };
  options.limits.max_packet = MAX_PACKET;
  options.limits.stream_window = 1 << 10;
  if (bits & 64) {
    options.compressions[0] = LUN_COMPRESSION_ZLIB;
    options.compress_threshold = 16;
  }
  if (bits & 32) {
    static const lun_view command = {(const uint8_t *)"SET @a = 1", sizeof "SET @a = 1" - 1};
    options.init_commands = &command;
    options.init_command_count = 1;
  }
  return options;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lun_view input = {data, size};
  lun_options options = read_options(fuzz_u8(&input));
  fuzz_host host = {.step = fuzz_u8(&input)};
  lun_error error;
  lun_metadata_cache *cache = lun_metadata_cache_new();
  host.session = cache ? LUN_MYSQL.open(&options, cache, &error) : NULL;
  if (host.session) {
    while (input.size > 0) {
      step(&host, &input);
    }
    lun_session_hangup(host.session, NULL);
    collect(&host);
    FUZZ_CHECK(host.is_closed && host.in_flight == 0);
  }
  lun_session_free(host.session);
  lun_metadata_cache_free(cache);
  return 0;
}
