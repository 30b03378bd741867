// The greeting, the decision about TLS, and the handshake response.
#include "mysql/capability.h"
#include "mysql/collation.h"
#include "mysql/session.h"

#include <openssl/crypto.h>

static const uint64_t WANTED =
    LUN_MYSQL_CLIENT_LONG_PASSWORD | LUN_MYSQL_CLIENT_LONG_FLAG | LUN_MYSQL_CLIENT_PROTOCOL_41
    | LUN_MYSQL_CLIENT_TRANSACTIONS | LUN_MYSQL_CLIENT_SECURE_CONNECTION
    | LUN_MYSQL_CLIENT_MULTI_RESULTS | LUN_MYSQL_CLIENT_PS_MULTI_RESULTS
    | LUN_MYSQL_CLIENT_PLUGIN_AUTH | LUN_MYSQL_CLIENT_CONNECT_ATTRS
    | LUN_MYSQL_CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA | LUN_MYSQL_CLIENT_SESSION_TRACK
    | LUN_MYSQL_CLIENT_DEPRECATE_EOF | LUN_MYSQL_CLIENT_MULTI_FACTOR_AUTHENTICATION
    | LUN_MYSQL_CLIENT_QUERY_ATTRIBUTES;

static const uint32_t REQUIRED = LUN_MYSQL_CLIENT_PROTOCOL_41 | LUN_MYSQL_CLIENT_SECURE_CONNECTION
                                 | LUN_MYSQL_CLIENT_PLUGIN_AUTH;

static bool copy_version(lun_facts *facts, lun_view version) {
  // MariaDB before 11 says 5.5.5- first, for old replicas of MySQL.
  const lun_view prefix = lun_view_of("5.5.5-");
  if (version.size > prefix.size && memcmp(version.data, prefix.data, prefix.size) == 0) {
    version.data += prefix.size;
    version.size -= prefix.size;
  }
  if (!lun_fact_set(&facts->server_version, version, LUN_VERSION_SIZE - 1)) {
    return false;
  }
  for (char *at = facts->server_version; at && *at; at++) {
    if ((unsigned char)*at < ' ') {
      *at = '?';
    }
  }
  return true;
}

// One of them at most: a server that is told two chooses.
static uint64_t agree_compression(const lun_options *options, uint64_t offered) {
  for (size_t i = 0; i < LUN_COMPRESSIONS; i++) {
    const lun_mysql_codec *codec = lun_mysql_codec_of(options->compressions[i]);
    if (codec && (codec->capability & offered) != 0) {
      return codec->capability;
    }
  }
  return 0;
}

static uint64_t agree(const lun_options *options, uint64_t offered) {
  uint64_t wanted = WANTED;
  wanted |= options->database.size > 0 ? LUN_MYSQL_CLIENT_CONNECT_WITH_DB : 0;
  wanted |= options->has_multi_statements ? LUN_MYSQL_CLIENT_MULTI_STATEMENTS : 0;
  wanted |= options->has_local_files ? LUN_MYSQL_CLIENT_LOCAL_FILES : 0;
  wanted |= options->has_found_rows ? LUN_MYSQL_CLIENT_FOUND_ROWS : 0;
  wanted |= options->client_flags;
  wanted |= options->tls != LUN_TLS_DISABLED ? LUN_MYSQL_CLIENT_SSL : 0;
  // Offered by MariaDB only, which takes them from clients that leave out LONG_PASSWORD as it does.
  wanted |= LUN_MYSQL_MARIADB_STMT_BULK | LUN_MYSQL_MARIADB_CACHE_METADATA
            | LUN_MYSQL_MARIADB_EXTENDED_METADATA;
  return (wanted & offered) | agree_compression(options, offered);
}

static lun_status send_ssl_request(lun_mysql_session *session) {
  lun_buffer payload = {0};
  lun_mysql_ssl_request_encode(
      session->capabilities, LUN_MYSQL_MAX_PACKET, session->charset, &payload);
  lun_status status = payload.status;
  if (status == LUN_OK) {
    status = lun_mysql_session_reply(session, lun_buffer_bytes(&payload));
  }
  lun_buffer_deinit(&payload);
  if (status != LUN_OK) {
    return lun_mysql_session_fail(session, status, "out of memory");
  }
  lun_mysql_session_enter(session, LUN_MYSQL_TLS);
  return LUN_OK;
}

static lun_status on_greeting_error(lun_mysql_session *session, lun_view packet) {
  lun_mysql_err err;
  lun_error error;
  lun_status status = lun_mysql_err_decode(packet, &err);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "ERR_Packet");
  }
  lun_error_set_server(&error, err.code, err.sqlstate, err.message);
  return lun_mysql_session_fail_with(session, &error);
}

// The server asks for the right plugin in an auth switch, or refuses in its own words, when this is
// not the account's.
static const lun_mysql_auth_plugin *first_plugin(const lun_mysql_session *session,
                                                 lun_view greeted) {
  const lun_mysql_auth *auth = session->auth;
  if (session->options.auth_plugin.size > 0) {
    return lun_mysql_auth_plugin_find(session->options.auth_plugin);
  }
  const lun_mysql_auth_plugin *plugin = lun_mysql_auth_plugin_find(greeted);
  if (plugin && lun_mysql_auth_begins_openly(plugin) && lun_mysql_auth_allows(auth, greeted)) {
    return plugin;
  }
  return lun_mysql_auth_first_allowed(auth);
}

