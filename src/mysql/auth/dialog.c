// dialog: MariaDB passes on the questions of PAM. The first is answered by the password, the others
// in order by option auth_answers.
#include "mysql/auth/plugin.h"

enum stage { STAGE_PASSWORD, STAGE_QUESTION, STAGE_DONE };

// The first byte of a question: whether it is the last one, and its kind.
enum { IS_LAST = 0x01, QUESTION = 0x02, PASSWORD_QUESTION = 0x04, SHOWN_QUESTION = 100 };

static lun_status too_many(lun_view question, lun_error *error) {
  size_t size = question.size < SHOWN_QUESTION ? question.size : SHOWN_QUESTION;
  return lun_error_set(error,
                       LUN_ERR_AUTH,
                       "the server asks '%.*s', and option auth_answers has no answer left",
                       (int)size,
                       size > 0 ? (const char *)question.data : "");
}

static lun_status
answer(lun_mysql_auth *auth, lun_view data, lun_buffer *response, lun_error *error) {
  uint8_t kind = data.size > 0 ? data.data[0] : 0;
  if (data.size == 0 && auth->stage == STAGE_PASSWORD) {
    kind = PASSWORD_QUESTION; // the server waits for the password before it asks anything
  }
  if ((kind & ~IS_LAST) != QUESTION && (kind & ~IS_LAST) != PASSWORD_QUESTION) {
    return lun_error_set(error, LUN_ERR_PROTOCOL, "malformed packet: no question of dialog");
  }
  lun_view secret = auth->password;
  if (auth->stage != STAGE_PASSWORD) {
    if (auth->answers_given >= auth->answer_count) {
      lun_view_drop(&data, 1);
      return too_many(data, error);
    }
    secret = auth->answers[auth->answers_given++];
  }
  auth->stage = kind & IS_LAST ? STAGE_DONE : STAGE_QUESTION;
  return lun_mysql_auth_send_secret(auth, secret, response, error);
}

static lun_status more(
    lun_mysql_auth *auth, lun_view data, lun_buffer *response, bool *has_answer, lun_error *error) {
  if (auth->stage == STAGE_DONE) {
    return lun_error_set(error, LUN_ERR_PROTOCOL, "malformed packet: unexpected data in dialog");
  }
  *has_answer = true;
  return answer(auth, data, response, error);
}

const lun_mysql_auth_plugin LUN_MYSQL_DIALOG = {
    .name = "dialog",
    .secrecy = LUN_MYSQL_NEEDS_VERIFIED_TLS,
    .answers_greeting = true,
    .takes_raw_data = true,
    .begin_with = answer,
    .more = more,
};
