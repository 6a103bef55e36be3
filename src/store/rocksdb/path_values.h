#pragma once
// Which values stand at paths of context, params and metadata. For each part of a segment a filter
// (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970) says of a name and a
// value that none of its records has them, or that one may: only those are read
// (docs/adr/0080-filters-of-path-values.md). Byte table in docs/formats/store.md. One thread at a
// time; only PathValuesWriter knows the database.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"
#include "event/event.h"
#include "query/filter.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"
#include "store/rocksdb/seq_set.h"

namespace piperoll::store::rocks {

// Of what follows the last dot of a path, or of a member's name, and a value as filters see it
// (event::value_text): members may have dots in their names, but no path ends within one.
std::uint32_t path_value_hash(std::string_view path_or_name, std::string_view text);
// Appends the hashes of all values at paths of the object (canonical JSON, may be empty) that are
// neither objects nor arrays.
void append_path_values(std::string_view object, std::vector<std::uint32_t>& hashes);

// The hashes of which a record that matches has one; none: the filter is not about the value at a
// path, or may be about an object or array, and nothing is known.
std::vector<std::uint32_t> path_value_hashes(const query::Filter& filter);

// Consecutive records on their way into a part.
class PathValuesPart {
 public:
  void add(const event::EventView& event);
  std::size_t count() const { return count_; }
  // More values than a filter is made of: the part is not written, and its records are read.
  bool is_full() const { return full_; }
  // first: index of the first record in its segment. REQUIRES: not full; first + count() <=
  // kSegmentSeqs.
  void append_to(base::Bytes& out, std::uint32_t first);
  void clear();
  std::size_t memory_bytes() const { return hashes_.capacity() * sizeof(std::uint32_t); }

 private:
  void remove_twins();

  std::size_t count_ = 0;
  bool full_ = false;
  std::vector<std::uint32_t> hashes_;
};

// Adds to without the records of the segment, which begins at offset of its bucket, that have none
// of the values. Corruption on anything PathValuesPart cannot have made.
base::Result<void> find_without(base::ByteView parts, std::span<const std::uint32_t> hashes,
                                std::uint32_t offset, SeqSet& without);

// The filters of a log as it grows. Applying thread only.
class PathValuesWriter {
 public:
  // next_seq: of the first record added.
  PathValuesWriter(const Database& database, LogNumber log, std::uint64_t next_seq)
      : database_(database), prefix_(path_values_prefix(log)), next_seq_(next_seq) {}

  void add(const event::EventView& event, rocksdb::WriteBatch& batch);
  // Writes what was added since the last time.
  void finish(rocksdb::WriteBatch& batch);
  std::size_t memory_bytes() const { return part_.memory_bytes(); }

 private:
  const Database& database_;
  base::Bytes prefix_;
  std::uint64_t next_seq_;  // behind the part
  PathValuesPart part_;
};

}  // namespace piperoll::store::rocks
