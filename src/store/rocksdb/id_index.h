#pragma once
// Ids that callers chose, and what was stored under them. Ids that the server made are not here:
// they carry their seq (IdCipher).

#include <optional>
#include <string_view>

#include <rocksdb/write_batch.h>

#include "base/result.h"
#include "store/event_store.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/key_layout.h"

namespace piperoll::store::rocks {

void put_id(rocksdb::WriteBatch& batch, const Database& database, LogNumber log,
            std::string_view id, const KnownId& known);
// Nothing: no record of the log has it. Corruption (code "damaged_ids") for a damaged entry.
base::Result<std::optional<KnownId>> get_id(const Database& database, const Snapshot& snapshot,
                                            LogNumber log, std::string_view id);

}  // namespace piperoll::store::rocks
