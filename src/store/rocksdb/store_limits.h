#pragma once
// Every bound of the RocksDB store. Those marked "format" are part of docs/formats/store.md: a
// change is a new format version.

#include <cstddef>
#include <cstdint>

namespace piperoll::store::rocks {

inline constexpr std::uint32_t kFormatVersion = 1;

// Rows: a block is closed by whichever comes first.
inline constexpr std::size_t kRowBlockRecordsMax = 32;
inline constexpr std::size_t kRowBlockBytesClose = 16 * 1024;  // of records, before compression
inline constexpr std::size_t kRowBlockBytesMax = 1 << 20;      // no valid block decodes to more
inline constexpr std::size_t kRowBlockBytesRaw = 512;          // smaller ones are not compressed
inline constexpr int kRowBlockZstdLevel = 1;

// What the applying thread keeps of logs it wrote to: open blocks and segments. A log beyond that
// is read back when it is written to again.
inline constexpr std::size_t kActiveLogsMax = 1024;

}  // namespace piperoll::store::rocks
