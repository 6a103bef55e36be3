#pragma once
// Ids that callers chose, and the seqs of their records. An id is not kept here but a few bytes of
// its hash: two ids may share them, and whose a seq is, its record tells. Ids that the server made
// are not here: they carry their seq (IdCipher).

#include <cstdint>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

// REQUIRES: greater than every seq put for the log before; check_format() has given the secret.
void put_id(rocksdb::WriteBatch& batch, const Database& database, LogNumber log,
            std::string_view id, std::uint64_t seq);
// The seqs of the records of the log that may have the id, ascending: if one has it, it is among
// them. Mostly none or one. Corruption (code "damaged_ids") for a damaged entry.
base::Result<std::vector<std::uint64_t>> seqs_of_id(const Database& database,
                                                    const Snapshot& snapshot, LogNumber log,
                                                    std::string_view id);

base::Error damaged_ids();

}  // namespace piperoll::store::rocks
