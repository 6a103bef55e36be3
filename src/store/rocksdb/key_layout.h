#pragma once
// Keys of every column family, byte by byte as in docs/formats/store.md. Integers are big-endian,
// so that keys sort by value. Pure functions.
//
// A log is named by its number (u32, given when its first record is applied, never reused).

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "event/record.h"

namespace piperoll::store::rocks {

using LogNumber = std::uint32_t;

// The least key greater than every key that begins with prefix. REQUIRES: not all bytes are 0xff.
base::Bytes end_of(base::ByteView prefix);

// meta
base::Bytes format_key();
base::Bytes older_ids_key();  // there: ids may stand under whole_id_key() and text_id_key()
base::Bytes id_secret_key();  // what ids are hashed with
base::Bytes made_id_key();    // an id that tells by which cipher those in rows are made
base::Bytes applied_key();
base::Bytes control_prefix();
base::Bytes control_key(std::uint64_t number);  // numbered from 0 in the order applied
std::optional<std::uint64_t> parse_control_key(base::ByteView key);
base::Bytes log_prefix();
base::Bytes log_key(const event::LogId& log);
std::optional<event::LogId> parse_log_key(base::ByteView key);
base::Bytes checkpoint_key(const event::LogId& log);
base::Bytes dictionary_prefix();
base::Bytes dictionary_key(std::uint64_t number);  // of a dictionary of rows, from 1
std::optional<std::uint64_t> parse_dictionary_key(base::ByteView key);

// rows
base::Bytes rows_prefix(LogNumber log);
base::Bytes row_block_key(LogNumber log, std::uint64_t first_seq);
std::optional<std::uint64_t> parse_row_block_key(base::ByteView key);  // first_seq

// ids: by the beginning of the hash. REQUIRES: secret has crypto::kKeyedHashKeyBytes.
base::Bytes id_key(LogNumber log, base::ByteView secret, base::ByteView id);
// Where versions 5 and 6 put it: a UUID in its canonical form (Uuid::to_string) takes 16 bytes, any
// other id those of its text.
base::Bytes whole_id_key(LogNumber log, base::ByteView id);
// Where versions before those put it: always as text.
base::Bytes text_id_key(LogNumber log, base::ByteView id);

// dict. Values longer than kValueKeyBytesMax are cut and told apart by their SHA-256.
base::Bytes value_key(LogNumber log, std::uint8_t field, base::ByteView value);
base::Bytes code_prefix(LogNumber log, std::uint8_t field);
base::Bytes code_key(LogNumber log, std::uint8_t field, std::uint32_t code);
std::optional<std::uint32_t> parse_code_key(base::ByteView key);  // code

// post
base::Bytes posting_key(LogNumber log, std::uint8_t field, std::uint32_t code,
                        std::uint32_t bucket);
// Records of a bucket whose values have no code, by the beginning of the hash (hashed_values.h).
base::Bytes hashed_prefix(LogNumber log, std::uint8_t field, std::uint8_t partition);
base::Bytes hashed_key(LogNumber log, std::uint8_t field, std::uint8_t partition,
                       std::uint32_t bucket);
std::optional<std::uint32_t> parse_hashed_key(base::ByteView key);  // bucket

// time
enum class TimeColumn : std::uint8_t { Occurred = 0, Recorded = 1 };
base::Bytes times_prefix(LogNumber log, TimeColumn column);
base::Bytes times_key(LogNumber log, TimeColumn column, std::uint64_t segment);
base::Bytes bounds_key(LogNumber log, TimeColumn column, std::uint32_t bucket);

// codes
base::Bytes codes_prefix(LogNumber log, std::uint8_t field);
base::Bytes codes_key(LogNumber log, std::uint8_t field, std::uint64_t segment);
// Of values without a code: texts and hashes (text_column.h), and hashes alone as older stores
// have.
base::Bytes texts_prefix(LogNumber log, std::uint8_t field);
base::Bytes hashes_prefix(LogNumber log, std::uint8_t field);
// Filters of the values at paths (path_values.h).
base::Bytes path_values_prefix(LogNumber log);
std::optional<std::uint64_t> parse_segment(base::ByteView key);  // of times_key and codes_key

// roll
base::Bytes totals_prefix(LogNumber log, std::uint8_t field);
base::Bytes totals_key(LogNumber log, std::uint8_t field, std::uint32_t chunk);
std::optional<std::uint32_t> parse_totals_key(base::ByteView key);  // chunk
enum class CellLevel : std::uint8_t { Hour = 1, Day = 2, Month = 3 };
base::Bytes cells_key(LogNumber log, CellLevel level, std::uint32_t period);
std::optional<std::uint32_t> parse_cells_key(base::ByteView key);  // period

// tree
base::Bytes tile_key(LogNumber log, unsigned level, std::uint64_t index);  // tlog/tile.h

}  // namespace piperoll::store::rocks
