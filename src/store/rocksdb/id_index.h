#pragma once
// Ids that callers chose, and the seqs of their records. Ids that the server made are not here:
// they carry their seq (IdCipher).

#include <cstdint>
#include <optional>
#include <string_view>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

void put_id(rocksdb::WriteBatch& batch, const Database& database, LogNumber log,
            std::string_view id, std::uint64_t seq);
// Nothing: no record of the log has it. Corruption (code "damaged_ids") for a damaged entry.
base::Result<std::optional<std::uint64_t>> get_id(const Database& database,
                                                  const Snapshot& snapshot, LogNumber log,
                                                  std::string_view id);

}  // namespace piperoll::store::rocks
