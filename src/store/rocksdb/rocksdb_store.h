#pragma once
// The durable store: RocksDB 7.8 with its own write-ahead log off; column families and byte tables
// in docs/formats/store.md.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/event_store.h"

namespace piperoll::store::rocks {

struct RocksOptions {
  std::string directory;                           // made if missing
  std::uint64_t block_cache_bytes = 200ULL << 20;  // index and filters of tables included
  std::uint64_t write_buffer_bytes = 96ULL << 20;  // over all families
  bool read_only = false;                          // apply is refused
  bool flush_at_close = true;                      // a test of crashes closes without
  // Records are put into the index so many at a time, or more; the newest, which are not in it yet,
  // are read. (A key of the index costs the same for one record as for a thousand.)
  std::uint64_t indexed_from = 1024;
  // Fewer are put into it where queries have read so many of them, one as often as it was read.
  std::uint64_t newest_rows_read_max = 8192;
  // Values of one field of one log that get a code; those beyond are found by hash and by row. A
  // field with few records for each value gives no more codes from the second number on if values
  // come that hardly come back (value_growth.h), from the third on in any case.
  std::uint32_t field_values_max = 1 << 18;
  std::uint32_t sparse_values_min = 1 << 13;
  std::uint32_t sparse_values_max = 1 << 17;
  // How well dictionaries fit the rows is looked at after so many blocks of 16.
  std::size_t dictionary_window = 4096;
};

// Unavailable (code "locked") when another process has it; Corruption with code "newer_format" for
// data of a newer version, with "wrong_id_key" for ids of another key than the data was written
// with; Corruption or Unavailable with the reason otherwise. ids outlives the store.
base::Result<std::unique_ptr<EventStore>> open_rocksdb_store(const RocksOptions& options,
                                                             const IdCipher& ids);

// Writes out what is in memory and joins all files, as RocksDB does piece by piece by itself. For
// tests. REQUIRES: open_rocksdb_store made it, and not for reading only.
base::Result<void> compact_rocksdb_store(EventStore& store);

}  // namespace piperoll::store::rocks
