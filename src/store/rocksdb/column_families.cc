#include "store/rocksdb/column_families.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "store/rocksdb/merge_operators.h"

namespace piperoll::store::rocks {
namespace {

constexpr double kFilterBitsPerKey = 10;
// What level 3 would save on disk costs as much CPU as the texts of near-unique fields (ADR 72).
constexpr int kTableZstdLevel = 1;
constexpr double kMemtableFilterRatio = 0.05;  // of the write buffer
// Flushes that wait to be compacted. Under a load that lasts more gather than in RocksDB's defaults
// (20 and 36), at which it slows writes down: compaction has the lowest priority, and the more it
// takes at once the less it writes again (ADR 88).
constexpr int kFlushesBeforeSlowdown = 40;
constexpr int kFlushesBeforeStop = 72;
constexpr std::size_t kLogNumberBytes = 4;  // what keys begin with
constexpr int kIndexRestartInterval = 16;   // keys of an index share beginnings: a third of it
constexpr std::size_t kSmallBlockBytes = 4 * 1024;
// Hashes are random and only what stands between them repeats: zstd makes 0.3 bytes an event less
// of these than of blocks of 4 KiB. 16 KiB would be 0.2 less still, for twice as much to open.
constexpr std::size_t kIdsBlockBytes = 8 * 1024;
constexpr std::size_t kRowTableBlockBytes = 8 * 1024;  // two or three of our own blocks

std::size_t block_bytes(Family family) {
  switch (family) {
    case Family::Rows:
      return kRowTableBlockBytes;
    case Family::Ids:
      return kIdsBlockBytes;
    default:
      return kSmallBlockBytes;
  }
}

rocksdb::BlockBasedTableOptions table_options(Family family, const FamilySettings& settings) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = settings.block_cache;
  table.format_version = 5;
  // Index and filter blocks stay in the table readers: in the cache they evict each other. What
  // they take is taken from the cache: the budget is one, however large the store grows.
  table.cache_index_and_filter_blocks = false;
  table.cache_usage_options.options_overrides[rocksdb::CacheEntryRole::kBlockBasedTableReader] = {
      .charged = rocksdb::CacheEntryRoleOptions::Decision::kEnabled};
  table.index_block_restart_interval = kIndexRestartInterval;
  table.block_size = block_bytes(family);
  // Looked up by whole keys that are often not there.
  if (family == Family::Ids || family == Family::Dict || family == Family::Post) {
    table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(kFilterBitsPerKey));
  }
  return table;
}

}  // namespace

rocksdb::ColumnFamilyOptions family_options(Family family, const FamilySettings& settings) {
  rocksdb::ColumnFamilyOptions options;
  // The shared limit decides when to flush, and then all families together (atomic_flush).
  options.write_buffer_size = settings.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.level0_slowdown_writes_trigger = kFlushesBeforeSlowdown;
  options.level0_stop_writes_trigger = kFlushesBeforeStop;
  options.level_compaction_dynamic_level_bytes = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(family, settings)));
  // Batches are in the order of keys (Database::write): search from where the last one went.
  options.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(kLogNumberBytes));
  if (family == Family::Ids) {
    // Most ids that are looked for are new ones.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = kMemtableFilterRatio;
  }
  options.merge_operator = merge_operator(family);
  if (family == Family::Rows || family == Family::Tree) {
    options.compression = rocksdb::kNoCompression;  // compressed by us; hashes do not compress
  } else {
    options.compression = rocksdb::kZSTD;
    options.compression_opts.level = kTableZstdLevel;
  }
  return options;
}

}  // namespace piperoll::store::rocks
