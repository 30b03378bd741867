/// MySQL packets: bytes to structs and back, one file per packet in mysql/packet/.
///
/// Decoders borrow: every view in a decoded packet points into the bytes it was decoded from. A
/// decoder's status is LUN_OK, LUN_ERR_TRUNCATED, LUN_ERR_TRAILING or LUN_ERR_PROTOCOL; on failure
/// the struct holds no meaning.
#pragma once

#include "base/buffer.h"
#include "base/reader.h"
#include "driver/column.h"
#include "driver/command.h"

/// First bytes that tell packets apart.
enum {
  LUN_MYSQL_HEADER_OK = 0x00,
  LUN_MYSQL_HEADER_MORE_DATA = 0x01,
  LUN_MYSQL_HEADER_NEXT_FACTOR = 0x02,
  LUN_MYSQL_HEADER_NULL = 0xfb, // a NULL cell; as a response: LOCAL INFILE
  LUN_MYSQL_HEADER_EOF = 0xfe,  // also an OK that ends rows, and an auth switch
  LUN_MYSQL_HEADER_ERR = 0xff,
};

/// Command bytes (manual: "Command Phase").
enum {
  LUN_MYSQL_COM_QUIT = 0x01,
  LUN_MYSQL_COM_INIT_DB = 0x02,
  LUN_MYSQL_COM_QUERY = 0x03,
  LUN_MYSQL_COM_PING = 0x0e,
  LUN_MYSQL_COM_CHANGE_USER = 0x11,
  LUN_MYSQL_COM_STMT_PREPARE = 0x16,
  LUN_MYSQL_COM_STMT_EXECUTE = 0x17,
  LUN_MYSQL_COM_STMT_SEND_LONG_DATA = 0x18,
  LUN_MYSQL_COM_STMT_CLOSE = 0x19,
  LUN_MYSQL_COM_STMT_RESET = 0x1a,
  LUN_MYSQL_COM_STMT_FETCH = 0x1c,
  LUN_MYSQL_COM_RESET_CONNECTION = 0x1f,
  LUN_MYSQL_COM_STMT_BULK_EXECUTE = 0xfa, // MariaDB
};

enum { LUN_MYSQL_SCRAMBLE = 20 };

/// Protocol::HandshakeV10, the greeting.
typedef struct lun_mysql_greeting {
  lun_view server_version;
  uint32_t connection_id;
  uint64_t capabilities;
  uint8_t charset;
  uint16_t status_flags;
  uint8_t scramble[LUN_MYSQL_SCRAMBLE];
  lun_view auth_plugin; // empty when the server names none
} lun_mysql_greeting;

lun_status lun_mysql_greeting_decode(lun_view payload, lun_mysql_greeting *greeting);

/// Protocol::SSLRequest.
void lun_mysql_ssl_request_encode(uint64_t capabilities,
                                  uint32_t max_packet,
                                  uint8_t charset,
                                  lun_buffer *out);

/// Protocol::HandshakeResponse41. Holds secrets once encoded: cleanse the buffer.
typedef struct lun_mysql_handshake_response {
  uint64_t capabilities;
  uint32_t max_packet;
  uint8_t charset;
  lun_view user;
  lun_view auth_response;
  lun_view database;
  lun_view auth_plugin;
  lun_view connect_attributes; // lenenc strings, name and value in turn
  uint8_t zstd_level;
} lun_mysql_handshake_response;

void lun_mysql_handshake_response_encode(const lun_mysql_handshake_response *response,
                                         lun_buffer *out);

/// COM_CHANGE_USER, which says the same without its command byte; an answer above 255 bytes does
/// not fit.
void lun_mysql_change_user_encode(const lun_mysql_handshake_response *response, lun_buffer *out);

/// Protocol::AuthSwitchRequest, and Protocol::AuthNextFactor, which differs in its header only.
typedef struct lun_mysql_auth_switch {
  lun_view auth_plugin;
  lun_view data; // as sent, often with a trailing NUL
} lun_mysql_auth_switch;