static lun_status take_facts(lun_mysql_session *session, const lun_mysql_greeting *greeting) {
  lun_facts *facts = &session->base.facts;
  facts->connection_id = greeting->connection_id;
  if (!copy_version(facts, greeting->server_version)) {
    return lun_mysql_session_fail(session, LUN_ERR_NOMEM, "out of memory");
  }
  facts->is_mariadb = (greeting->capabilities & LUN_MYSQL_CLIENT_LONG_PASSWORD) == 0
                      || strstr(lun_fact_text(facts->server_version), "MariaDB") != NULL;
  memcpy(session->scramble, greeting->scramble, sizeof session->scramble);
  memcpy(session->auth->scramble, greeting->scramble, sizeof greeting->scramble);
  session->first_plugin = first_plugin(session, greeting->auth_plugin);
  session->auth->plugin = session->first_plugin;
  session->server_charset = greeting->charset;
  lun_mysql_settle_charset(session);
  return LUN_OK;
}

void lun_mysql_settle_charset(lun_mysql_session *session) {
  const lun_options *options = &session->options;
  uint8_t theirs = session->server_charset;
  session->charset = lun_mysql_handshake_collation(options->charset, options->collation, theirs);
  // A server may ignore what the handshake says (--skip-character-set-client-handshake), and then
  // its own character set is the client's: what we escape for must be what it reads.
  session->needs_set_names =
      session->charset == 0 || !lun_mysql_collation_is_of(theirs, options->charset);
  session->is_untracked = (session->capabilities & LUN_MYSQL_CLIENT_SESSION_TRACK) == 0;
  if (session->charset == 0) {
    session->charset = lun_mysql_handshake_collation(lun_view_of("utf8mb4"), (lun_view){0}, 0);
  }
}

lun_status lun_mysql_on_greeting(lun_mysql_session *session, lun_view packet) {
  if (packet.size > 0 && packet.data[0] == LUN_MYSQL_HEADER_ERR) {
    return on_greeting_error(session, packet);
  }
  lun_mysql_greeting greeting;
  lun_status status = lun_mysql_greeting_decode(packet, &greeting);
  if (status != LUN_OK) {
    return lun_mysql_session_malformed(session, status, "Protocol::Handshake");
  }
  if ((greeting.capabilities & REQUIRED) != REQUIRED) {
    return lun_mysql_session_fail(session,
                                  LUN_ERR_UNSUPPORTED,
                                  "the server is too old: it lacks protocol 4.1 or PLUGIN_AUTH");
  }
  session->capabilities = agree(&session->options, greeting.capabilities);
  session->base.facts.capabilities = session->capabilities;
  if (take_facts(session, &greeting) != LUN_OK) {
    return session->base.status;
  }
  if (session->capabilities & LUN_MYSQL_CLIENT_SSL) {
    return send_ssl_request(session);
  }
  if (session->options.tls == LUN_TLS_REQUIRED) {
    return lun_mysql_session_fail(
        session, LUN_ERR_TLS, "TLS is required, and the server does not offer it");
  }
  return lun_mysql_send_handshake_response(session);
}

static uint8_t zstd_level(const lun_options *options) {
  const lun_mysql_codec *codec = lun_mysql_codec_of(LUN_COMPRESSION_ZSTD);
  int own = codec ? codec->default_level : 0;
  return (uint8_t)(options->compression_level > 0 ? options->compression_level : own);
}

// MySQL answers an empty connect-attributes block as it does any other.
static lun_status
encode_response(lun_mysql_session *session, lun_view auth_response, lun_buffer *payload) {
  const lun_options *options = &session->options;
  lun_mysql_handshake_response response = {
      .capabilities = session->capabilities,
      .max_packet = LUN_MYSQL_MAX_PACKET,
      .charset = session->charset,
      .user = options->user,
      .auth_response = auth_response,
      .database = options->database,
      .auth_plugin = lun_view_of(session->auth->plugin->name),
      .connect_attributes = options->connect_attributes,
      .zstd_level = zstd_level(options),
  };
  // Room for all of it at once: growing would leave copies of secrets behind.
  lun_buffer_reserve(payload,
                     options->user.size + auth_response.size + options->database.size
                         + options->connect_attributes.size + LUN_MYSQL_HANDSHAKE_FIXED);
  lun_mysql_handshake_response_encode(&response, payload);
  return payload->status;
}

// Both buffers are the caller's to cleanse. Fails for want of memory only.
static lun_status
send_response(lun_mysql_session *session, const lun_buffer *answer, lun_buffer *payload) {
  lun_status status = answer->status;
  if (status == LUN_OK) {
    status = encode_response(session, lun_buffer_bytes(answer), payload);
  }
  if (status == LUN_OK) {
    lun_mysql_session_enter(session, LUN_MYSQL_AUTH);
    status = lun_mysql_session_reply(session, lun_buffer_bytes(payload));
  }
  return status;
}

lun_status lun_mysql_send_handshake_response(lun_mysql_session *session) {
  lun_error error;
  lun_buffer answer = {0};
  lun_buffer payload = {0};
  lun_status status = lun_mysql_auth_greet(session->auth, &answer, &error);
  if (status == LUN_OK) {
    status = send_response(session, &answer, &payload);
    lun_error_set(&error, status, "out of memory");
  }
  lun_mysql_buffer_cleanse(&answer);
  lun_mysql_buffer_cleanse(&payload);
  return status == LUN_OK ? LUN_OK : lun_mysql_session_fail_with(session, &error);
}
