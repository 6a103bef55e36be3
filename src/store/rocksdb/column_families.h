#pragma once
// The column families and the options of each. Constants and pure functions.

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <rocksdb/options.h>

namespace piperoll::store::rocks {

// Order and names are part of the format; Meta is RocksDB's default family.
enum class Family : std::uint8_t { Meta, Rows, Ids, Dict, Post, Time, Codes, Roll, Tree };
inline constexpr std::size_t kFamilyCount = 9;
inline constexpr std::array<const char*, kFamilyCount> kFamilyNames = {
    "default", "rows", "ids", "dict", "post", "time", "codes", "roll", "tree"};

struct FamilySettings {
  std::uint64_t write_buffer_bytes = 0;  // over all families
  std::shared_ptr<rocksdb::Cache> block_cache;
};
rocksdb::ColumnFamilyOptions family_options(Family family, const FamilySettings& settings);

}  // namespace piperoll::store::rocks