lun_status lun_mysql_auth_switch_decode(lun_view payload, lun_mysql_auth_switch *request);

/// OK_Packet: a statement succeeded without rows, or the rows ended (CLIENT_DEPRECATE_EOF).
typedef struct lun_mysql_ok {
  uint64_t affected_rows;
  uint64_t last_insert_id;
  uint16_t status_flags;
  uint16_t warnings;
  lun_view info;          // human-readable, often empty
  lun_view session_state; // "Session State Information", empty when nothing changed
} lun_mysql_ok;

lun_status lun_mysql_ok_decode(lun_view payload, uint64_t capabilities, lun_mysql_ok *ok);

/// ERR_Packet.
typedef struct lun_mysql_err {
  uint16_t code;
  lun_view sqlstate; // empty before the login, where the server knows no protocol 4.1 yet
  lun_view message;
} lun_mysql_err;

lun_status lun_mysql_err_decode(lun_view payload, lun_mysql_err *err);

/// EOF_Packet.
typedef struct lun_mysql_eof {
  uint16_t warnings;
  uint16_t status_flags;
} lun_mysql_eof;

lun_status lun_mysql_eof_decode(lun_view payload, lun_mysql_eof *eof);

/// One entry of "Session State Information".
typedef enum lun_mysql_track_type {
  LUN_MYSQL_TRACK_SYSTEM_VARIABLES = 0x00,
  LUN_MYSQL_TRACK_SCHEMA = 0x01,
  LUN_MYSQL_TRACK_STATE_CHANGE = 0x02,
  LUN_MYSQL_TRACK_GTIDS = 0x03,
  LUN_MYSQL_TRACK_TRANSACTION_CHARACTERISTICS = 0x04,
  LUN_MYSQL_TRACK_TRANSACTION_STATE = 0x05,
} lun_mysql_track_type;

/// A change of the session: `name` for system variables, else only `value`.
typedef struct lun_mysql_track {
  uint8_t type; // lun_mysql_track_type, or one that we do not know
  lun_view name;
  lun_view value;
} lun_mysql_track;

typedef void (*lun_mysql_track_handler)(void *context, const lun_mysql_track *change);

/// Calls `handler` for every change in `state`, after all of it was found well-formed.
lun_status
lun_mysql_session_state_decode(lun_view state, lun_mysql_track_handler handler, void *context);

/// Protocol::ColumnDefinition41, with MariaDB's extended metadata where that was agreed.
lun_status lun_mysql_column_decode(lun_reader *reader, bool is_extended, lun_column *column);

/// Text Resultset Row: checks that `row` holds exactly `count` cells and nothing else.
lun_status lun_mysql_text_row_check(lun_view row, uint32_t count);

/// Takes the next cell out of a text row; `*is_null` when it is NULL.
lun_view lun_mysql_text_cell(lun_reader *reader, bool *is_null);

/// COM_STMT_PREPARE_OK.
typedef struct lun_mysql_prepare_ok {
  uint32_t statement_id;
  uint16_t column_count;
  uint16_t parameter_count;
  uint16_t warnings;
  bool has_metadata; // false only where CLIENT_OPTIONAL_RESULTSET_METADATA lets the server omit it
} lun_mysql_prepare_ok;

lun_status
lun_mysql_prepare_ok_decode(lun_view payload, uint64_t capabilities, lun_mysql_prepare_ok *ok);

/// COM_STMT_EXECUTE. No value is a LUN_VALUE_LITERAL.
typedef struct lun_mysql_execute {
  uint32_t statement_id;
  uint8_t flags; // the cursor's type
  const lun_value *values;
  size_t value_count;
  const bool *is_long; // NULL, or per value: COM_STMT_SEND_LONG_DATA has sent it
  const lun_attribute *attributes;
  size_t attribute_count; // of no use without CLIENT_QUERY_ATTRIBUTES
  uint64_t capabilities;
} lun_mysql_execute;

