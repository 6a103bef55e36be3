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
base::Bytes applied_key();
base::Bytes control_prefix();
base::Bytes control_key(std::uint64_t number);  // numbered from 0 in the order applied
std::optional<std::uint64_t> parse_control_key(base::ByteView key);
base::Bytes log_prefix();
base::Bytes log_key(const event::LogId& log);
std::optional<event::LogId> parse_log_key(base::ByteView key);

// rows
base::Bytes rows_prefix(LogNumber log);
base::Bytes row_block_key(LogNumber log, std::uint64_t first_seq);
std::optional<std::uint64_t> parse_row_block_key(base::ByteView key);  // first_seq

// ids
base::Bytes id_key(LogNumber log, base::ByteView id);

}  // namespace piperoll::store::rocks
