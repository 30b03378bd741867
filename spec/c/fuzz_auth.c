// One authentication plugin, FUZZ_PLUGIN, against a hostile server: the password leaves in clear
// only where nobody listens, and no answer is larger than a key.
#include "fuzz.h"
#include "mysql/auth/plugin.h"

#include <string.h>

static const char PASSWORD[] = "correct horse battery staple";

enum { LARGEST_ANSWER = 16384 / 8, MOST_ROUNDS = 16 };

static void check_answer(const lun_mysql_auth *auth, const lun_buffer *answer) {
  FUZZ_CHECK(answer->size <= LARGEST_ANSWER);
  bool shows_password = answer->size >= strlen(PASSWORD)
                        && memmem(answer->data, answer->size, PASSWORD, strlen(PASSWORD));
  FUZZ_CHECK(!shows_password || lun_mysql_auth_may_send_secret(auth));
}

// What a server may learn of us in the middle of the login: where the plugin has it.
static void prove(const lun_mysql_auth *auth) {
  lun_buffer key = {0};
  lun_error error;
  if (auth->plugin->proof_key) {
    auth->plugin->proof_key(auth, &key, &error);
    FUZZ_CHECK(key.size <= LUN_MYSQL_AUTH_KEPT);
  }
  lun_buffer_deinit(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const lun_view further[] = {lun_view_of("one"), lun_view_of("two")};
  lun_view input = {data, size};
  uint8_t first = fuzz_u8(&input);
  lun_mysql_auth auth = {
      .plugin = lun_mysql_auth_plugin_find(lun_view_of(FUZZ_PLUGIN)),
      .password = lun_view_of(first & 1 ? PASSWORD : ""),
      .is_local = (first & 2) != 0,
      .is_encrypted = (first & 4) != 0,
      .is_verified = (first & 32) != 0,
      .answers = further,
      .answer_count = first & 64 ? 2 : 0,
      .asks_server_public_key = (first & 8) != 0,
  };
  FUZZ_CHECK(auth.plugin);
  if (first & 16) {
    auth.server_public_key = fuzz_bytes(&input);
  }
  lun_status status = LUN_OK;
  for (int round = 0; round < MOST_ROUNDS && status == LUN_OK && input.size > 0; round++) {
    lun_buffer answer = {0};
    lun_error error;
    bool has_answer = false;
    bool is_switch = round == 0 || (fuzz_u8(&input) & 0x80) != 0;
    lun_view bytes = fuzz_bytes(&input);
    if (is_switch) {
      status = lun_mysql_auth_begin(&auth, bytes, &answer, &error);
    } else if (auth.plugin->more) {
      status = auth.plugin->more(&auth, bytes, &answer, &has_answer, &error);
      FUZZ_CHECK(status != LUN_OK || has_answer || answer.size == 0);
    }
    check_answer(&auth, &answer);
    prove(&auth);
    lun_buffer_deinit(&answer);
  }
  return 0;
}