/// The bytes begin with the command's; the statement's id stands behind it, little-endian, where it
/// can be changed.
void lun_mysql_execute_encode(const lun_mysql_execute *execute, lun_buffer *out);

/// COM_STMT_BULK_EXECUTE of MariaDB: `row_count` rows of `value_count` values, row after row. A
/// column has one type in all rows: where numbers of different kinds, or numbers and strings, meet,
/// all of them travel as strings, exactly. LUN_ERR_UNSUPPORTED when text and binary meet in a
/// column, which no type can say: nothing is appended then.
lun_status lun_mysql_bulk_execute_encode(uint32_t statement_id,
                                         const lun_value *values,
                                         size_t value_count,
                                         size_t row_count,
                                         lun_buffer *out);

/// Query attributes in front of the text of COM_QUERY (CLIENT_QUERY_ATTRIBUTES), also when there
/// are none.
void lun_mysql_query_attributes_encode(const lun_attribute *attributes,
                                       size_t count,
                                       lun_buffer *out);

/// Binary Protocol Resultset Row: checks that `row` holds exactly the cells of `metadata` and
/// nothing else.
lun_status lun_mysql_binary_row_check(lun_view row, const lun_metadata *metadata);

/// How many bytes a cell of each type has in a binary row, 1 to 8; 0 for a length-encoded string,
/// more than 8 for what is neither.
extern const uint8_t LUN_MYSQL_BINARY_WIDTHS[256];

/// lun_mysql_binary_cell() of what is neither a number nor a short string.
lun_view lun_mysql_other_binary_cell(lun_reader *reader, uint8_t type);

/// Takes the bytes of the next cell, which is not NULL, out of a binary row: of a length-encoded
/// one, and of a temporal one, without the length.
static inline lun_view lun_mysql_binary_cell(lun_reader *reader, uint8_t type) {
  lun_view rest = reader->rest;
  size_t width = LUN_MYSQL_BINARY_WIDTHS[type];
  if (width - 1 < sizeof(uint64_t) && width <= rest.size) {
    reader->rest = (lun_view){rest.data + width, rest.size - width};
    return (lun_view){rest.data, width};
  }
  if (width == 0 && rest.size > 0 && *rest.data < LUN_MYSQL_HEADER_NULL && *rest.data < rest.size) {
    size_t size = *rest.data;
    reader->rest = (lun_view){rest.data + 1 + size, rest.size - 1 - size};
    return (lun_view){rest.data + 1, size};
  }
  return lun_mysql_other_binary_cell(reader, type);
}

enum { LUN_MYSQL_UNUSED_BITS = 2 }; // of the NULL bitmap: of no column

/// Takes the header and the NULL bitmap of a binary row; look at it with lun_mysql_binary_is_null.
static inline lun_view lun_mysql_binary_bitmap(lun_reader *reader, uint32_t count) {
  if (lun_reader_u8(reader) != LUN_MYSQL_HEADER_OK) {
    lun_reader_fail(reader, LUN_ERR_PROTOCOL);
  }
  return lun_reader_take(reader, ((size_t)count + LUN_MYSQL_UNUSED_BITS + 7) / 8);
}

/// Whether a bit of the bitmap is set, be it of no column.
static inline bool lun_mysql_binary_has_bits(lun_view bitmap) {
  unsigned bits = 0;
  for (size_t i = 0; i < bitmap.size; i++) {
    bits |= bitmap.data[i];
  }
  return bits != 0;
}

static inline bool lun_mysql_binary_is_null(lun_view bitmap, uint32_t column) {
  uint32_t position = column + LUN_MYSQL_UNUSED_BITS;
  return (bitmap.data[position / 8] >> position % 8 & 1) != 0;
}
