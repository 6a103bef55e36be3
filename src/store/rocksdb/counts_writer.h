#pragma once
// Adding to counts that are stored. Applying thread only.

#include <cstdint>
#include <span>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"
#include "store/rocksdb/counts_codec.h"
#include "store/rocksdb/database.h"

namespace piperoll::store::rocks {

// Merges counts into the key of roll, or puts their sum with what is stored when merges, which the
// caller keeps by key, says that many operands lie there. At most once per key and batch.
base::Result<void> add_to_counts(const Database& database, const base::Bytes& key,
                                 std::span<const KeyCount> counts, std::uint8_t& merges,
                                 rocksdb::WriteBatch& batch);

}  // namespace piperoll::store::rocks
